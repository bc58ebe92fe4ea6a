/** Buckets that tell what is usual. */
export const window = 36;
/** Buckets before the one that is judged that are left out, so that the beginning of a burst is not usual at its end. */
export const skipped = 2;
/** Buckets without which nothing is usual yet. */
const enough = 12;
/** The latest buckets are looked at by themselves: the load of a day goes up and down. */
const recent = 12;

/** What is usual in a bucket. */
export interface Usual {
  /** Not less than this is usual in a rising stretch; entries per bucket. */
  high: number;
  /** Not more than this is usual in a falling stretch; entries per bucket. */
  low: number;
  /** Typical distance from it, never below that of chance (a Poisson process); entries. */
  spread: number;
  /** The second largest of the counts: what has come twice is not unheard of. */
  second: number;
  /** How many buckets told it. */
  buckets: number;
}

/** The counts of the buckets before one, kept in order of size while it moves along a series. */
export class Baseline {
  readonly #counts: ArrayLike<number>;
  readonly #sorted = new Float64Array(window);
  #size = 0;
  /** The bucket that is judged. */
  #at = 0;

  constructor(counts: ArrayLike<number>) {
    this.#counts = counts;
  }

  /** Goes on to the next bucket. */
  advance(): void {
    this.#at++;
    const enters = this.#at - skipped - 1;
    const leaves = enters - window;
    if (leaves >= 0) this.#remove(this.#counts[leaves] ?? 0);
    if (enters >= 0) this.#add(this.#counts[enters] ?? 0);
  }

  get isKnown(): boolean {
    return this.#size >= enough;
  }

  get median(): number {
    const middle = this.#size >> 1;
    return ((this.#sorted[middle] ?? 0) + (this.#sorted[this.#size - 1 - middle] ?? 0)) / 2;
  }

  usual(): Usual {
    const { median } = this;
    const spread = Math.max(1.4826 * this.#medianDistance(median), Math.sqrt(median), 1);
    // The median of a sparse series is 0, though it has entries: the mean tells, without what stands out.
    const most = median + 3 * spread;
    const end = this.#at - skipped;
    const all = this.#mean(end - this.#size, end, most);
    const latest = this.#mean(end - recent, end, most);
    const high = Math.max(median, all, latest);
    return {
      high,
      low: Math.min(median, latest),
      spread: Math.max(spread, Math.sqrt(high)),
      second: this.#sorted[this.#size - 2] ?? 0,
      buckets: this.#size,
    };
  }

  #mean(from: number, to: number, most: number): number {
    let sum = 0;
    for (let index = from; index < to; index++) sum += Math.min(this.#counts[index] ?? 0, most);
    return sum / (to - from);
  }

  /** Median absolute deviation: the distances grow from the median to both sides, so they are met in their order. */
  #medianDistance(median: number): number {
    const sorted = this.#sorted;
    let above = 0;
    while (above < this.#size && (sorted[above] ?? 0) < median) above++;
    let below = above - 1;
    let distance = 0;
    for (let met = 0; met <= this.#size >> 1; met++) {
      const down = below >= 0 ? median - (sorted[below] ?? 0) : Number.POSITIVE_INFINITY;
      const up = above < this.#size ? (sorted[above] ?? 0) - median : Number.POSITIVE_INFINITY;
      distance = Math.min(down, up);
      if (down < up) below--;
      else above++;
    }
    return distance;
  }

  #add(count: number): void {
    const sorted = this.#sorted;
    let at = this.#size++;
    for (; at > 0 && (sorted[at - 1] ?? 0) > count; at--) sorted[at] = sorted[at - 1] ?? 0;
    sorted[at] = count;
  }

  #remove(count: number): void {
    const at = this.#sorted.indexOf(count);
    this.#sorted.copyWithin(at, at + 1, this.#size--);
  }
}
