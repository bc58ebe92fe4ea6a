import type { Piscina } from 'piscina';
import { startThreads } from '../threads.ts';

/** How much stands in a log of writes, in pages, and how much of that is in the file by now. */
export interface LogOfWrites {
  log: number;
  checkpointed: number;
}

/** Pages that wait to be put into the file; 16 MiB: many are written again before, and then only once. */
const enough = 4_000;

/** Pages of the log after which it is to begin anew; 64 MiB. While others write all the time it would not by itself. */
const long = 16_000;

const program = { from: import.meta.url, source: './checkpoint-thread.ts', bundled: './checkpoint-thread.js' };

/**
 * Puts what was written to a SQLite database into its file, in a thread of its own, for it waits for the disk several
 * times. By itself SQLite would do so at the end of a transaction, where nobody could do anything else meanwhile.
 * https://www.sqlite.org/wal.html#application_initiated_checkpoints
 */
export class Checkpoints {
  readonly #file: string;
  #thread: Promise<Piscina> | null = null;
  #running: Promise<void> | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** Something was written. One that fails is tried again with the next transaction; SQLite has a limit of its own. */
  wrote({ log, checkpointed }: LogOfWrites): void {
    if (this.#running !== null || log - checkpointed < enough) return;
    this.#running = this.#run(log < long ? 'goOn' : 'beginAnew')
      .catch(() => {})
      .finally(() => {
        this.#running = null;
      });
  }

  async close(): Promise<void> {
    await this.#running;
    const thread = await this.#thread;
    await thread?.destroy();
  }

  async #run(how: 'goOn' | 'beginAnew'): Promise<void> {
    this.#thread ??= startThreads(program, { most: 1 });
    const thread = await this.#thread;
    await thread.run({ file: this.#file, how });
  }
}
