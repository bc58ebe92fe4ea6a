import { appendFileSync, utimesSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import { compileFilter } from '../../src/filter/compile.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import type { Entry } from '../../src/format/entry.ts';
import { logLines, someFilter } from '../support/random-log.ts';
import { rawOf, setUp } from './segments.ts';

/** Set to run more, as before a release. */
const numRuns = Number(process.env.TAILQL_TEST_RUNS ?? 25);

/** What a look at one entry after the other finds. */
function naive(
  entries: Entry[],
  { condition }: { condition: ReturnType<typeof compileFilter>['condition'] },
): string[] {
  let time: number | null = null;
  return entries
    .filter((entry) => {
      time = entry.parsed.timestamp ?? time;
      return condition.matches(entry, time);
    })
    .map(({ raw }) => raw);
}

const cases = fc.record({
  log: logLines,
  /** Shares of the log that are in the compressed file, and in it or the rotated one. */
  cuts: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  filter: someFilter,
  pageSize: fc.integer({ min: 1, max: 20 }),
  searchBytesPerPage: fc.constantFrom(1, 5000, 1024 ** 3),
  begin: fc.double({ min: 0, max: 1, noNaN: true }),
  live: fc.integer({ min: 0, max: 20 }),
});

test('pages from either end, a tail and a look at every entry find the same', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ log: { format, records }, cuts, filter, begin, live, ...sizes }) => {
      const written = records.slice(0, records.length - live);
      const text = written.map((record) => `${record}\n`).join('');
      const [low = 0, high = 0] = cuts.map((share) => lineEnd(text, share * text.length)).sort((a, b) => a - b);
      const files = { '.2.gz': gzipSync(text.slice(0, low)), '.1': text.slice(low, high), '': text.slice(high) };
      const { page, path, source, follow, engine } = await setUp(
        files,
        { limits: { searchBytesPerPage: sizes.searchBytesPerPage } },
        {},
        format,
      );
      for (const [index, name] of ['.2.gz', '.1', ''].entries()) utimesSync(path + name, index + 1, index + 1);
      const { id } = await source();
      const all = async (from: 'beginning' | 'end', wanted?: FilterInput) => {
        const found: Entry[] = [];
        for (let cursor: string | undefined; ; ) {
          const size = wanted === undefined ? 1000 : sizes.pageSize;
          const one = await page(
            from === 'end'
              ? { before: cursor, take: { last: size }, filter: wanted }
              : { after: cursor, take: { first: size }, filter: wanted },
          );
          found.splice(from === 'end' ? 0 : found.length, 0, ...one.entries);
          if (from === 'end' ? !one.hasPrevious : !one.hasNext) return found;
          cursor = encodeCursor([[id, from === 'end' ? one.start : one.end]]);
        }
      };
      const entries = await all('beginning');
      const compiled = compileFilter(filter, engine.config.limits, []);
      const expected = naive(entries, compiled);
      expect(rawOf(await all('beginning', filter))).toEqual(expected);
      expect(rawOf(await all('end', filter))).toEqual(expected);

      const first = Math.floor(begin * entries.length);
      const tail = await follow({ after: entries[first - 1]?.cursor, filter });
      onTestFinished(async () => void (await tail.return()));
      const found: string[] = [];
      const before = naive(entries.slice(0, first), compiled).length;
      // Without a place to begin at, it is where the filter's time begins, if it says one.
      const isFromNow = first === 0 && compiled.bounds.from === null;
      const history = isFromNow ? [] : expected.slice(before);
      for (let kind = ''; kind !== 'caught-up'; ) {
        const { value } = await tail.next();
        kind = value?.kind ?? 'caught-up';
        if (value?.kind === 'batch') found.push(...rawOf(value.entries));
      }
      expect(found).toEqual(history);
      const added = records.slice(written.length);
      appendFileSync(path, added.map((record) => `${record}\n`).join(''));
      utimesSync(path, 3, 3);
      const later = (await all('beginning')).slice(entries.length);
      const wanted = later
        .filter((entry) => compiled.unbounded.matches(entry, entry.parsed.timestamp))
        .map(({ raw }) => raw);
      const came: string[] = [];
      while (came.length < wanted.length) {
        const { value } = await tail.next();
        if (value?.kind === 'batch') came.push(...rawOf(value.entries));
      }
      expect(came).toEqual(wanted);
      await tail.return();
      await engine.close();
    }),
    { numRuns },
  );
});

/** Index after the line that `at` is in. */
const lineEnd = (text: string, at: number): number => text.indexOf('\n', Math.min(Math.floor(at), text.length - 1)) + 1;
