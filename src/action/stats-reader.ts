import type { ActionFeed } from './feed.ts';
import { type ActionFilter, matches } from './filter.ts';
import { levels } from './rollup-key.ts';
import { ActionStats, type Surroundings } from './stats.ts';

export interface WindowRequest {
  filter: ActionFilter;
  /** Length of the window in ms, up to now. */
  windowMs: number;
  /** Shortest time between two events, in ms. */
  everyMs: number;
}

/** Windows from this length on (ms) begin with a minute, so that they are made of rollups. */
const longWindowMs = 5 * levels[0];

/**
 * Statistics of a sliding window: at once, and then whenever something comes into it, or may have left it, but not more
 * often than asked for.
 */
export class StatsReader implements AsyncIterableIterator<ActionStats> {
  readonly #surroundings: Surroundings;
  readonly #request: WindowRequest;
  readonly #leave: () => void;
  #state: 'waiting' | 'changed' | 'ended' = 'changed';
  #lastAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => {};

  constructor({ feed, ...surroundings }: Surroundings & { feed: ActionFeed }, request: WindowRequest) {
    this.#surroundings = surroundings;
    this.#request = request;
    this.#leave = feed.listen({
      push: (actions) => {
        if (this.#state === 'waiting' && actions.some((action) => matches(request.filter, action))) this.#change();
      },
      announce: () => this.#change(),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ActionStats, undefined>> {
    while (this.#state !== 'ended') {
      const ms = this.#lastAt + this.#request.everyMs - performance.now();
      // What leaves the window nobody tells.
      if (this.#state === 'waiting') await this.#sleep(Math.max(levels[0], this.#request.everyMs));
      else if (ms > 0) await this.#sleep(ms);
      else {
        this.#state = 'waiting';
        this.#lastAt = performance.now();
        return { done: false, value: this.#stats() };
      }
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ActionStats, undefined>> {
    this.#state = 'ended';
    this.#leave();
    this.#wake();
    return { done: true, value: undefined };
  }

  #change(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'changed';
    this.#wake();
  }

  #stats(): ActionStats {
    const { filter, windowMs } = this.#request;
    const start = Date.now() - windowMs;
    const from = windowMs < longWindowMs ? start : Math.floor(start / levels[0]) * levels[0];
    return new ActionStats(this.#surroundings, { ...filter, from: Math.max(from, filter.from ?? 0) }, 60);
  }

  /** Until something changes, or for so long; then it may have. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        if (this.#state === 'waiting') this.#state = 'changed';
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#wake = end;
    });
  }
}
