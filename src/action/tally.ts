import { addDistribution, bucketOf, emptyDistribution, quantileOf } from './distribution.ts';

/** How long actions took, in ms; all null when there were none. */
export interface Durations {
  meanMs: number | null;
  p50Ms: number | null;
  p90Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
}

/** Actions, counted. */
export class Tally {
  total = 0;
  failed = 0;
  #sumUs = 0;
  #maxUs = 0;
  readonly #distribution = emptyDistribution();

  /** Adds what a rollup says. */
  addRollup(rollup: { count: number; failed: number; sumUs: number; maxUs: number; durations: Uint8Array }): void {
    this.#count(rollup);
    addDistribution(this.#distribution, rollup.durations);
  }

  addAction(status: 'SUCCESS' | 'FAILED', durationUs: number): void {
    this.#count({ count: 1, failed: status === 'FAILED' ? 1 : 0, sumUs: durationUs, maxUs: durationUs });
    const bucket = bucketOf(durationUs);
    this.#distribution[bucket] = (this.#distribution[bucket] ?? 0) + 1;
  }

  add(other: Tally): void {
    this.#count({ count: other.total, failed: other.failed, sumUs: other.#sumUs, maxUs: other.#maxUs });
    const counts = this.#distribution;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      counts[bucket] = (counts[bucket] ?? 0) + (other.#distribution[bucket] ?? 0);
    }
  }

  get durations(): Durations {
    // Nothing is longer than the longest, although the middle of its bucket may be.
    const quantile = (share: number) => {
      const us = quantileOf(this.#distribution, share);
      return us === null ? null : milliseconds(Math.min(us, this.#maxUs));
    };
    return {
      meanMs: this.total === 0 ? null : milliseconds(this.#sumUs / this.total),
      p50Ms: quantile(0.5),
      p90Ms: quantile(0.9),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
      maxMs: this.total === 0 ? null : milliseconds(this.#maxUs),
    };
  }

  #count({ count, failed, sumUs, maxUs }: { count: number; failed: number; sumUs: number; maxUs: number }): void {
    this.total += count;
    this.failed += failed;
    this.#sumUs += sumUs;
    if (maxUs > this.#maxUs) this.#maxUs = maxUs;
  }
}

/** To the microsecond, as durations are kept. */
const milliseconds = (us: number): number => Math.round(us) / 1000;
