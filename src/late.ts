import { isSameFile, type Position, withLate } from './entry.ts';
import type { Chain } from './file/chain.ts';
import type { PageBudget } from './history/search.ts';
import { PositionLostError, whileChainMoves } from './history/span.ts';
import { beginningOf } from './loss.ts';
import type { Log, LogPage, LogPageRequest } from './source/log.ts';

/** A page that begins with so many entries that were written late, to the file before that of the place it is after. */
export type PageWithLate = LogPage & { late: number };

/**
 * A stretch of a log, and before it what writers added to the file before since somebody left that (`Position.left`):
 * whoever reads on from a place in the new file alone would not find it.
 *
 * @throws {PositionLostError} when a bound is no longer in the log
 */
export async function pageWithLate(
  log: Log,
  request: LogPageRequest,
  budget: Partial<PageBudget> = {},
): Promise<PageWithLate> {
  const range = await lateRange(log.chain, request);
  const read = (some: Partial<LogPageRequest>) => log.page({ ...request, ...some }, budget);
  const alone = async () => ({ ...(await read({})), late: 0 });
  if (range === null) return alone();
  try {
    const { take } = request;
    return await ('first' in take ? forward(range, take.first, read) : backward(range, take.last, read));
  } catch (error) {
    // The old file went meanwhile; or more, and then the page itself says so.
    if (error instanceof PositionLostError) return alone();
    throw error;
  }
}

/** Between which places that stands, before the place that the page is after. */
interface LateRange {
  low: Position;
  high: Position;
  after: Position;
  /** Whether the page ends within: then nothing of the new file is in it. */
  isAll: boolean;
}

type ReadPage = (request: Partial<LogPageRequest>) => Promise<LogPage>;

async function forward({ low, high, after, isAll }: LateRange, first: number, read: ReadPage): Promise<PageWithLate> {
  const late = await read({ after: low, before: high, take: { first } });
  const count = late.entries.length;
  const place = withLate(after, late.end);
  if (isAll || late.hasNext) return { ...late, end: place, hasNext: late.hasNext, late: count };
  const page = await read({ after: place, take: { first: first - count } });
  return { ...joined(late, page), hasNext: page.hasNext, end: page.end };
}

async function backward({ low, high, isAll }: LateRange, last: number, read: ReadPage): Promise<PageWithLate> {
  const page = isAll ? null : await read({});
  if (page?.hasPrevious) return { ...page, late: 0 };
  const late = await read({ after: low, before: high, take: { last: last - (page?.entries.length ?? 0) } });
  if (page === null) return { ...late, hasNext: true, late: late.entries.length };
  return { ...joined(late, page), end: withLate(page.end, late.end) };
}

function joined(late: LogPage, page: LogPage): PageWithLate {
  const isBegun = late.entries.length > 0 || !late.scan.complete;
  return {
    ...page,
    entries: [...late.entries, ...page.entries],
    late: late.entries.length,
    hasPrevious: late.hasPrevious,
    start: isBegun ? late.start : page.start,
    scan: {
      complete: late.scan.complete && page.scan.complete,
      scannedBytes: late.scan.scannedBytes + page.scan.scannedBytes,
    },
  };
}

/**
 * Null where nobody left a file, or it is no longer the one before. Where it is gone, another may look like it: what
 * stands between that and the place is not what was written late.
 */
const lateRange = (chain: Chain, { after, before }: LogPageRequest): Promise<LateRange | null> =>
  whileChainMoves(async () => {
    const low = after?.left;
    if (after === null || low === undefined) return null;
    const files = await chain.list();
    const [from, to] = [await chain.find(files, low), await chain.find(files, after)];
    const file = files[from];
    // Compressed, it is another file.
    const isTheSame = file !== undefined && (isSameFile(file, low.segment) || file.packing !== null);
    if (!isTheSame || to <= from) return null;
    for (const other of files.slice(from + 1, to)) if (!(await chain.isEmpty(other))) return null;
    const isIn = async (bound: Position | null | undefined) => bound && (await chain.find(files, bound)) === from;
    if (before !== null && (await isIn(before))) return { low, high: before, after, isAll: true };
    // Whoever came to the place before which it ends had read so far.
    const high = before?.left !== undefined && (await isIn(before.left)) ? before.left : beginningOf(after);
    return { low, high, after, isAll: false };
  });
