import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action } from '../../src/action/action.ts';
import { type ActionFilterInput, matches, parseFilter } from '../../src/action/filter.ts';
import type { ActionStats } from '../../src/action/stats.ts';
import { defaultConfig } from '../../src/config.ts';
import { LimitReachedError } from '../../src/errors.ts';
import { arbitraryReport, openActions, reported, type TestActions } from '../support/actions.ts';
import { databaseUrls } from '../support/databases.ts';
import { administrator } from '../support/engine.ts';
import { recountedRollups, storedRollups } from '../support/rollups.ts';

const { limits } = defaultConfig();
const runs = Number(process.env.TAILQL_TEST_RUNS ?? 60);
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** Bounds of time that fall on edges of rollups, or just beside. */
const arbitraryTime = (now: number) =>
  fc
    .tuple(fc.integer({ min: -5 * day, max: hour }), fc.constantFrom(1, minute, hour, day), fc.constantFrom(-1, 0, 1))
    .map(([ago, unit, beside]) => new Date(Math.floor((now + ago) / unit) * unit + beside));

/** Half of them such as rollups can answer, but for the ends of the time. */
const arbitraryFilter = (now: number): fc.Arbitrary<ActionFilterInput> => {
  const time = arbitraryTime(now);
  const status = fc.constantFrom('SUCCESS' as const, 'FAILED' as const);
  return fc.oneof(
    fc.record({ from: time, to: time, status }, { requiredKeys: ['from', 'to'] }),
    fc.record(
      {
        services: fc.subarray(['shop', 'Mail', 'straße']),
        actions: fc.subarray(['pay', 'send', 'Send']),
        status,
        from: time,
        to: time,
        minDurationMs: fc.integer({ min: 0, max: 20 }),
        contains: fc.constantFrom('TIME', 'strasse', 'send'),
      },
      { requiredKeys: [] },
    ),
  );
};

/** Counted one by one. */
function recount(all: Action[], filter: ActionFilterInput) {
  const parsed = parseFilter(filter, limits);
  const counted = all.filter((action) => matches(parsed, action));
  const group = (keyOf: (action: Action) => string) => {
    const groups = new Map<string, { total: number; failed: number }>();
    for (const action of counted) {
      const counts = groups.get(keyOf(action)) ?? { total: 0, failed: 0 };
      groups.set(keyOf(action), counts);
      counts.total++;
      if (action.series.status === 'FAILED') counts.failed++;
    }
    return groups;
  };
  const us = counted.map(({ durationUs }) => durationUs).sort((a, b) => a - b);
  return {
    total: counted.length,
    failed: counted.filter(({ series }) => series.status === 'FAILED').length,
    services: group(({ series }) => series.service),
    actions: group(({ series }) => `${series.service} ${series.action}`),
    meanMs: us.length === 0 ? null : us.reduce((sum, one) => sum + one, 0) / us.length / 1000,
    maxMs: us.length === 0 ? null : (us.at(-1) ?? 0) / 1000,
    percentile: (share: number) => (us.length === 0 ? null : (us[Math.ceil(share * us.length) - 1] ?? 0) / 1000),
  };
}

async function expectCounted(stats: ActionStats, truth: ReturnType<typeof recount>) {
  const { tally, services, actions } = await stats.totals();
  expect({ total: tally.total, failed: tally.failed }).toEqual({ total: truth.total, failed: truth.failed });
  const counts = ({ total, failed }: { total: number; failed: number }) => ({ total, failed });
  expect(new Map(services.map((one) => [one.service, counts(one.tally)]))).toEqual(truth.services);
  expect(new Map(actions.map((one) => [`${one.service} ${one.action}`, counts(one.tally)]))).toEqual(truth.actions);
  const { durations } = tally;
  if (truth.meanMs === null) expect(durations.meanMs).toBeNull();
  else expect(durations.meanMs).toBeCloseTo(truth.meanMs, 2);
  expect(durations.maxMs).toBe(truth.maxMs);
  for (const [share, found] of [
    [0.5, durations.p50Ms],
    [0.9, durations.p90Ms],
    [0.95, durations.p95Ms],
    [0.99, durations.p99Ms],
  ] as const) {
    const expected = truth.percentile(share);
    if (expected === null) expect(found).toBeNull();
    else expect(Math.abs((found ?? Number.NaN) - expected)).toBeLessThanOrEqual(expected * 0.02 + 0.001);
  }
  const timeline = await stats.timeline();
  expect(timeline.reduce((sum, { total }) => sum + total, 0)).toBe(truth.total);
  expect(timeline.reduce((sum, { failed }) => sum + failed, 0)).toBe(truth.failed);
}

async function fill({ actions }: TestActions, now: number): Promise<Action[]> {
  const all: Action[] = [];
  for (const batch of fc.sample(fc.array(arbitraryReport(now), { minLength: 60, maxLength: 200 }), {
    numRuns: 8,
    seed: 11,
  })) {
    all.push(...(await actions.record(administrator, batch, null)));
  }
  return all;
}

