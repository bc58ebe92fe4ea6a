import { endOf, type Position, type RawRecord } from '../entry.ts';
import type { Chain } from '../file/chain.ts';
import { LineSplitter } from '../file/line.ts';
import { linesBack } from '../file/line-start.ts';
import type { ChainFile } from '../file/listing.ts';
import { endOfLog, haveContent, type Range, rangeOf, type SettledSpan, settled, whileChainMoves } from './span.ts';

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
  const reached = page.reached && (await placeAt(chain, page.reached));
  const place = reached ?? here ?? (await endOfLog(chain));
  return { ...page, start: place, end: place };
}

/** `reached`: where reading ended; null when nothing was read. */
type Unplaced = Omit<Page, 'start' | 'end'> & { reached: { file: ChainFile; offset: number } | null };

async function readForward(chain: Chain, range: Range, count: number, limits: PageLimits): Promise<Unplaced> {
  const records: Page['records'] = [];
  let scannedBytes = 0;
  let more = false;
  let reached: Unplaced['reached'] = null;
  for (const [index, unread] of range.spans.entries()) {
    if (records.length >= count || scannedBytes >= limits.scanBytesPerPage) {
      more ||= await haveContent(chain, range.spans.slice(index));
      break;
    }
    const span = await settled(chain, unread);
    const room = { records: count - records.length, bytes: limits.scanBytesPerPage - scannedBytes };
    const read = await readSpan(chain, span, room, limits.maxRecordBytes);
    records.push(...read.records);
    scannedBytes += read.scannedBytes;
    more = read.more;
    if (read.scannedBytes > 0) reached = { file: span.file, offset: span.start + read.scannedBytes };
  }
  const complete = !more || records.length >= count;
  const scan = { complete, scannedBytes };
  return { records, hasPrevious: range.earlier, hasNext: more || range.later, reached, scan };
}

async function readBackward(chain: Chain, range: Range, count: number, limits: PageLimits): Promise<Unplaced> {
  const pages: Page['records'][] = [];
  let found = 0;
  let scannedBytes = 0;
  let more = false;
  let reached: Unplaced['reached'] = null;
  const spans = [...range.spans].reverse();
  for (const [index, unread] of spans.entries()) {
    if (found >= count || scannedBytes >= limits.scanBytesPerPage) {
      more ||= await haveContent(chain, spans.slice(index));
      break;
    }
    const span = await settled(chain, unread);
    let { end } = span;
    // Not everything that is passed is a record.
    while (end > span.start && found < count && scannedBytes < limits.scanBytesPerPage) {
      const part = { ...span, end };
      const start = await backFrom(chain, part, count - found, limits.scanBytesPerPage - scannedBytes);
      const all = { records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
      const read = await readSpan(chain, { ...part, start }, all, limits.maxRecordBytes);
      pages.push(read.records);
      found += read.records.length;
      scannedBytes += read.scannedBytes;
      end = start;
    }
    more = end > span.start;
    if (end < span.end) reached = { file: span.file, offset: end };
  }
  const complete = !more || found >= count;
  const records = pages.reverse().flat();
  const scan = { complete, scannedBytes };
  return { records, hasPrevious: more || range.earlier, hasNext: range.later, reached, scan };
}

/** Null when the file may no longer be read. */
async function placeAt(chain: Chain, { file, offset }: { file: ChainFile; offset: number }): Promise<Position | null> {
  const segment = await chain.openReadable(file);
  if (segment === null) return null;
  try {
    return await segment.positionAt(offset);
  } finally {
    await segment.close();
  }
}

async function backFrom(chain: Chain, span: SettledSpan, count: number, budget: number): Promise<number> {
  const segment = await chain.openReadable(span.file);
  if (segment === null) return span.start;
  try {
    return await linesBack(segment, span.end, { count, floor: span.start, budget });
  } finally {
    await segment.close();
  }
}

/** Bytes read at once: enough for a page of ordinary lines. */
const blockBytes = 64 * 1024;

async function readSpan(
  chain: Chain,
  span: SettledSpan,
  room: { records: number; bytes: number },
  maxRecordBytes: number,
): Promise<{ records: Page['records']; scannedBytes: number; more: boolean }> {
  const segment = await chain.openReadable(span.file);
  if (segment === null) return { records: [], scannedBytes: 0, more: false };
  try {
    const splitter = new LineSplitter({
      offset: span.start,
      before: await segment.before(span.start),
      encoding: segment.encoding,
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
    const end = last && kept.length < records.length ? endOf(last) : splitter.offset;
    return {
      records: kept.map((record) => ({ record, writtenBefore })),
      scannedBytes: end - span.start,
      more: end < span.end,
    };
  } finally {
    await segment.close();
  }
}
