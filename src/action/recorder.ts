import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql } from '../db/sql.ts';
import { ConflictError, LimitReachedError } from '../errors.ts';
import type { Action } from './action.ts';
import type { Batch, Call, Outcome } from './batch.ts';
import { BatchWriter } from './batch-writer.ts';
import { actionsOf, readRange } from './row.ts';
import type { SeriesCatalog } from './series.ts';

/**
 * Actions in one transaction, at most but for the last call: enough that what a transaction costs does not matter, and
 * over in some tens of ms, for which others that write wait.
 */
const batchSize = 4000;

export interface RecorderOptions {
  /** Actions that may wait. */
  maxQueued: number;
  /** Series there may be. */
  maxSeries: number;
  /** Is told of what was recorded, in order, after the transaction. */
  recorded(actions: Action[]): void;
}

interface Waiting extends Call {
  resolve(actions: Promise<Action[]>): void;
  reject(error: unknown): void;
}

/**
 * The one writer of this process. Calls that come while it writes wait, and are then written together; so many small
 * calls cost little more than one large one.
 */
export class Recorder {
  readonly #sql: Sql;
  readonly #catalog: SeriesCatalog;
  readonly #options: RecorderOptions;
  readonly #writer: BatchWriter;
  #waiting: Waiting[] = [];
  #queued = 0;
  #writing: Promise<void> | null = null;

  constructor(sql: Sql, catalog: SeriesCatalog, options: RecorderOptions) {
    this.#sql = sql;
    this.#catalog = catalog;
    this.#options = options;
    this.#writer = new BatchWriter(sql, catalog);
  }

  /**
   * Records the actions of a call, all or none, and resolves to them when they are in the database. Under a key that was
   * used before with the same actions, to those of that time which are still there.
   *
   * @throws {ConflictError} when other actions were recorded under the key
   * @throws {LimitReachedError} when too much waits, or there would be too many series
   */
  record(call: Call): Promise<Action[]> {
    this.#checkLimits(call);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...call, resolve, reject });
      this.#queued += call.actions.length;
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when nothing waits any more. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#writer.close();
  }

  async #write(): Promise<void> {
    do {
      // What comes in the same turn of the event loop is written together, and others have their turn in between.
      await nextTurn();
      await this.#writeCalls(this.#take());
    } while (this.#waiting.length > 0);
    this.#writing = null;
  }

  #take(): Waiting[] {
    let size = 0;
    let count = 0;
    for (const { actions } of this.#waiting) {
      if (size >= batchSize) break;
      size += actions.length;
      count++;
    }
    this.#queued -= size;
    return this.#waiting.splice(0, count);
  }

  /** A failure is that of all the calls: none is tried again here, for nobody knows whether it was undone or only not told. */
  async #writeCalls(calls: Waiting[]): Promise<void> {
    try {
      const batch = await this.#writer.write(calls);
      const actions = await actionsOf(this.#catalog, batch.rows);
      this.#options.recorded(actions);
      this.#answer(calls, batch, actions);
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }

  #answer(calls: Waiting[], { outcomes }: Batch, actions: Action[]): void {
    let next = 0;
    for (const [index, call] of calls.entries()) {
      const outcome = outcomes[index];
      if (outcome?.kind === 'recorded') {
        call.resolve(Promise.resolve(actions.slice(next, next + outcome.rows.length)));
        next += outcome.rows.length;
      } else call.resolve(this.#earlier(outcome));
    }
  }

  async #earlier(outcome: Exclude<Outcome, { kind: 'recorded' }> | undefined): Promise<Action[]> {
    if (outcome?.kind !== 'repeated') {
      throw new ConflictError('Other actions were recorded under this idempotency key; use a new key for each call.');
    }
    const { firstId, count } = outcome.recorded;
    return readRange(this.#sql, this.#catalog, firstId - 1, firstId - 1 + count);
  }

  #checkLimits({ actions }: Call): void {
    const { maxQueued, maxSeries } = this.#options;
    if (this.#queued > 0 && this.#queued + actions.length > maxQueued) {
      const message = `${this.#queued} actions wait to be recorded, which is the most; try again in a second.`;
      throw new LimitReachedError(message, { limit: maxQueued, retryAfterMs: 1000 });
    }
    const added = new Set<string>();
    for (const names of actions) {
      if (this.#catalog.find(names) === undefined)
        added.add(JSON.stringify([names.service, names.action, names.status]));
    }
    if (added.size > 0 && this.#catalog.size + added.size > maxSeries) {
      const message = `There are ${maxSeries} combinations of service, action and status, which is the most; name what is done in "action", and put ids into metadata.`;
      throw new LimitReachedError(message, { limit: maxSeries });
    }
  }
}
