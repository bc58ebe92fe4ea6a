import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Action } from '../../src/action/action.ts';
import { recordedCursor } from '../../src/action/place.ts';
import type { ActionReader, ReaderEvent } from '../../src/action/reader.ts';
import { InvalidInputError } from '../../src/errors.ts';
import { openActions, reported, type TestActions } from '../support/actions.ts';
import { databaseUrls } from '../support/databases.ts';
import { administrator } from '../support/engine.ts';

async function follow(
  log: TestActions,
  filter: object | null = null,
  after: string | null = null,
): Promise<ActionReader> {
  const reader = await log.actions.follow(administrator, filter, after);
  onTestFinished(async () => {
    await reader.return();
  });
  return reader;
}

async function next(reader: ActionReader): Promise<ReaderEvent> {
  const { value } = await reader.next();
  if (value === undefined) throw new Error('The reader has ended.');
  return value;
}

/** Takes events until there were so many actions; a gap among them fails. */
async function take(reader: ActionReader, count: number): Promise<Action[]> {
  const actions: Action[] = [];
  while (actions.length < count) {
    const event = await next(reader);
    if (event.kind === 'gap') throw new Error(`A gap from ${event.from} to ${event.to}`);
    actions.push(...event.actions);
  }
  return actions;
}

const many = (count: number, values: object = {}) => Array.from({ length: count }, () => reported(values));

describe.each(databaseUrls())('following on %s', (_kind, freshUrl) => {
  test('begins with what is recorded from now on', async () => {
    const log = await openActions(await freshUrl());
    await log.actions.record(administrator, many(3), null);
    const reader = await follow(log);
    const recorded = await log.actions.record(administrator, many(2), null);
    expect(await next(reader)).toEqual({ kind: 'batch', actions: recorded, cursor: 5 });
  });

  test('goes on after a cursor of an event or of a page, and then live, each action once', async () => {
    const log = await openActions(await freshUrl());
    const first = await log.actions.record(administrator, many(700), null);
    const reader = await follow(log, null, recordedCursor(10));
    const second = await log.actions.record(administrator, many(300), null);
    expect(await take(reader, 990)).toEqual([...first, ...second].slice(10));
    const third = await log.actions.record(administrator, many(5), null);
    expect(await take(reader, 5)).toEqual(third);
  });

  test('lets through what the filter does, also of what was recorded before', async () => {
    const log = await openActions(await freshUrl());
    const wanted: Action[] = [];
    const record = async () => {
      const recorded = await log.actions.record(
        administrator,
        [...many(400), ...many(2, { service: 'mail', status: 'FAILED', error: 'Timed OUT' }), ...many(100)],
        null,
      );
      wanted.push(...recorded.slice(400, 402));
    };
    await record();
    const filter = { services: ['mail'], status: 'FAILED', contains: 'out' };
    const reader = await follow(log, filter, recordedCursor(0));
    await record();
    expect(await take(reader, 4)).toEqual(wanted);
    await record();
    expect(await take(reader, 2)).toEqual(wanted.slice(4));
  });

  test('misses nothing when it is slower than what is recorded', async () => {
    const log = await openActions(await freshUrl());
    const reader = await follow(log);
    const all: Action[] = [];
    const record = async (count: number) => {
      all.push(...(await log.actions.record(administrator, many(count), null)));
    };
    await record(1);
    expect(await take(reader, 1)).toEqual(all);
    // More than waits for a reader, while it asks for nothing.
    for (let batch = 0; batch < 6; batch++) await record(900);
    const rest = take(reader, 5400 + 10);
    await record(10);
    expect(await rest).toEqual(all.slice(1));
  });

  test('a reader that asks now and then gets the same as one that never waits', { timeout: 60_000 }, async () => {
    const log = await openActions(await freshUrl());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ count: fc.integer({ min: 1, max: 900 }), taken: fc.integer({ min: 0, max: 4 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        async (steps) => {
          const reader = await follow(log, { services: ['shop'] });
          const expected: Action[] = [];
          const found: Action[] = [];
          for (const { count, taken } of steps) {
            const recorded = await log.actions.record(
              administrator,
              [...many(count), ...many(3, { service: 'other' })],
              null,
            );
            expected.push(...recorded.slice(0, count));
            for (let event = 0; event < taken && found.length < expected.length; event++) {
              const event = await next(reader);
              if (event.kind === 'batch') found.push(...event.actions);
            }
          }
          if (found.length < expected.length) found.push(...(await take(reader, expected.length - found.length)));
          expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
          await reader.return();
        },
      ),
      { numRuns: 15 },
    );
  });

  test('tells of a gap what was removed and why, and goes on behind it', async () => {
    const log = await openActions(await freshUrl());
    await log.actions.record(administrator, many(100), null);
    await log.actions.upkeep.clear(administrator, { before: new Date(Date.now() + 1000), archive: false });
    const left = await log.actions.record(administrator, many(5), null);
    const reader = await follow(log, null, recordedCursor(30));
    expect(await next(reader)).toEqual({ kind: 'gap', from: 30, to: 100, skipped: 70, reason: 'CLEARED' });
    expect(await take(reader, 5)).toEqual(left);
    const filtered = await follow(log, { status: 'SUCCESS' }, recordedCursor(30));
    expect(await next(filtered)).toMatchObject({ kind: 'gap', skipped: null });
    await log.actions.upkeep.keep(Date.now() + 40 * 86_400_000);
    expect(await next(await follow(log, null, recordedCursor(101)))).toMatchObject({
      kind: 'gap',
      to: 105,
      reason: 'RETENTION',
    });
    const page = {
      order: { field: 'RECORDED', direction: 'ASC' },
      take: { first: 5 },
      before: null,
      filter: null,
    } as const;
    expect((await log.actions.page(administrator, { ...page, after: recordedCursor(30) })).actions).toEqual([]);
  });

  test('ends at once while nothing happens, and when it was ended before', async () => {
    const log = await openActions(await freshUrl());
    const reader = await follow(log);
    const waiting = reader.next();
    await reader.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('refuses what is no cursor, or one of another log', async () => {
    const log = await openActions(await freshUrl());
    await expect(follow(log, null, 'x')).rejects.toThrow(InvalidInputError);
    await expect(follow(log, null, recordedCursor(7))).rejects.toThrow(/another action log/);
  });

  test('sees what another process has recorded', async () => {
    const url = await freshUrl();
    const [log, other] = [await openActions(url), await openActions(url)];
    if (log.database.sql.file !== null) return;
    const reader = await follow(log);
    const waiting = take(reader, 3);
    const [first] = await other.actions.record(administrator, many(1, { action: 'new' }), null);
    const [second] = await log.actions.record(administrator, many(1), null);
    const [third] = await other.actions.record(administrator, many(1, { action: 'newer' }), null);
    expect(await waiting).toEqual([first, second, third]);
  });

  test('statistics of a window come at once, and when something has come into it', async () => {
    const log = await openActions(await freshUrl());
    const stats = log.actions.followStats(administrator, { services: ['shop'] }, { windowMs: 300_000, everyMs: 250 });
    const total = async () => (await (await stats.next()).value?.totals())?.tally.total;
    expect(await total()).toBe(0);
    await log.actions.record(administrator, many(3, { service: 'other' }), null);
    await log.actions.record(administrator, many(3), null);
    await log.actions.record(administrator, many(4), null);
    expect(await total()).toBe(7);
    await log.actions.record(administrator, many(1, { timestamp: new Date(Date.now() - 3_600_000) }), null);
    const waiting = stats.next();
    await stats.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});
