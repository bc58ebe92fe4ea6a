import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Piscina } from 'piscina';
import type { Sql } from '../db/sql.ts';
import { type Batch, type Call, recordBatch } from './batch.ts';
import { type BatchReply, batchOf, messageOf } from './batch-message.ts';
import type { SeriesCatalog } from './series.ts';

/** Actions from which on a batch is worth being sent to a thread: others take a few ms. */
const largeBatch = 200;

/** Time (ms) for which the thread is kept when it has nothing to do. */
const idleMs = 30_000;

/** Where the thread begins: beside this file, in the sources and in the bundle. */
const isSource = import.meta.url.endsWith('.ts');
const program = fileURLToPath(new URL(isSource ? './batch-thread.ts' : './action-thread.js', import.meta.url));
const loader = (): string[] =>
  isSource ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];

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
    this.#thread ??= startThread();
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

async function startThread(): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({ filename: program, execArgv: loader(), minThreads: 0, maxThreads: 1, idleTimeout: idleMs });
}
