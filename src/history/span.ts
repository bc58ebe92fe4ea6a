import { setTimeout as sleep } from 'node:timers/promises';
import { beginning, endOf, isBeginning, type Position } from '../entry.ts';
import { LimitReachedError } from '../errors.ts';
import { type Chain, type ChainFile, ChainMovedError, currentIndex } from '../file/chain.ts';
import { lineStart } from '../file/line-start.ts';
import { RefusedFileError } from '../file/open.ts';
import type { Segment } from '../file/segment.ts';

/** A stretch of one file of a chain: whole records, from byte `start` to byte `end`. */
export interface Span {
  file: ChainFile;
  start: number;
  end: number;
  /** Whether the file is still written to. */
  current: boolean;
}

/** The part of a log between two positions, and whether there is more of it on either side. */
export interface Range {
  /** Oldest first; none is empty. */
  spans: Span[];
  earlier: boolean;
  later: boolean;
}

/** A position's bytes are in none of the log's files any more. */
export class PositionLostError extends Error {
  readonly position: Position;
  constructor(position: Position) {
    super('The position is no longer in the log.');
    this.position = position;
  }
}

/**
 * What there is to read after one position and before another, null for no bound. A last line without its newline is
 * left out while its file is written to: it is not yet a record.
 *
 * @throws {PositionLostError} when a bound is no longer in the log
 */
export async function rangeOf(chain: Chain, after: Position | null, before: Position | null): Promise<Range> {
  const files = (await chain.list()).filter((file) => !file.compressed);
  const current = currentIndex(files);
  const whole = await Promise.all(files.map((file, index) => wholeFile(chain, file, index >= current)));
  const from = after && (await locate(chain, files, after, endOf(after)));
  const to = before && (await locate(chain, files, before, before.offset));
  const spans = whole.map((span, index) => ({
    ...span,
    start: from && index === from.index ? from.offset : 0,
    end: to && index === to.index ? Math.min(to.offset, span.end) : span.end,
  }));
  return {
    spans: spans.filter(
      (span, index) => span.start < span.end && (!from || index >= from.index) && (!to || index <= to.index),
    ),
    earlier: from !== null && (from.offset > 0 || whole.some((span, index) => index < from.index && span.end > 0)),
    later:
      to !== null && whole.some((span, index) => index >= to.index && span.end > (index === to.index ? to.offset : 0)),
  };
}

/** Bytes of whole records between two positions; 0 when one of them is no longer in the log. */
export async function distance(chain: Chain, from: Position, to: Position): Promise<number> {
  try {
    const { spans } = await whileChainMoves(() => rangeOf(chain, from, to));
    return spans.reduce((sum, span) => sum + span.end - span.start, 0);
  } catch (error) {
    if (error instanceof PositionLostError) return 0;
    throw error;
  }
}

/** Times that reading is begun again because the log was rotated meanwhile, or no file could be opened. */
const attempts = 8;

/**
 * Does again what a rotation came in between of.
 *
 * @throws {LimitReachedError} when it does not come to rest, or the server has too many files open
 */
export async function whileChainMoves<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      const passing =
        error instanceof ChainMovedError || (error instanceof RefusedFileError && error.refusal === 'BUSY');
      if (!passing) throw error;
      if (attempt === attempts) {
        throw new LimitReachedError(`The log cannot be read just now: ${error.message} Try again.`, {
          retryAfterMs: 1000,
        });
      }
      await sleep(2 ** attempt);
    }
  }
}

/** The end of the log: where the next record will begin. */
export const endOfLog = (chain: Chain): Promise<Position> =>
  inCurrent(chain, async (segment) => segment.positionAt(await lineStart(segment, await segment.size())));

/** Where the file that is written to begins. */
export const beginningOfCurrent = (chain: Chain): Promise<Position> =>
  inCurrent(chain, (segment) => segment.positionAt(0));

async function inCurrent(chain: Chain, look: (segment: Segment) => Promise<Position>): Promise<Position> {
  const files = (await chain.list()).filter((file) => !file.compressed);
  const file = files[currentIndex(files)];
  const segment = file && (await chain.openReadable(file));
  if (!segment) return beginning;
  try {
    return await look(segment);
  } finally {
    await segment.close();
  }
}

async function wholeFile(chain: Chain, file: ChainFile, current: boolean): Promise<Span> {
  if (!current) return { file, start: 0, end: file.size, current };
  const segment = await chain.openReadable(file);
  if (segment === null) return { file, start: 0, end: 0, current };
  try {
    return { file, start: 0, end: await lineStart(segment, file.size), current };
  } finally {
    await segment.close();
  }
}

/** Which file a position is in, and `offset` there. Null when nothing was ever written, so there is nothing to bound. */
async function locate(
  chain: Chain,
  files: ChainFile[],
  position: Position,
  offset: number,
): Promise<{ index: number; offset: number } | null> {
  if (isBeginning(position)) return files.length > 0 ? { index: 0, offset: 0 } : null;
  const index = await chain.find(files, position);
  if (index === -1) throw new PositionLostError(position);
  return { index, offset };
}
