import type { Position, RawRecord } from '../entry.ts';
import type { Chain } from '../file/chain.ts';
import { LineSplitter } from '../file/line.ts';
import { linesBack } from '../file/line-start.ts';
import { endOfLog, type Range, rangeOf, type Span, whileChainMoves } from './span.ts';

/** Which part of a log to read: the `count` oldest or newest records after one position and before another. */
export interface PageRequest {
  after: Position | null;
  before: Position | null;
  take: { first: number } | { last: number };
}

export interface PageLimits {
  /** Longest record kept whole, in bytes. */
  maxRecordBytes: number;
  /** Bytes after which a page ends although it is not full. */
  scanBytesPerPage: number;
}

/** A stretch of a log: records in the order of writing. */
export interface Page {
  records: { record: RawRecord; writtenBefore: number }[];
  hasPrevious: boolean;
  hasNext: boolean;
  /** Where the page begins and ends, also when it is empty: reading can go on from here. */
  start: Position;
  end: Position;
  scan: { complete: boolean; scannedBytes: number };
}

/** @throws {PositionLostError} when a bound is no longer in the log */
export const readPage = (chain: Chain, request: PageRequest, limits: PageLimits): Promise<Page> =>
  whileChainMoves(() => tryPage(chain, request, limits));

async function tryPage(chain: Chain, request: PageRequest, limits: PageLimits): Promise<Page> {
  const range = await rangeOf(chain, request.after, request.before);
  const page =
    'first' in request.take
      ? await readForward(chain, range, request.take.first, limits)
      : await readBackward(chain, range, request.take.last, limits);
  const [first, last] = [page.records.at(0), page.records.at(-1)];
  if (first !== undefined && last !== undefined) {
    return { ...page, start: first.record.position, end: last.record.position };
  }
  const here = 'first' in request.take ? (request.after ?? request.before) : (request.before ?? request.after);
  const place = here ?? (await endOfLog(chain));
  return { ...page, start: place, end: place };
}

type Unplaced = Omit<Page, 'start' | 'end'>;

async function readForward(chain: Chain, range: Range, count: number, limits: PageLimits): Promise<Unplaced> {
  const records: Page['records'] = [];
  let scannedBytes = 0;
  let more = false;
  for (const span of range.spans) {
    if (records.length >= count || scannedBytes >= limits.scanBytesPerPage) {
      more = true;
      break;
    }
    const room = { records: count - records.length, bytes: limits.scanBytesPerPage - scannedBytes };
    const read = await readSpan(chain, span, room, limits.maxRecordBytes);
    records.push(...read.records);
    scannedBytes += read.scannedBytes;
    more = read.more;
  }
  const complete = !more || records.length >= count;
  return { records, hasPrevious: range.earlier, hasNext: more || range.later, scan: { complete, scannedBytes } };
}

async function readBackward(chain: Chain, range: Range, count: number, limits: PageLimits): Promise<Unplaced> {
  const pages: Page['records'][] = [];
  let found = 0;
  let scannedBytes = 0;
  let more = false;
  for (const span of [...range.spans].reverse()) {
    if (found >= count || scannedBytes >= limits.scanBytesPerPage) {
      more = true;
      break;
    }
    const start = await backFrom(chain, span, count - found, limits.scanBytesPerPage - scannedBytes);
    const all = { records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
    const read = await readSpan(chain, { ...span, start }, all, limits.maxRecordBytes);
    pages.push(read.records);
    found += read.records.length;
    scannedBytes += span.end - start;
    more = start > span.start;
  }
  const complete = !more || found >= count;
  const records = pages.reverse().flat();
  return { records, hasPrevious: more || range.earlier, hasNext: range.later, scan: { complete, scannedBytes } };
}

async function backFrom(chain: Chain, span: Span, count: number, budget: number): Promise<number> {
  const segment = await chain.openReadable(span.file);
  if (segment === null) return span.end;
  try {
    return (await linesBack(segment, span.end, { count, floor: span.start, budget })).start;
  } finally {
    await segment.close();
  }
}

/** Bytes read at once: enough for a page of ordinary lines. */
const blockBytes = 64 * 1024;

async function readSpan(
  chain: Chain,
  span: Span,
  room: { records: number; bytes: number },
  maxRecordBytes: number,
): Promise<{ records: Page['records']; scannedBytes: number; more: boolean }> {
  const segment = await chain.openReadable(span.file);
  if (segment === null) return { records: [], scannedBytes: 0, more: false };
  try {
    const splitter = new LineSplitter({
      offset: span.start,
      before: await segment.before(span.start),
      maxBytes: maxRecordBytes,
      segment: (end) => segment.identityAt(end),
    });
    const writtenBefore = span.current ? Date.now() : span.file.modifiedAt;
    const block = Buffer.allocUnsafe(Math.min(blockBytes, span.end - span.start));
    const records: RawRecord[] = [];
    while (splitter.readOffset < span.end && records.length < room.records) {
      if (splitter.offset - span.start >= room.bytes) break;
      const bytes = await segment.read(block.subarray(0, span.end - splitter.readOffset), splitter.readOffset);
      if (bytes.length === 0) break;
      records.push(...splitter.push(bytes));
    }
    if (splitter.readOffset >= span.end) records.push(...splitter.flush());
    const kept = records.slice(0, room.records);
    const last = kept.at(-1)?.position;
    const end = last ? last.offset + last.length : span.start;
    return {
      records: kept.map((record) => ({ record, writtenBefore })),
      scannedBytes: end - span.start,
      more: end < span.end,
    };
  } finally {
    await segment.close();
  }
}
