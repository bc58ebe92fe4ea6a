import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExaminedEntry, examined, Findings, packed, together } from '../../src/analysis/findings.ts';
import { reportOf } from '../../src/analysis/report.ts';
import type { RouteNode } from '../../src/analysis/routes.ts';
import type { Level, Position } from '../../src/entry.ts';

const scale = { from: 0, bucketMs: 1000, buckets: 50 };
const log = { format: 'TEXT', scale, sourceId: 'source' } as const;

const message = fc.oneof(
  fc.integer({ min: 0, max: 99 }).map((user) => `user u${user} logged in`),
  fc.integer({ min: 0, max: 99 }).map((ms) => `query took ${ms} ms`),
  fc.constantFrom('disk full', 'started', 'lost connection to db-1.internal'),
);

const entries = fc.array(
  fc.record({
    message,
    time: fc.option(fc.integer({ min: -2000, max: 60_000 })),
    level: fc.constantFrom<Level>('INFO', 'WARN', 'ERROR', 'UNKNOWN'),
    request: fc.option(
      fc.record({
        status: fc.integer({ min: 100, max: 599 }),
        durationMs: fc.nat(5000),
        // Whether the message says nothing else, as in an access log.
        isAll: fc.boolean(),
      }),
    ),
    // Whether a part of the log, and of parts that are put together, ends after it.
    ends: fc.constantFrom('nothing', 'nothing', 'part', 'group'),
  }),
  { maxLength: 80 },
);

type Drawn = typeof entries extends fc.Arbitrary<(infer One)[]> ? One : never;

function entryOf({ message, time, level, request }: Drawn, index: number): ExaminedEntry {
  const path = `/jobs/${message.replaceAll(' ', '/')}`;
  const { isAll = false, ...measures } = request ?? {};
  const parsed = {
    ...{ timestamp: time, level, message: isAll ? `GET ${path} ${request?.status}` : message },
    fields: request === null ? {} : { ...measures, method: 'GET', path },
  };
  return examined({ parsed, record: { position: positionAt(index * 10) } }, time);
}

const positionAt = (offset: number): Position => ({
  segment: { inode: 1, bornAt: 1, prefixLength: 0, prefixHash: 0 },
  ...{ offset, length: 10, marker: 0 },
});

const partOf = (some: readonly ExaminedEntry[]): Uint8Array => {
  const findings = new Findings(scale);
  for (const one of some) findings.see(one);
  return packed(findings);
};

/** Cut after the items of which that is said. */
function cut<Item>(items: readonly Item[], isCut: (item: Item, index: number) => boolean): Item[][] {
  const pieces: Item[][] = [[]];
  for (const [index, item] of items.entries()) {
    pieces.at(-1)?.push(item);
    if (isCut(item, index)) pieces.push([]);
  }
  return pieces;
}

/** With as many examples as one part has of each pattern: of several parts there are more. */
const withoutExamples = (report: ReturnType<typeof reportOf>) => ({
  ...report,
  patterns: report.patterns.map(({ examples, ...pattern }) => ({ ...pattern, hasExample: examples.length > 0 })),
});

test('a log has the same report however it is cut into parts, and these are put together', () => {
  fc.assert(
    fc.property(entries, (drawn) => {
      const all = drawn.map(entryOf);
      const whole = reportOf(together([partOf(all)], scale), log);
      const numbered = drawn.map(({ ends }, index) => ({ ends, index }));
      const groups = cut(numbered, ({ ends }) => ends === 'group').map((group) => {
        const parts = cut(group, ({ ends }) => ends === 'part');
        const bytes = parts.map((part) => partOf(part.flatMap(({ index }) => all[index] ?? [])));
        return packed(together(bytes, scale));
      });
      const put = reportOf(together(groups, scale), log);
      expect(withoutExamples(put)).toEqual(withoutExamples(whole));
      expect(put.entryCount).toBe(drawn.length);
    }),
  );
});

test('examples of a pattern are its first entries, of as many parts', () => {
  const all = Array.from({ length: 5 }, (_, index) =>
    entryOf({ message: 'disk full', time: index, level: 'ERROR', request: null, ends: 'nothing' }, index),
  );
  const parts = all.map((one) => partOf([one]));
  const { shapes } = together([packed(together(parts.slice(0, 2), scale)), ...parts.slice(2)], scale).counted;
  expect(shapes.map(([, { examples }]) => examples.map(({ offset }) => offset))).toEqual([[0, 10, 20]]);
});

test('requests with ever other answers take no more room than others', () => {
  const findings = new Findings(scale);
  const parsed = { timestamp: 0, level: 'INFO' as const, message: '', fields: {} };
  const record = { position: positionAt(0) };
  const [targets, statuses] = [100, 900];
  for (let status = 100; status < 100 + statuses; status++) {
    for (let target = 0; target < targets; target++) {
      const path = `/${'ab'.repeat(target)}`;
      findings.see({
        ...{ level: 'INFO', time: 0 },
        request: () => ({ target: `GET ${path}`, status, bytesSent: null, durationMs: null }),
        whole: () => ({
          parsed: { ...parsed, message: `GET ${path} ${status}`, fields: { method: 'GET', path, status } },
          record,
        }),
      });
    }
  }
  const sizeOf = ({ children, tallies }: RouteNode): number =>
    [...children.values()].reduce((sum, child) => sum + sizeOf(child), tallies.size);
  const { requests } = findings.counted;
  expect(requests && sizeOf(requests.routes)).toBeLessThanOrEqual(20_000);
  const counts = [...findings.templates().keys()].map(({ count }) => count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(targets * statuses);
});
