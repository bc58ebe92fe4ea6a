import { isError, type Level } from '../entry.ts';
import type { Scale } from '../history/histogram.ts';
import { believable } from './significance.ts';

/** What is to be known of a pattern to tell whether it is new. */
export interface Seen {
  level: Level;
  count: number;
  /** Milliseconds since 1970, UTC; null when its entries have no times. */
  firstSeen: number | null;
}

/** A pattern that was not there at first. */
export interface Novelty {
  /** Index of the pattern. */
  pattern: number;
  /** Milliseconds since 1970, UTC. */
  from: number;
  /** How likely none of its entries came before, if it had always been there. */
  chance: number;
}

/** Of the time covered, in which everything is new. */
const atFirst = 0.2;
/** Entries that make a pattern more than a chance remark; of errors one is enough. */
const fewest = 5;

/** The share of all entries (0 to 1) that came before each bucket. */
function sharesBefore(total: ArrayLike<number>): number[] {
  const before: number[] = [0];
  for (let index = 0; index < total.length; index++) before.push((before[index] ?? 0) + (total[index] ?? 0));
  const all = Math.max(before.at(-1) ?? 0, 1);
  return before.map((count) => count / all);
}

/**
 * Patterns first seen after the first fifth of the time, that are worth telling of: errors, and those that repeat so
 * often that they would have been seen before. In a log to which new patterns come all the time (in more than a tenth
 * of the buckets), they are nothing new: only errors count there.
 */
export function noveltiesIn(scale: Scale, total: ArrayLike<number>, patterns: readonly Seen[]): Novelty[] {
  const { from: begin, bucketMs, buckets } = scale;
  const start = begin + atFirst * buckets * bucketMs;
  const shares = sharesBefore(total);
  const found = patterns.flatMap(({ level, count, firstSeen }, pattern) => {
    if (firstSeen === null || firstSeen < start) return [];
    const bucket = Math.min(Math.floor((firstSeen - begin) / bucketMs), buckets - 1);
    return [{ pattern, level, count, bucket, from: firstSeen, chance: (1 - (shares[bucket] ?? 0)) ** count }];
  });
  const repeating = found.filter(({ count }) => count >= fewest);
  const isAlwaysNew = new Set(repeating.map(({ bucket }) => bucket)).size > Math.max(buckets / 10, fewest);
  const most = isAlwaysNew
    ? -1
    : believable(
        repeating.map(({ chance }) => chance),
        patterns.length,
      );
  return found
    .filter(({ level, count, chance }) => isError(level) || (count >= fewest && chance <= most))
    .map(({ pattern, from, chance }) => ({ pattern, from, chance }));
}
