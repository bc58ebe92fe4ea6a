import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Piscina } from 'piscina';
import { LimitReachedError } from '../errors.ts';
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

/** Time (ms) for which a thread that has nothing to do is kept: starting one takes some tens of milliseconds. */
const idleMs = 30_000;

/** Memory (MiB) of a thread for objects that live for a moment: records that are looked at do. More is faster by little. */
const youngMb = 2;

/** Where a thread begins: beside this file, in the sources and in the bundle. */
const isSource = import.meta.url.endsWith('.ts');
const worker = fileURLToPath(new URL(isSource ? './worker.ts' : './scan-worker.js', import.meta.url));
const loader = (): string[] =>
  isSource ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];

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
    this.#pool ??= start();
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

/** Only now: most servers are started, and most commands run, without anybody searching. */
async function start(): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: worker,
    execArgv: loader(),
    minThreads: 0,
    maxThreads: mostThreads,
    idleTimeout: idleMs,
    resourceLimits: { maxYoungGenerationSizeMb: youngMb },
  });
}
