import { havingLeft, isPlaceInTime, isSameFile, type Position } from '../entry.ts';
import { type Chain, isCopyOf } from '../file/chain.ts';
import { isYoung } from '../file/leaving.ts';
import type { Layout } from './joiner.ts';
import { Passage, type WrittenRecord } from './passage.ts';
import type { Sieve } from './scan.ts';
import { type PageBudget, type Read, search } from './search.ts';
import { endOfLog, type Range, readRange } from './span.ts';

/** Which part of a log to read: the `count` oldest or newest records after one position and before another. */
export interface PageRequest {
  after: Position | null;
  before: Position | null;
  take: { first: number } | { last: number };
  /** Null: every record. */
  sieve: Sieve | null;
}

/** A stretch of a log: records in the order of writing. */
export interface Page {
  records: Read['records'];
  /** As Relay defines them: towards the end that is read to, whether there is more in the range. */
  hasPrevious: boolean;
  hasNext: boolean;
  /** Where the page begins and ends, also when it is empty: reading can go on from here. */
  start: Position;
  /** With how far the file before was read, while writers may still go on in that. */
  end: Position;
  scan: { complete: boolean; scannedBytes: number };
}

/** @throws {PositionLostError} when a bound is no longer in the log */
export const readPage = (chain: Chain, request: PageRequest, limits: Layout & PageBudget): Promise<Page> =>
  readRange(chain, request, async (range) => {
    const page = await pageOf(chain, range, request, limits);
    return { ...page, end: await havingRead(page.end, chain, range, request) };
  });

async function pageOf(chain: Chain, range: Range, request: PageRequest, limits: Layout & PageBudget): Promise<Page> {
  const { after, before, take, sieve } = request;
  const whole = new Passage(chain, range, limits, before === null ? 'log' : 'bound');
  const passage = await whole.settledPart();
  const isForward = 'first' in take;
  const read = await (sieve === null ? readAll(passage, take, limits) : search(passage, take, sieve, limits));
  const { records, begin, end, more } = read;
  const scannedBytes = await passage.distance(begin, end);
  const found = {
    records,
    // Whoever reads a range to its end must come to one, whatever is beyond.
    hasPrevious: isForward ? range.earlier : more,
    hasNext: isForward ? more : range.later,
    scan: { complete: !more || records.length >= (isForward ? take.first : take.last), scannedBytes },
  };
  const [first, last] = [records.at(0)?.record.position, records.at(-1)?.record.position];
  if (first === undefined || last === undefined) {
    // Not simply the end of the log: before a record that is not whole yet.
    const last = passage.spans.length > 0 ? await passage.positionAt(await passage.end()) : null;
    const place = (isForward ? (after ?? before) : (before ?? after)) ?? last ?? (await endOfLog(chain));
    if (scannedBytes === 0) return { ...found, start: place, end: place };
    const [low, high] = [await passage.positionAt(begin), await passage.positionAt(end)];
    return { ...found, start: low ?? place, end: high ?? place };
  }
  // What was looked through in vain need not be looked through again.
  const far = found.scan.complete || scannedBytes === 0 ? null : await passage.positionAt(isForward ? end : begin);
  return { ...found, start: (isForward ? null : far) ?? first, end: (isForward ? far : null) ?? last };
}

function readAll(passage: Passage, take: PageRequest['take'], { scanBytesPerPage }: PageBudget): Promise<Read> {
  return 'first' in take
    ? forward(passage, take.first, scanBytesPerPage)
    : backward(passage, take.last, scanBytesPerPage);
}

async function forward(passage: Passage, count: number, budget: number): Promise<Read> {
  const begin = passage.beginning;
  const records: WrittenRecord[] = [];
  if (count === 0) return { records, begin, end: begin, more: await passage.hasMoreAfter(begin) };
  for await (const portion of passage.records(begin, null)) {
    records.push(...portion.records);
    const isFull = records.length >= count;
    if (!isFull && (await passage.distance(begin, portion.reached)) < budget) continue;
    const end = records[count - 1]?.end ?? portion.reached;
    return { records: records.slice(0, count), begin, end, more: await passage.hasMoreAfter(end) };
  }
  return { records, begin, end: await passage.end(), more: false };
}

/** Bytes that a log is gone back over at first, and at most at once, where a record may have several lines. */
const [leastBytes, mostBytes] = [64 * 1024, 1024 * 1024];

async function backward(passage: Passage, count: number, budget: number): Promise<Read> {
  const end = await passage.end();
  const pages: WrittenRecord[][] = [];
  let begin = end;
  let found = 0;
  let left = budget;
  for (let bytes = leastBytes; found < count && left > 0; bytes = Math.min(2 * bytes, mostBytes)) {
    const from = await passage.back(begin, { count: count - found, bytes, budget: left });
    if (from.span === begin.span && from.offset === begin.offset) break;
    const page: WrittenRecord[] = [];
    for await (const { records } of passage.records(from, begin)) page.push(...records);
    pages.push(page);
    // Not everything that is passed is a record.
    found += page.length;
    left -= await passage.distance(from, begin);
    begin = from;
  }
  const records = pages.reverse().flat();
  if (found > count) begin = records[found - count - 1]?.end ?? begin;
  return { records: records.slice(Math.max(0, found - count)), begin, end, more: await passage.hasMoreBefore(begin) };
}

/** The end of a page, with how far the file before that was read. */
async function havingRead(end: Position, chain: Chain, { spans, preceding }: Range, { after, take }: PageRequest) {
  if (isPlaceInTime(end) || !isYoung(end.segment)) return end;
  // Whoever goes on from there was given what was written to it since, up to where the cursor says.
  if ('first' in take && after?.left !== undefined && isSameFile(after.segment, end.segment))
    return havingLeft(end, after.left);
  const all = [...preceding, ...spans];
  const index = all.findIndex(({ file }) => isSameFile(file, end.segment));
  const [before, own] = [all[index - 1], all[index]];
  if (before?.end == null || before.file.packing !== null || isCopyOf(before.file, own?.file)) return end;
  const segment = await chain.openReadable(before.file);
  if (segment === null) return end;
  const left = segment.positionAt(before.end).finally(() => segment.close());
  return havingLeft(end, await left);
}
