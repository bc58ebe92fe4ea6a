import type { Sql } from '../db/sql.ts';
import type { Action } from './action.ts';
import { readLog } from './action-log.ts';
import { findByRecording } from './by-recording.ts';
import type { ActionFeed } from './feed.ts';
import { type ActionFilter, matches } from './filter.ts';
import { readActions } from './row.ts';
import { soughtOf } from './search.ts';
import type { SeriesCatalog } from './series.ts';

/** What a reader delivers; ids are places in the order of recording. */
export type ReaderEvent =
  | { kind: 'batch'; actions: Action[]; cursor: number }
  /** Actions that are gone; `skipped`: how many, null when it is not known how many of them were wanted. */
  | { kind: 'gap'; from: number; to: number; skipped: number | null; reason: 'CLEARED' | 'RETENTION' };

/** Actions in one event. */
const batchSize = 200;

/** Actions that may wait for a reader; of what is beyond it is told from the database, when it has time. */
const mostWaiting = 2000;

/** How long one look into the database may take, in ms, before the reader is asked whether it is still there. */
const lookMs = 1000;

/** One reader's actions from a place on, in the order of recording, each once: from the database until it has caught up, then as they come. */
export class ActionReader implements AsyncIterableIterator<ReaderEvent> {
  readonly #sql: Sql;
  readonly #catalog: SeriesCatalog;
  readonly #filter: ActionFilter;
  readonly #leave: () => void;
  #state: 'catching-up' | 'live' | 'ended' = 'catching-up';
  /** Up to where everything was delivered, or is not wanted. */
  #position: number;
  /** Up to where there is something, as far as is known. */
  #announced = 0;
  /** What waits, while it is live. */
  #waiting: Action[] = [];
  #wake: () => void = () => {};

  constructor(
    { sql, catalog, feed }: { sql: Sql; catalog: SeriesCatalog; feed: ActionFeed },
    { filter, after }: { filter: ActionFilter; after: number },
  ) {
    this.#sql = sql;
    this.#catalog = catalog;
    this.#filter = filter;
    this.#position = after;
    // Before anything is read, so that nothing falls between the two.
    this.#leave = feed.listen({
      push: (actions) => this.#push(actions),
      announce: (lastId) => this.#announce(lastId),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ReaderEvent, undefined>> {
    try {
      while (!this.#hasEnded()) {
        const value = this.#state === 'live' ? this.#takeWaiting() : await this.#catchUp();
        if (value !== null && !this.#hasEnded()) return { done: false, value };
        if (this.#state === 'live' && this.#waiting.length === 0) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
      return { done: true, value: undefined };
    } catch (error) {
      // Nobody calls `return` on an iterator that has thrown.
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<ReaderEvent, undefined>> {
    this.#state = 'ended';
    this.#waiting = [];
    this.#leave();
    this.#wake();
    return { done: true, value: undefined };
  }

  /** Not a plain comparison: it may have changed while something was waited for. */
  #hasEnded(): boolean {
    return this.#state === 'ended';
  }

  #push(actions: readonly Action[]): void {
    this.#announced = actions.at(-1)?.id ?? this.#announced;
    if (this.#state !== 'live') return;
    for (const action of actions) {
      if (action.id > this.#position && matches(this.#filter, action)) this.#waiting.push(action);
    }
    if (this.#waiting.length > mostWaiting) this.#fallBehind();
    else if (this.#waiting.length === 0) this.#position = Math.max(this.#position, this.#announced);
    else this.#wake();
  }

  #announce(lastId: number): void {
    this.#announced = lastId;
    if (this.#state === 'live') this.#fallBehind();
  }

  /** What waits is read again from the database: it is there. */
  #fallBehind(): void {
    this.#waiting = [];
    this.#state = 'catching-up';
    this.#wake();
  }

  #takeWaiting(): ReaderEvent | null {
    const actions = this.#waiting.splice(0, batchSize);
    const last = actions.at(-1);
    if (last === undefined) return null;
    this.#position = last.id;
    return { kind: 'batch', actions, cursor: last.id };
  }

  async #catchUp(): Promise<ReaderEvent | null> {
    const { lastId, removedThrough, clearedThrough } = await readLog(this.#sql);
    if (this.#position < removedThrough) {
      const from = this.#position;
      this.#position = removedThrough;
      const skipped = isEverything(this.#filter) ? removedThrough - from : null;
      return {
        kind: 'gap',
        from,
        to: removedThrough,
        skipped,
        reason: from < clearedThrough ? 'CLEARED' : 'RETENTION',
      };
    }
    await this.#catalog.refresh();
    const searching = {
      sql: this.#sql,
      catalog: this.#catalog,
      sought: soughtOf(this.#filter, this.#catalog),
      until: performance.now() + lookMs,
    };
    const { places, reached } = await findByRecording(searching, {
      low: { key: this.#position, id: this.#position },
      high: { key: lastId + 1, id: lastId + 1 },
      direction: 'up',
      count: batchSize,
    });
    const actions = await readActions(
      this.#sql,
      this.#catalog,
      places.map(({ id }) => id),
    );
    const isFull = places.length === batchSize;
    this.#position = (isFull ? places.at(-1)?.id : reached?.id) ?? lastId;
    // What was recorded since the log was read comes by the feed, or was announced by it.
    if (!isFull && reached === null && lastId >= this.#announced && !this.#hasEnded()) this.#state = 'live';
    return actions.length === 0 ? null : { kind: 'batch', actions, cursor: this.#position };
  }
}

const isEverything = (filter: ActionFilter): boolean => Object.values(filter).every((condition) => condition === null);
