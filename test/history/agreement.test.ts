import { appendFileSync, utimesSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter } from '../../src/filter/compile.ts';
import type { Condition } from '../../src/filter/condition.ts';
import type { Entry } from '../../src/format/entry.ts';
import type { Tail } from '../../src/stream.ts';
import { logLines, someFilter } from '../support/random-log.ts';
import { rawOf, setUp } from './segments.ts';

/** Set to run more, as before a release. */
const numRuns = Number(process.env.TAILQL_TEST_RUNS ?? 25);

/**
 * What a look at one entry after the other finds, from the entry number `first` on: those without a time have that of the
 * last one that begins at most a MiB before.
 */
function naive(entries: Entry[], condition: Condition, first = 0): string[] {
  let [time, since]: [number | null, number] = [null, 0];
  return entries
    .filter((entry, index) => {
      const { timestamp } = entry.parsed;
      if (timestamp !== null) [time, since] = [timestamp, 0];
      const known = since <= 1024 * 1024 ? time : null;
      since += entry.record.position.length;
      return index >= first && condition.matches(entry, known);
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
    fc.asyncProperty(cases, async (one) => {
      const { log, cuts, searchBytesPerPage, live } = one;
      const { files, rest } = divided(log.records, cuts, live);
      const setup = await setUp(files, { limits: { searchBytesPerPage } }, {}, log.format);
      try {
        for (const [index, name] of ['.2.gz', '.1', ''].entries()) utimesSync(setup.path + name, index + 1, index + 1);
        await compare(setup, one, rest);
      } finally {
        await setup.engine.close();
      }
    }),
    { numRuns },
  );
});

type Setup = Awaited<ReturnType<typeof setUp>>;
type Case = typeof cases extends fc.Arbitrary<infer One> ? One : never;

async function compare(setup: Setup, { filter, pageSize, begin }: Case, rest: string): Promise<void> {
  const { path, follow, engine } = setup;
  const entries = await setup.pages('beginning', 1000);
  const compiled = compileFilter(filter, engine.config.limits, []);
  const expected = naive(entries, compiled.condition);
  expect(rawOf(await setup.pages('beginning', pageSize, filter))).toEqual(expected);
  expect(rawOf(await setup.pages('end', pageSize, filter))).toEqual(expected);

  const first = Math.floor(begin * entries.length);
  // Without a place to begin at, it is where the filter's time begins, if it says one.
  const isFromNow = first === 0 && compiled.bounds.from === null;
  const tail = await follow({ after: entries[first - 1]?.cursor, filter });
  try {
    expect(await take(tail, 'caught-up')).toEqual(isFromNow ? [] : naive(entries, compiled.condition, first));
    appendFileSync(path, rest);
    utimesSync(path, 3, 3);
    const wanted = naive(await setup.pages('beginning', 1000), compiled.unbounded, entries.length);
    expect(await take(tail, wanted.length)).toEqual(wanted);
  } finally {
    await tail.return();
  }
}

/** The files of a log, and what is written to it later. */
function divided(records: string[], cuts: [number, number], live: number) {
  const text = (some: string[]) => some.map((record) => `${record}\n`).join('');
  const written = records.slice(0, Math.max(records.length - live, 1));
  const all = text(written);
  const lineEnd = (at: number) => all.indexOf('\n', Math.min(Math.floor(at), all.length - 1)) + 1;
  const [low = 0, high = 0] = cuts.map((share) => lineEnd(share * all.length)).sort((a, b) => a - b);
  return {
    files: { '.2.gz': gzipSync(all.slice(0, low)), '.1': all.slice(low, high), '': all.slice(high) },
    rest: text(records.slice(written.length)),
  };
}

/** What a tail gives, so many entries or up to having caught up. */
async function take(tail: Tail, upTo: number | 'caught-up'): Promise<string[]> {
  const found: string[] = [];
  for (let kind = ''; upTo === 'caught-up' ? kind !== upTo : found.length < upTo; ) {
    const { value } = await tail.next();
    if (value === undefined) throw new Error('The tail ended.');
    kind = value.kind;
    // Said when nothing came for seconds.
    if (kind === 'progress') throw new Error(`Nothing came after ${found.length} entries, and not ${upTo}.`);
    if (value.kind === 'batch') found.push(...rawOf(value.entries));
  }
  return found;
}
