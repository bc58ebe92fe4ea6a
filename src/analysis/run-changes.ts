import { setTimeout as sleep } from 'node:timers/promises';
import type { Analysis } from '../db/sqlite/client.ts';
import { NotFoundError } from '../errors.ts';

/** Time (ms) between two looks: as often as progress is told. */
const lookMs = 250;

export const noSuchAnalysis = (): NotFoundError =>
  new NotFoundError('There is no such analysis; list those of a source with Source.analyses.');

export const isActive = ({ status }: Pick<Analysis, 'status'>): boolean => status === 'QUEUED' || status === 'RUNNING';

const stateOf = ({ status, bytesRead, entries }: Analysis): string => `${status} ${bytesRead} ${entries}`;

/**
 * A run as it is now, and whenever it has changed, until it is over; NotFoundError as the last event when it is not there
 * any longer for whoever asks. By looking, for another process may be at it. An iterator of its own, not an async
 * generator, whose `return` would wait for the next change.
 */
export class RunChanges implements AsyncIterableIterator<Analysis | NotFoundError> {
  readonly #find: () => Promise<Analysis | null>;
  readonly #gone = new AbortController();
  #last: string | null = null;

  constructor(find: () => Promise<Analysis | null>) {
    this.#find = find;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Analysis | NotFoundError, undefined>> {
    while (!this.#gone.signal.aborted) {
      if (this.#last !== null) await sleep(lookMs, null, { signal: this.#gone.signal }).catch(() => {});
      if (this.#gone.signal.aborted) break;
      const run = await this.#find();
      if (run === null || !isActive(run)) {
        this.#gone.abort();
        return { done: false, value: run ?? noSuchAnalysis() };
      }
      const state = stateOf(run);
      if (state === this.#last) continue;
      this.#last = state;
      return { done: false, value: run };
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Analysis | NotFoundError, undefined>> {
    this.#gone.abort();
    return { done: true, value: undefined };
  }
}
