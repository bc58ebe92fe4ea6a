import { lineStart } from '../file/line-start.ts';
import { type Reading, understood } from '../format/registry.ts';
import { Joiner, type Layout } from './joiner.ts';
import { linesOf, type Text } from './lines.ts';
import type { Passage, Place, ReadingOf } from './passage.ts';
import { recordStartIn } from './record-start.ts';

/**
 * How far (ms) entries may be out of order: what was written before an entry may have happened so much later. Servers
 * write a request down when it is answered, and several processes write one log.
 */
const disorderMs = 60_000;

/** Bytes between two places that are not worth another look. */
const nearBytes = 32 * 1024;

/** Bytes read at once for the time of one entry. */
const glanceBytes = 4 * 1024;

/** Entries looked at for one with a time, and bytes. */
const mostUntimed = 200;
const mostUntimedBytes = 1024 * 1024;

/**
 * The part of a passage in which what happened from `from` on and before `to` (ms since 1970, UTC) stands, and not much
 * else. Found by halving, so the cost hardly depends on the size of the log; compressed files are unpacked only where it
 * looks.
 */
export async function between(
  passage: Passage,
  { from, to }: { from: number | null; to: number | null },
  reading: ReadingOf,
): Promise<{ low: Place; high: Place }> {
  const low = from === null ? null : await narrow(passage, from - disorderMs, 'later', reading);
  const high = to === null ? null : await narrow(passage, to + disorderMs, 'earlier', reading);
  return {
    low: low?.low ?? passage.beginning,
    high: high === null ? await passage.end() : await afterUntimed(passage, high.high, reading),
  };
}

/**
 * The first place from this one on that is between two records, and before an entry that says when it happened: one
 * without a time has that of the one before.
 */
async function afterUntimed(passage: Passage, place: Place, reading: ReadingOf): Promise<Place> {
  if (passage.spans.length === 0) return place;
  const isAfter = (a: Place, b: Place) => a.span > b.span || (a.span === b.span && a.offset > b.offset);
  // At the end of a file a record may go on in the next.
  let begin = await passage.recordStart(place);
  for await (const { records, reached } of passage.records(begin, null, glanceBytes)) {
    // A log without times: all that is left of it has none.
    if ((await passage.distance(place, reached)) > mostUntimedBytes) return passage.end();
    for (const { record, end } of records) {
      const isApart = !isAfter(place, begin);
      if (isApart && understood(record.raw, reading(end.span)).timestamp !== null) return begin;
      begin = end;
    }
  }
  return isAfter(place, begin) ? place : begin;
}

/**
 * Two places near each other: entries before `low` happened before `time`, those after `high` did not.
 *
 * @param untimed what to take entries for of which nobody knows
 */
async function narrow(passage: Passage, time: number, untimed: 'earlier' | 'later', readingOf: ReadingOf) {
  const [beginning, end] = [passage.beginning, await passage.end()];
  if (passage.spans.length === 0) return { low: beginning, high: end };
  const isEarlier = (found: number | null) => (found === null ? untimed === 'earlier' : found < time);
  let [first, last] = [beginning.span, end.span];
  // The last file that begins before that time.
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    const { start } = await passage.settled(middle);
    if (isEarlier(await timeFrom(passage, { span: middle, offset: start }, readingOf))) first = middle;
    else last = middle - 1;
  }
  const { start, end: fileEnd } = await passage.settled(first);
  const segment = await passage.open(first);
  let [low, high] = [start, fileEnd];
  if (segment !== null) {
    try {
      while (high - low > nearBytes) {
        const line = Math.max(low, await lineStart(segment, low + Math.floor((high - low) / 2)));
        const found = await recordStartIn(segment, { line, start: low, end: fileEnd }, passage.layout);
        const isBetween = found !== null && found > low;
        const place = isBetween ? found : await recordEnd(passage, first, low, high);
        // One record is all there is between them.
        if (place === null || place <= low || place >= high) break;
        if (isEarlier(await timeIn(segment, place, fileEnd, passage.layout, readingOf(first)))) low = place;
        else high = place;
      }
    } finally {
      await segment.close();
    }
  }
  return { low: { span: first, offset: low }, high: { span: first, offset: high } };
}

/** When the first record from byte `start` on happened that says so; null when none of the next does. */
async function timeIn(text: Text, start: number, end: number, { begins, maxRecordBytes }: Layout, reading: Reading) {
  const joiner = begins && new Joiner(begins, maxRecordBytes);
  let looked = 0;
  for await (const { lines } of linesOf(text, start, end, maxRecordBytes, glanceBytes)) {
    for (const record of lines.flatMap((line) => joiner?.push(line) ?? [line])) {
      const { timestamp } = understood(record.raw, reading);
      if (timestamp !== null) return timestamp;
      if (++looked >= mostUntimed) return null;
    }
  }
  const [last] = joiner?.flush() ?? [];
  return last === undefined ? null : understood(last.raw, reading).timestamp;
}

/** Where the record ends that begins at byte `from` of a span; null when none does before `to`. */
async function recordEnd(passage: Passage, span: number, from: number, to: number): Promise<number | null> {
  for await (const { records } of passage.records({ span, offset: from }, { span, offset: to })) {
    const [record] = records;
    if (record !== undefined) return record.end.offset;
  }
  return null;
}

/** When the first entry after a place happened that says so; null when none of the next does. */
export async function timeFrom(passage: Passage, place: Place, reading: ReadingOf): Promise<number | null> {
  let looked = 0;
  for await (const { records } of passage.records(place, null, glanceBytes)) {
    for (const { record, end } of records) {
      const { timestamp } = understood(record.raw, reading(end.span));
      if (timestamp !== null) return timestamp;
      if (++looked >= mostUntimed) return null;
    }
  }
  return null;
}
