import type { Level } from '../entry.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

/** Lengths (ms) of buckets that a person can read off an axis. */
const lengths = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 28].map((count) => count * day),
];

/** The buckets of a histogram: they begin at multiples of their length since 1970, UTC. */
export interface Scale {
  /** Where the first one begins; ms since 1970, UTC. */
  from: number;
  bucketMs: number;
  buckets: number;
}

/** At most so many buckets over what happened from `from` on and before `to` (ms since 1970, UTC). */
export function scaleOf({ from, to }: { from: number; to: number }, most: number): Scale {
  // Whatever its length, a bucket begins with 1970: what was before counts in it, if it is the only one.
  const low = most === 1 && to > 0 ? Math.max(from, 0) : from;
  const fits = (length: number) => Math.ceil(to / length) - Math.floor(low / length) <= most;
  let bucketMs = lengths.find(fits) ?? 28 * day;
  // Doubled: a filter may bound ten thousand years, and this is done at once.
  while (!fits(bucketMs)) bucketMs *= 2;
  const first = Math.floor(low / bucketMs);
  return { from: first * bucketMs, bucketMs, buckets: Math.max(Math.ceil(to / bucketMs) - first, 1) };
}

/** How many entries of each level happened in a stretch of time. */
export interface Bucket {
  /** Milliseconds since 1970, UTC. */
  from: number;
  total: number;
  /** Those of which there are any. */
  levels: { level: Level; count: number }[];
}

/** In the order in which they are counted. */
const countedLevels: readonly Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'UNKNOWN'];

const levelIndex = Object.fromEntries(countedLevels.map((level, index) => [level, index]));

/** A number for each level in each bucket; those of a bucket stand together. */
export const emptyCounts = ({ buckets }: Scale): Float64Array => new Float64Array(buckets * countedLevels.length);

export function addCounts(sum: Float64Array, part: Float64Array): void {
  for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) + (part[index] ?? 0);
}

/** The bucket of a moment. What is beyond the ends is of the first, or the last. */
export const bucketAt = ({ from, bucketMs, buckets }: Scale, time: number): number =>
  Math.min(Math.max(Math.floor((time - from) / bucketMs), 0), buckets - 1);

/** Where an entry is counted. */
export const indexIn = (scale: Scale, time: number, level: Level): number =>
  bucketAt(scale, time) * countedLevels.length + (levelIndex[level] ?? 0);

export function bucketsOf({ from, bucketMs, buckets }: Scale, counts: Float64Array): Bucket[] {
  return Array.from({ length: buckets }, (_, index) => {
    const own = counts.subarray(index * countedLevels.length, (index + 1) * countedLevels.length);
    const levels = countedLevels.map((level, at) => ({ level, count: own[at] ?? 0 })).filter(({ count }) => count > 0);
    return { from: from + index * bucketMs, total: own.reduce((sum, count) => sum + count, 0), levels };
  });
}
