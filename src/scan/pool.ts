import { availableParallelism } from 'node:os';
import type { Piscina } from 'piscina';
import { LimitReachedError } from '../errors.ts';
import { startThreads } from '../threads.ts';
import type {
  ConcludeTask,
  Examined,
  ExamineTask,
  FoldTask,
  Halved,
  HalveTask,
  HistogramTask,
  SearchTask,
  Task,
  TextTask,
  ValuesTask,
} from './piece.ts';
import type { Found } from './search.ts';
import type { ValueCounts } from './values.ts';

/** Threads beyond four wait for the disk, or for each other's memory. */
const mostThreads = Math.min(availableParallelism(), 4);

/** Tasks that may wait: each holds a file open, and is some tenths of a second of work. */
const mostWaiting = 200;

/** Memory (MiB) of a thread for objects that live for a moment: records that are looked at do. More is faster by little. */
const youngMb = 2;

const program = { from: import.meta.url, source: './worker.ts', bundled: './scan-worker.js' };

/** The threads that look through logs, so that nobody else has to wait meanwhile. Started when they are first needed. */
export class ScanPool {
  #pool: Promise<Piscina> | null = null;

  /** Tasks that are worth being under way at a time. */
  readonly width = mostThreads;

  /**
   * Parts that are to be put together are gone afterwards.
   *
   * @throws {LimitReachedError} when too many wait already
   */
  run(task: SearchTask): Promise<Found>;
  run(task: HistogramTask): Promise<Float64Array>;
  run(task: ValuesTask): Promise<ValueCounts>;
  run(task: TextTask): Promise<Uint8Array>;
  run(task: HalveTask): Promise<Halved>;
  run(task: ExamineTask): Promise<Examined>;
  run(task: FoldTask): Promise<Uint8Array<ArrayBuffer>>;
  run(task: ConcludeTask): Promise<string>;
  async run(task: Task): Promise<unknown> {
    this.#pool ??= startThreads(program, { most: mostThreads, youngMb });
    const pool = await this.#pool;
    if (pool.queueSize >= mostWaiting) {
      const message = 'Too many searches are under way; try again in a moment.';
      throw new LimitReachedError(message, { limit: mostWaiting, retryAfterMs: 1000 });
    }
    // Given away: what threads have made of a log may be large, and is not needed here any more.
    return pool.run(task, { transferList: 'parts' in task ? task.parts.map(({ buffer }) => buffer) : [] });
  }

  async close(): Promise<void> {
    const pool = await this.#pool;
    await pool?.destroy();
  }
}
