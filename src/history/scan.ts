import { setMaxListeners } from 'node:events';
import { CalledOffError, LimitReachedError } from '../errors.ts';
import type { FilterLimits } from '../filter/compilation.ts';
import type { Filter } from '../filter/compile.ts';
import type { FilterInput } from '../filter/input.ts';
import type { Detected } from '../format/detect.ts';
import type { TaskBase } from '../scan/piece.ts';
import type { ScanPool } from '../scan/pool.ts';
import type { Passage } from './passage.ts';
import { pieceOf } from './piece.ts';
import { type JointUnit, type Unit, Units } from './unit.ts';

/** What somebody looks for. */
export interface Sought {
  filter: Filter;
  /** The same, as it can be sent to a thread; null: everything. */
  input: FilterInput | null;
  /** Aborted when nobody waits for the result any more. */
  signal: AbortSignal | null;
}

/** The same, with what it takes to find it in one log. */
export interface Sieve extends Sought {
  limits: FilterLimits;
  /** How the log is understood. */
  detected: Detected;
  timezone: string;
  pool: ScanPool;
}

export interface Scan<Result> {
  passage: Passage;
  sieve: Sieve;
  from: 'beginning' | 'end';
  /** Whether it must be known when entries happened. */
  timed: boolean;
  /** Bytes of the largest piece, where its result may be as large; left out: what is best for a search. */
  pieceBytes?: number;
  /** Does a piece, in a thread. */
  piece: (task: TaskBase) => Promise<Result>;
  /** Does a record that begins in one file and ends in another, at once. */
  joint: (unit: JointUnit) => Promise<Result>;
}

export interface Done<Result> {
  unit: Unit;
  bytes: number;
  result: Result;
}

/**
 * Looks through a passage in units, as many at a time as there are threads; results come in order. Whoever has enough
 * stops asking, and what is still under way is called off.
 *
 * @throws {CalledOffError} when the signal of what is sought says that nobody waits any more
 */
export async function* scan<Result>(job: Scan<Result>): AsyncGenerator<Done<Result>, void, undefined> {
  const { signal, pool } = job.sieve;
  const cancelled = new Int32Array(new SharedArrayBuffer(4));
  const cancel = () => Atomics.store(cancelled, 0, 1);
  // One for each search that is under way for whoever asks.
  if (signal !== null) setMaxListeners(0, signal);
  signal?.addEventListener('abort', cancel);
  const units = new Units(job.passage, job.pieceBytes);
  const rest = units.from(job.from);
  const underWay: Promise<Done<Result>>[] = [];
  const release = job.passage.files.keepLast();
  try {
    for (;;) {
      while (underWay.length < pool.width) {
        const { value: unit } = await rest.next();
        if (unit === undefined) break;
        const running = perform(job, units, unit, cancelled);
        // Told when its turn comes, if ever.
        running.catch(() => {});
        underWay.push(running);
      }
      const next = underWay.shift();
      if (next === undefined) return;
      const done = await next;
      if (signal?.aborted) throw new CalledOffError('Nobody waits for the result any more.');
      yield done;
    }
  } finally {
    cancel();
    signal?.removeEventListener('abort', cancel);
    await release();
  }
}

async function perform<Result>(
  { passage, sieve, timed, ...job }: Scan<Result>,
  units: Units,
  unit: Unit,
  cancelled: Int32Array,
): Promise<Done<Result>> {
  const bytes = await units.size(unit);
  if (unit.kind === 'joint') return { unit, bytes, result: await job.joint(unit) };
  const { span, start, end } = unit;
  return passage.files.lend(span, async (segment) => {
    if (segment === null) throw new LimitReachedError('The log was changed while it was searched; try again.');
    const timeBeforeFile = timed ? await passage.timeBeforeFile(span, passage.readings(sieve), start) : null;
    const piece = pieceOf(passage, sieve, segment, { span, start, end }, { timeBeforeFile, cancelled });
    return { unit, bytes, result: await job.piece({ piece, filter: sieve.input, limits: sieve.limits }) };
  });
}
