import { type Position, placeAfter } from '../entry.ts';
import type { Chain } from '../file/chain.ts';
import type { TaskBase } from '../scan/piece.ts';
import type { Layout } from './joiner.ts';
import { type FoundRecord, recordsOf } from './joint.ts';
import { between, timeFrom } from './moment.ts';
import { Passage } from './passage.ts';
import { type Sieve, scan } from './scan.ts';
import { readRange } from './span.ts';
import type { TimedEntry } from './time-before.ts';

/** How much one summary of a log may look through. */
export interface SurveyBudget {
  /** Bytes. */
  searchBytesPerSummary: number;
  /** Time (ms). */
  searchMsPerSummary: number;
}

/** How records are counted, of whatever. */
export interface Survey<Count> {
  /** Whether it must be known when they happened. */
  timed: boolean;
  /** Those of a piece, in a thread. */
  countAll: (task: TaskBase) => Promise<Count>;
  countOne: (record: FoundRecord) => Count;
  /** Of no record. */
  none: () => Count;
  /** Adds to the first; at once, so that no more than a few parts are in memory. */
  add: (sum: Count, part: Count) => void;
}

export interface Surveyed<Count> {
  sum: Count;
  /** Whether all was counted. */
  complete: boolean;
  /** Bytes looked through. */
  scannedBytes: number;
}

/** What `read` makes of all of a log, as it is now. */
export const readWhole = <T>(chain: Chain, layout: Layout, read: (whole: Passage) => Promise<T>): Promise<T> =>
  readRange(chain, { after: null, before: null }, async (range) =>
    read(await new Passage(chain, range, layout, 'log').settledPart()),
  );

/**
 * Records looked at for the first with a time. More than where a moment is looked for, as it is done once: a program that
 * starts may print thousands of lines before it logs.
 */
const mostUntimed = 10_000;

/**
 * When the first and the last entry of a log happened that say so, the earlier before the later, in ms since 1970, UTC;
 * null when none near its ends does.
 */
export const extentOf = (
  chain: Chain,
  layout: Layout,
  understanding: Parameters<Passage['readings']>[0],
): Promise<{ first: number; last: number } | null> =>
  readWhole(chain, layout, async (whole) => {
    if (whole.spans.length === 0) return null;
    const readingOf = whole.readings(understanding);
    const oldest = await timeFrom(whole, whole.beginning, readingOf, mostUntimed);
    const newest = await whole.timeBefore(await whole.end(), readingOf);
    const times = [oldest, newest?.time ?? null].filter((time) => time !== null);
    return times.length === 0 ? null : { first: Math.min(...times), last: Math.max(...times) };
  });

/**
 * The last entry before a position that says when it happened, by its place in bytes after that, which is never positive.
 * Null for the end of the log.
 *
 * @throws {PositionLostError} when the position is no longer in the log
 */
export const timeBeforeIn = (
  chain: Chain,
  position: Position | null,
  layout: Layout,
  understanding: Parameters<Passage['readings']>[0],
): Promise<TimedEntry | null> =>
  readRange(chain, { after: null, before: position && placeAfter(position) }, async (range) => {
    const passage = new Passage(chain, range, layout, 'bound');
    if (range.spans.length === 0) return null;
    const end = await passage.end();
    const last = await passage.timeBefore(end, passage.readings(understanding));
    return last && { ...last, offset: last.offset - end.offset };
  });

/** Counts the records of a log that fulfil a filter, the newest first, as far as the budget goes. */
export const survey = <Count>(
  chain: Chain,
  layout: Layout,
  sieve: Sieve,
  { timed, countAll, countOne, none, add }: Survey<Count>,
  budget: SurveyBudget,
): Promise<Surveyed<Count>> =>
  readWhole(chain, layout, async (whole) => {
    const { condition, bounds } = sieve.filter;
    const { low, high } = await between(whole, bounds, sieve);
    const passage = await whole.part(low, high);
    const counting = scan<Count[]>({
      passage,
      sieve,
      from: 'end',
      timed: timed || condition.needsTime,
      piece: async (task) => [await countAll(task)],
      joint: async (unit) => (await recordsOf(unit, passage, sieve)).map(countOne),
    });
    const deadline = performance.now() + budget.searchMsPerSummary;
    const sum = none();
    let scannedBytes = 0;
    for await (const { bytes, result } of counting) {
      for (const part of result) add(sum, part);
      scannedBytes += bytes;
      if (scannedBytes >= budget.searchBytesPerSummary || performance.now() >= deadline) break;
    }
    return { sum, complete: scannedBytes >= (await passage.distance(low, high)), scannedBytes };
  });