describe.each(databaseUrls())('statistics on %s', (_kind, freshUrl) => {
  test('are what counting the actions one by one gives, whatever the time and the filter', {
    timeout: 120_000,
  }, async () => {
    const now = Date.now();
    const log = await openActions(await freshUrl());
    const all = await fill(log, now);
    expect(await storedRollups(log.database.sql)).toEqual(await recountedRollups(log.database.sql));
    await fc.assert(
      fc.asyncProperty(arbitraryFilter(now), fc.integer({ min: 1, max: 100 }), async (filter, buckets) => {
        const stats = log.actions.stats(administrator, filter, buckets);
        await expectCounted(stats, recount(all, filter));
        expect((await stats.timeline()).length).toBeLessThanOrEqual(buckets);
      }),
      { numRuns: runs },
    );
  });

  test('are those of what is left, after some was removed and minutes were forgotten', {
    timeout: 120_000,
  }, async () => {
    const now = Date.now();
    const log = await openActions(await freshUrl());
    const all = await fill(log, now);
    const boundary = all[500]?.recordedAt ?? 0;
    await log.actions.upkeep.clear(administrator, { before: new Date(boundary), archive: false });
    const left = all.filter(({ recordedAt }) => recordedAt >= boundary);
    expect(left.length).toBeLessThan(all.length);
    await log.actions.upkeep.keep(now + day);
    const { tally, actions } = await log.actions.stats(administrator, null, 60).totals();
    const truth = recount(left, {});
    expect({ total: tally.total, failed: tally.failed }).toEqual({ total: truth.total, failed: truth.failed });
    expect(tally.durations.meanMs).toBeCloseTo(truth.meanMs ?? 0, 2);
    expect(Math.abs((tally.durations.maxMs ?? 0) / (truth.maxMs ?? 1) - 1)).toBeLessThanOrEqual(0.04);
    expect(
      new Map(
        actions.map((one) => [`${one.service} ${one.action}`, { total: one.tally.total, failed: one.tally.failed }]),
      ),
    ).toEqual(truth.actions);
    await fc.assert(
      fc.asyncProperty(arbitraryFilter(now), async (filter) => {
        expect((await log.actions.stats(administrator, filter, 60).totals()).tally.total).toBe(
          recount(left, filter).total,
        );
      }),
      { numRuns: runs },
    );
    await log.actions.upkeep.clear(administrator, { before: new Date(now + day), archive: false });
    expect(await log.database.sql.read('SELECT "key" FROM "ActionRollup"', [])).toEqual([]);
    expect(await log.database.sql.read('SELECT "id" FROM "Action"', [])).toEqual([]);
  });

  test('of nothing are nothing', async () => {
    const { actions } = await openActions(await freshUrl());
    const stats = actions.stats(administrator, null, 60);
    expect((await stats.totals()).tally).toMatchObject({
      total: 0,
      failed: 0,
      durations: { meanMs: null, p99Ms: null, maxMs: null },
    });
    expect(await stats.timeline()).toEqual([]);
  });

  test('name the most frequent first, and of equally frequent ones in the order of their names', async () => {
    const { actions } = await openActions(await freshUrl());
    const names = ['b', 'a', 'C', 'b'];
    await actions.record(
      administrator,
      names.map((service) => reported({ service })),
      null,
    );
    const { services } = await actions.stats(administrator, null, 60).totals();
    expect(services.map(({ service }) => service)).toEqual(['b', 'C', 'a']);
  });

  test('have a timeline without gaps, whose buckets begin at multiples of their length', async () => {
    const { actions } = await openActions(await freshUrl());
    const at = ['2026-11-20T10:00:30Z', '2026-11-20T10:59:59.999Z', '2026-11-20T12:30:00Z'];
    await actions.record(
      administrator,
      at.map((timestamp) => reported({ timestamp })),
      null,
    );
    const filter = { from: new Date('2026-11-20T10:00:00Z'), to: new Date('2026-11-20T13:00:00Z') };
    const timeline = await actions.stats(administrator, filter, 6).timeline();
    expect(timeline.map(({ from, total }) => [new Date(from).toISOString(), total])).toEqual([
      ['2026-11-20T10:00:00.000Z', 1],
      ['2026-11-20T10:30:00.000Z', 1],
      ['2026-11-20T11:00:00.000Z', 0],
      ['2026-11-20T11:30:00.000Z', 0],
      ['2026-11-20T12:00:00.000Z', 0],
      ['2026-11-20T12:30:00.000Z', 1],
    ]);
  });

  test('that would take too long are refused', async () => {
    const { actions } = await openActions(await freshUrl(), {
      limits: { searchMsPerSummary: 1, maxBatchWrite: 100_000 },
    });
    await actions.record(administrator, Array(20_000).fill(reported()), null);
    await expect(actions.stats(administrator, { minDurationMs: 1 }, 60).totals()).rejects.toThrow(LimitReachedError);
  });
});
