import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action } from '../../src/action/action.ts';
import { type ActionFilterInput, matches, parseFilter } from '../../src/action/filter.ts';
import type { ActionOrder, ActionPage } from '../../src/action/page.ts';
import { defaultConfig } from '../../src/config.ts';
import { InvalidInputError } from '../../src/errors.ts';
import { arbitraryReport, openActions, reported } from '../support/actions.ts';
import { databaseUrls } from '../support/databases.ts';
import { administrator } from '../support/engine.ts';

const { limits } = defaultConfig();
const runs = Number(process.env.TAILQL_TEST_RUNS ?? 60);

const arbitraryFilter = (now: number): fc.Arbitrary<ActionFilterInput> => {
  const time = fc.integer({ min: -5 * 86_400_000, max: 0 }).map((ago) => new Date(now + ago));
  return fc.record(
    {
      services: fc.subarray(['shop', 'Mail', 'straße', 'none\0']),
      actions: fc.subarray(['pay', 'send', 'Send']),
      status: fc.constantFrom('SUCCESS' as const, 'FAILED' as const),
      from: time,
      to: time,
      minDurationMs: fc.integer({ min: 0, max: 20 }),
      maxDurationMs: fc.integer({ min: 0, max: 20 }),
      contains: fc.constantFrom('TIME', 'strasse', 'ß', 'send', '\0', ''),
    },
    { requiredKeys: [] },
  );
};

const arbitraryOrder: fc.Arbitrary<ActionOrder> = fc.record({
  field: fc.constantFrom('RECORDED', 'TIMESTAMP', 'DURATION'),
  direction: fc.constantFrom('ASC', 'DESC'),
});

const keyOf = (action: Action, { field }: ActionOrder): number =>
  field === 'RECORDED' ? action.id : field === 'TIMESTAMP' ? action.timestamp : action.durationUs;

/** The list as it is, made the simple way. */
function listOf(all: Action[], filter: ActionFilterInput, order: ActionOrder): Action[] {
  const parsed = parseFilter(filter, limits);
  const sign = order.direction === 'ASC' ? 1 : -1;
  return all
    .filter((action) => matches(parsed, action))
    .sort((one, other) => sign * (keyOf(one, order) - keyOf(other, order) || one.id - other.id));
}

const idsOf = (page: ActionPage): number[] => page.actions.map(({ action }) => action.id);

describe.each(databaseUrls())('pages of actions on %s', (_kind, freshUrl) => {
  test('turned one after the other, forwards or backwards, are the list that the filter makes of all', {
    timeout: 120_000,
  }, async () => {
    const now = Date.now();
    const { actions } = await openActions(await freshUrl());
    const all: Action[] = [];
    // Over a few blocks, in batches of their own.
    for (const batch of fc.sample(fc.array(arbitraryReport(now), { minLength: 60, maxLength: 200 }), {
      numRuns: 8,
      seed: 7,
    })) {
      all.push(...(await actions.record(administrator, batch, null)));
    }
    await fc.assert(
      fc.asyncProperty(
        arbitraryFilter(now),
        arbitraryOrder,
        fc.integer({ min: 1, max: 150 }),
        fc.constantFrom('first' as const, 'last' as const),
        async (filter, order, size, end) => {
          const expected = listOf(all, filter, order).map(({ id }) => id);
          const found: number[] = [];
          let cursor: string | null = null;
          for (let turned = 0; turned <= expected.length; turned++) {
            const page: ActionPage = await actions.page(administrator, {
              filter,
              order,
              take: end === 'first' ? { first: size } : { last: size },
              after: end === 'first' ? cursor : null,
              before: end === 'last' ? cursor : null,
            });
            if (end === 'first') found.push(...idsOf(page));
            else found.unshift(...idsOf(page));
            expect(end === 'first' ? page.hasPrevious : page.hasNext).toBe(cursor !== null);
            if (!(end === 'first' ? page.hasNext : page.hasPrevious)) break;
            expect(page.actions).toHaveLength(size);
            cursor = end === 'first' ? page.end : page.start;
          }
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: runs },
    );
  });

  test('lie between two cursors when both are given', async () => {
    const { actions } = await openActions(await freshUrl());
    await actions.record(administrator, Array(20).fill(reported()), null);
    const whole = (order: ActionOrder, after: string | null, before: string | null) =>
      actions.page(administrator, { filter: null, order, take: { first: 100 }, after, before });
    for (const field of ['RECORDED', 'TIMESTAMP', 'DURATION'] as const) {
      for (const direction of ['ASC', 'DESC'] as const) {
        const order = { field, direction };
        const all = await whole(order, null, null);
        const between = await whole(order, all.actions[4]?.cursor ?? null, all.actions[9]?.cursor ?? null);
        expect(idsOf(between)).toEqual(idsOf(all).slice(5, 9));
        expect(between).toMatchObject({ hasPrevious: true, hasNext: false });
      }
    }
  });

  test('are told apart from those of another order, and from what is no cursor', async () => {
    const { actions } = await openActions(await freshUrl());
    await actions.record(administrator, [reported()], null);
    const page = (field: ActionOrder['field'], after: string | null) =>
      actions.page(administrator, {
        filter: null,
        order: { field, direction: 'ASC' },
        take: { first: 1 },
        after,
        before: null,
      });
    const { end } = await page('DURATION', null);
    await expect(page('RECORDED', end)).rejects.toMatchObject({ problems: [{ code: 'CURSOR_OF_OTHER_ORDER' }] });
    await expect(page('RECORDED', 'nonsense')).rejects.toThrow(InvalidInputError);
  });

  test('end by time with what was found, and go on from there', async () => {
    const { actions } = await openActions(await freshUrl(), { limits: { searchMsPerPage: 1 } });
    for (let batch = 0; batch < 30; batch++) {
      const reports = Array.from({ length: 500 }, (_, index) =>
        reported({ error: index === 250 ? `needle ${batch}` : 'hay' }),
      );
      await actions.record(administrator, reports, null);
    }
    for (const field of ['RECORDED', 'TIMESTAMP'] as const) {
      const found: number[] = [];
      let cursor: string | null = null;
      let pages = 0;
      for (let hasNext = true; hasNext; pages++) {
        const page: ActionPage = await actions.page(administrator, {
          filter: { contains: 'NEEDLE' },
          order: { field, direction: 'ASC' },
          take: { first: 100 },
          after: cursor,
          before: null,
        });
        found.push(...idsOf(page));
        hasNext = page.hasNext;
        cursor = page.end;
      }
      expect(found).toEqual(Array.from({ length: 30 }, (_, batch) => batch * 500 + 251));
      expect(pages).toBeGreaterThan(1);
    }
  });
});
