import type { TimeRange } from './cover.ts';
import { type Level, levels } from './rollup-key.ts';

const [minute, hour, day] = levels;

export interface TimelineBucket {
  /** When it begins; ms since 1970, UTC. */
  from: number;
  total: number;
  failed: number;
}

/**
 * Lengths of buckets (ms), by how long a timeline may be that has such: of a few hours minutes are added up, of a few
 * days hours, of more days; so never more than some ten thousand rollups.
 */
const lengths = [
  { longest: 3 * hour, lengths: [1, 2, 5, 10, 15, 30].map((count) => count * minute) },
  { longest: 7 * day, lengths: [1, 2, 3, 6, 12].map((count) => count * hour) },
  { longest: Number.POSITIVE_INFINITY, lengths: [1, 2, 7, 14, 28].map((count) => count * day) },
];

/** What happened when: buckets that begin at multiples of their length since 1970, UTC. */
export class Timeline {
  readonly bucketMs: number;
  readonly buckets: TimelineBucket[];
  readonly #from: number;

  constructor({ from, to }: TimeRange, bucketMs: number) {
    this.bucketMs = bucketMs;
    this.#from = Math.floor(from / bucketMs) * bucketMs;
    const count = Math.ceil((to - this.#from) / bucketMs);
    this.buckets = Array.from({ length: count }, (_, index) => ({
      from: this.#from + index * bucketMs,
      total: 0,
      failed: 0,
    }));
  }

  add(time: number, total: number, failed: number): void {
    const bucket = this.buckets[Math.floor((time - this.#from) / this.bucketMs)];
    if (bucket === undefined) return;
    bucket.total += total;
    bucket.failed += failed;
  }
}

/** A timeline of a stretch of time with at most so many buckets. */
export function timelineOf(range: TimeRange, most: number): Timeline {
  const { from, to } = range;
  const fits = (length: number) => Math.ceil(to / length) - Math.floor(from / length) <= most;
  const allowed = lengths.filter(({ longest }) => to - from <= longest).flatMap((group) => group.lengths);
  let bucketMs = allowed.find(fits) ?? 28 * day;
  while (!fits(bucketMs)) bucketMs *= 2;
  return new Timeline(range, bucketMs);
}

/** The longest rollups that lie within one bucket. */
export const longestFor = ({ bucketMs }: Timeline): Level => (bucketMs % day === 0 ? 2 : bucketMs % hour === 0 ? 1 : 0);
