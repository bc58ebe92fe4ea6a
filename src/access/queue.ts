import { LimitReachedError } from '../errors.ts';

/** What a queue lets run, and wait. */
export interface QueueLimits {
  atOnce: number;
  waiting: number;
}

/** Lets work run a little at a time, in the order in which it came; refuses it when too much waits already. */
export class Queue {
  readonly #limits: QueueLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** @throws {LimitReachedError} when so many wait that its turn would come too late; whatever `work` throws */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#limits.atOnce) this.#running++;
    else await this.#turn();
    try {
      return await work();
    } finally {
      // Whose turn is next takes over the place of this one, so nobody else can come between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** @throws {LimitReachedError} when `run` would, so that nothing need be done in vain before */
  checkRoom(): void {
    if (this.#waiting.length < this.#limits.waiting) return;
    const message = 'Too many people sign in at this moment; try again in some seconds.';
    throw new LimitReachedError(message, { retryAfterMs: 5000 });
  }

  #turn(): Promise<void> {
    this.checkRoom();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
