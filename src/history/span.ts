import { setTimeout as sleep } from 'node:timers/promises';
import { endOf, isPlaceInTime, type Position, placeInTime } from '../entry.ts';
import { LimitReachedError } from '../errors.ts';
import { type Chain, ChainMovedError, currentIndex } from '../file/chain.ts';
import { lineStart } from '../file/line-start.ts';
import type { ChainFile } from '../file/listing.ts';
import { RefusedFileError } from '../file/open.ts';
import type { Segment } from '../file/segment.ts';
import { Standing } from '../file/standing.ts';

/** A stretch of one file of a chain: whole records, from byte `start` to byte `end`. */
export interface Span {
  file: ChainFile;
  start: number;
  /** Null for the end of a compressed file that was not yet unpacked. */
  end: number | null;
  /** Whether the file is still written to. */
  current: boolean;
}

/** The part of a log between two positions, and whether there is more of it on either side. */
export interface Range {
  /** Oldest first; none is empty. */
  spans: Span[];
  /** The files before the first of them, oldest first, for entries without a time have that of one before. */
  preceding: Span[];
  earlier: boolean;
  later: boolean;
  /** To be checked once something of it was read: what stands in the spans is not what it was when a file was emptied. */
  standing: Standing;
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
 * @param of `bytes`: of that line there is what stands there
 * @throws {PositionLostError} when a bound is no longer in the log
 */
export async function rangeOf(
  chain: Chain,
  after: Position | null,
  before: Position | null,
  of: 'records' | 'bytes' = 'records',
): Promise<Range> {
  const { result, standing } = await byList(chain, (files) => rangeIn(chain, files, { after, before, of }));
  return { ...result, standing };
}

/**
 * What `read` makes of a range; read again where the log was rotated or emptied meanwhile.
 *
 * @throws {PositionLostError} when a bound is no longer in the log
 * @throws {LimitReachedError} as `whileChainMoves`
 */
export function readRange<T>(
  chain: Chain,
  { after, before }: { after: Position | null; before: Position | null },
  read: (range: Range) => Promise<T>,
): Promise<T> {
  return whileChainMoves(async () => {
    const range = await rangeOf(chain, after, before);
    const result = await read(range);
    await range.standing.check();
    return result;
  });
}

/**
 * What `read` finds by a list of the files, and what that stands on.
 *
 * @throws {ChainMovedError} when the log was emptied meanwhile
 */
export async function byList<T>(
  chain: Chain,
  read: (files: ChainFile[]) => Promise<T>,
): Promise<{ result: T; standing: Standing }> {
  const { files, standing } = await Standing.listed(chain);
  const result = await read(files).catch(async (error: unknown) => {
    // It may be in a copy that was not listed.
    if (error instanceof PositionLostError) await standing.check();
    throw error;
  });
  await standing.check();
  return { result, standing };
}

async function rangeIn(
  chain: Chain,
  files: ChainFile[],
  { after, before, of }: { after: Position | null; before: Position | null; of: 'records' | 'bytes' },
): Promise<Omit<Range, 'standing'>> {
  const from = after && (await locate(chain, files, after, endOf(after)));
  const to = before && (await locate(chain, files, before, before.offset));
  // Not sooner: the files that the positions are in are unpacked by now, so that their sizes are known.
  const current = of === 'records' && !chain.isWhole ? currentIndex(files) : files.length;
  const whole = await Promise.all(
    files.map((file, index) => wholeFile(chain, file, index >= current && file.packing === null)),
  );
  const begin = (span: Span, index: number): Span => (index === from?.index ? { ...span, start: from.offset } : span);
  const end = (span: Span, index: number): Span =>
    index === to?.index ? { ...span, end: Math.min(to.offset, span.end ?? to.offset) } : span;
  const beyond = to && whole.slice(to.index).map((span, index) => (index === 0 ? { ...span, start: to.offset } : span));
  const spans = whole
    .map((span, index) => end(begin(span, index), index))
    .slice(from?.index ?? 0, to ? to.index + 1 : files.length)
    .filter(mayHaveContent);
  const first = whole.findIndex(({ file }) => file === spans[0]?.file);
  return {
    spans,
    preceding: whole.slice(0, Math.max(first, 0)).filter(mayHaveContent),
    earlier: from !== null && (from.offset > 0 || (await haveContent(chain, whole.slice(0, from.index).reverse()))),
    later: beyond !== null && (await haveContent(chain, beyond)),
  };
}

/** Whether something can be read in one of these. The first of them that does not tell by itself is looked into. */
export async function haveContent(chain: Chain, spans: Span[]): Promise<boolean> {
  for (const span of spans.filter(mayHaveContent)) {
    if (span.end !== null || !(await chain.isEmpty(span.file))) return true;
  }
  return false;
}

const mayHaveContent = ({ start, end }: Span): boolean => end === null || start < end;

export type SettledSpan = Span & { end: number };

/** A span whose end is known: for that, a compressed file is unpacked. Empty when its file may not be read. */
export async function settled(chain: Chain, span: Span): Promise<SettledSpan> {
  if (span.end !== null) return { ...span, end: span.end };
  const segment = await chain.openReadable(span.file);
  if (segment === null) return { ...span, end: span.start };
  try {
    return { ...span, end: await segment.size() };
  } finally {
    await segment.close();
  }
}

/**
 * Bytes of whole records between two positions.
 *
 * @throws {PositionLostError} when one of them is no longer in the log
 */
export async function distance(chain: Chain, from: Position, to: Position): Promise<number> {
  return readRange(chain, { after: from, before: to }, async ({ spans }) => {
    let bytes = 0;
    for (const span of spans) {
      const { start, end } = await settled(chain, span);
      bytes += end - start;
    }
    return bytes;
  });
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

/** The same, whatever stands there: within a line, when that is not yet whole. */
export const byteEndOfLog = (chain: Chain): Promise<Position> =>
  inCurrent(chain, async (segment) => segment.positionAt(await segment.size()));

/** The beginning of the log, as far back as it can be read. */
export async function beginningOfLog(chain: Chain): Promise<Position> {
  return whileChainMoves(async () => (await byList(chain, (files) => beginningIn(chain, files))).result);
}

async function beginningIn(chain: Chain, files: ChainFile[]): Promise<Position> {
  for (const file of files) {
    const segment = (await chain.isEmpty(file)) ? null : await chain.openReadable(file);
    if (segment === null) continue;
    try {
      return segment.beginning;
    } finally {
      await segment.close();
    }
  }
  return placeInTime(Date.now());
}

type LookAtEnd = (segment: Segment) => Promise<Position>;

const inCurrent = async (chain: Chain, look: LookAtEnd): Promise<Position> =>
  (await byList(chain, (files) => endIn(chain, files, look))).result;

async function endIn(chain: Chain, files: ChainFile[], look: LookAtEnd): Promise<Position> {
  const file = files[currentIndex(files)];
  const segment = file && (await chain.openReadable(file));
  if (!segment) return placeInTime(Date.now());
  try {
    const mayGrow = file?.packing === null && !chain.isWhole;
    return await (mayGrow ? look(segment) : segment.positionAt(await segment.size()));
  } finally {
    await segment.close();
  }
}

async function wholeFile(chain: Chain, file: ChainFile, current: boolean): Promise<Span> {
  if (!current) return { file, start: 0, end: chain.contentSize(file), current };
  const segment = await chain.openReadable(file);
  if (segment === null) return { file, start: 0, end: 0, current };
  try {
    return { file, start: 0, end: await lineStart(segment, file.size), current };
  } finally {
    await segment.close();
  }
}

/** Where that is which stands before the beginning of a file: in those before, as far as they are there. */
async function reachBack(chain: Chain, files: ChainFile[], index: number, offset: number) {
  let [at, left] = [index, offset];
  while (left < 0 && at > 0) {
    at -= 1;
    const file = files[at];
    if (file === undefined) break;
    left += (await settled(chain, { file, start: 0, end: chain.contentSize(file), current: false })).end;
  }
  return { index: at, offset: Math.max(left, 0) };
}

/** Which file a position is in, and `offset` there. Null when nothing was ever written, so there is nothing to bound. */
async function locate(
  chain: Chain,
  files: ChainFile[],
  position: Position,
  offset: number,
): Promise<{ index: number; offset: number } | null> {
  const index = await chain.find(files, position);
  // Nothing was written since: it is after all there is.
  if (index === -1 && isPlaceInTime(position)) return { index: files.length, offset: 0 };
  if (index === -1) throw new PositionLostError(position);
  return offset < 0 ? reachBack(chain, files, index, offset) : { index, offset };
}
