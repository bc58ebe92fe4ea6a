import type { Sql } from '../db/sql.ts';
import type { EngineEvents } from '../events.ts';
import type { Action } from './action.ts';
import { readLog } from './action-log.ts';

/** Whoever wants to know of new actions at once. Called synchronously: neither may throw or block. */
export interface FeedListener {
  /** All that was recorded after what was told before, in order. */
  push(actions: readonly Action[]): void;
  /** There is something new up to this id, to be read from the database. */
  announce(lastId: number): void;
}

/** Time (ms) between two looks for what other processes have recorded. */
const lookMs = 1000;

/** What is recorded, told to all who listen, after it is in the database and in its order. */
export class ActionFeed {
  readonly #sql: Sql;
  readonly #events: EngineEvents;
  readonly #listeners = new Set<FeedListener>();
  /** Up to where it was told. */
  #head: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param head id of the last action there is */
  constructor(sql: Sql, head: number, events: EngineEvents) {
    this.#head = head;
    this.#sql = sql;
    this.#events = events;
  }

  /** From now on; returns what ends it. */
  listen(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= this.#sql.file === null ? setInterval(() => this.#look(), lookMs).unref() : undefined;
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Tells what this process has recorded. */
  push(actions: readonly Action[]): void {
    const [first, last] = [actions[0], actions.at(-1)];
    if (first === undefined || last === undefined || last.id <= this.#head) return;
    // Else another process recorded something in between.
    const isNext = first.id === this.#head + 1;
    this.#head = last.id;
    for (const listener of this.#listeners) {
      if (isNext) listener.push(actions);
      else listener.announce(last.id);
    }
  }

  async #look(): Promise<void> {
    try {
      const { lastId } = await readLog(this.#sql);
      if (lastId <= this.#head) return;
      this.#head = lastId;
      for (const listener of this.#listeners) listener.announce(lastId);
    } catch (error) {
      this.#events.failed({ doing: 'look for actions of other processes', error });
    }
  }
}
