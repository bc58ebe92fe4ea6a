import type { RawRecord } from '../entry.ts';
import { lineStart } from '../file/line-start.ts';
import { type Reading, understood } from '../format/registry.ts';
import { Joiner } from './joiner.ts';
import { linesOf, type Text } from './lines.ts';
import { recordStartIn } from './record-start.ts';

/** An entry that says when it happened. */
export interface TimedEntry {
  /** Milliseconds since 1970, UTC. */
  time: number;
  /** Where it begins, in bytes after a place that whoever asked knows, mostly the beginning of a file; before it, negative. */
  offset: number;
}

/**
 * Bytes from the beginning of an entry that says when it happened to that of the last one without a time that has its
 * time: so a log need not be read from its beginning, and what is found does not depend on where reading begins.
 */
export const mostUntimedBytes = 1024 * 1024;

/**
 * When an entry without a time happened that begins at byte `offset`, by the last one before it that says so, in ms since
 * 1970, UTC; null when nobody knows.
 */
export const timeAfter = (last: TimedEntry | null, offset: number): number | null =>
  last !== null && offset - last.offset <= mostUntimedBytes ? last.time : null;

/** Bytes looked back over at first for an entry that says when it happened; four times as many each time after. */
const leastBytes = 4 * 1024;

/**
 * The last entry before byte `end` of a file that says when it happened. Null when none does from byte `start` on, between
 * two records, or as near as an entry there might have its time.
 */
export async function timeBefore(
  text: Text,
  { start, end }: { start: number; end: number },
  { maxRecordBytes, ...reading }: Reading & { maxRecordBytes: number },
): Promise<TimedEntry | null> {
  const begins = reading.format.begins ?? null;
  for (let bytes = leastBytes; end > start; bytes *= 4) {
    const line = Math.max(start, await lineStart(text, Math.max(0, end - bytes)));
    // Within a record, a line might say another time than all of it.
    const from = (await recordStartIn(text, { line, start, end }, { begins, maxRecordBytes })) ?? start;
    const joiner = begins && new Joiner(begins, maxRecordBytes);
    let last: TimedEntry | null = null;
    for await (const { lines } of linesOf(text, from, end, maxRecordBytes, bytes)) {
      for (const record of lines.flatMap((line) => joiner?.push(line) ?? [line])) last = timed(record, reading) ?? last;
    }
    for (const record of joiner?.flush() ?? []) last = timed(record, reading) ?? last;
    if (last !== null) return last;
    if (from <= start || bytes >= mostUntimedBytes) return null;
  }
  return null;
}

function timed({ raw, position: { offset } }: RawRecord, reading: Reading): TimedEntry | null {
  const time = understood(raw, reading).timestamp;
  return time === null ? null : { time, offset };
}
