import type { Piscina } from 'piscina';
import type { Sql } from '../db/sql.ts';
import { startThreads } from '../threads.ts';
import { type Batch, type Call, recordBatch } from './batch.ts';
import { type BatchReply, batchOf, messageOf } from './batch-message.ts';
import type { SeriesCatalog } from './series.ts';

/** Actions from which on a batch is worth being sent to a thread: others take a few ms. */
const largeBatch = 200;

const program = { from: import.meta.url, source: './batch-thread.ts', bundled: './action-thread.js' };

/**
 * Writes batches. SQLite works within the thread that asks it, so a large one is written by a thread of its own, which is
 * started when it is first needed: whoever serves everybody does not stand still meanwhile.
 */
export class BatchWriter {
  readonly #sql: Sql;
  readonly #catalog: SeriesCatalog;
  #thread: Promise<Piscina> | null = null;

  constructor(sql: Sql, catalog: SeriesCatalog) {
    this.#sql = sql;
    this.#catalog = catalog;
  }

  async write(calls: readonly Call[]): Promise<Batch> {
    const { file, dialect } = this.#sql;
    const size = calls.reduce((sum, { actions }) => sum + actions.length, 0);
    if (file === null || size < largeBatch) {
      return this.#sql.write(() => recordBatch(dialect, this.#catalog, { calls, now: Date.now() }));
    }
    this.#thread ??= startThreads(program, { most: 1 });
    const thread = await this.#thread;
    return this.#sql.alone(async () => {
      const reply: BatchReply = await thread.run({ file, batch: messageOf(calls, this.#catalog) });
      return batchOf(calls, reply);
    });
  }

  async close(): Promise<void> {
    const thread = await this.#thread;
    await thread?.destroy();
  }
}
