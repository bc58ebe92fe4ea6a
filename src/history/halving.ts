import { endOf } from '../entry.ts';
import { lineStart } from '../file/line-start.ts';
import { type Reading, understood } from '../format/registry.ts';
import { Joiner, type Layout } from './joiner.ts';
import { linesOf, type Text } from './lines.ts';
import { recordStartIn } from './record-start.ts';
import { mostUntimedBytes } from './time-before.ts';

/** Bytes between two places that are not worth another look. */
const nearBytes = 32 * 1024;

/** Bytes read at once for the time of one entry. */
const glanceBytes = 4 * 1024;

/** Entries looked at for one with a time. */
export const mostUntimed = 200;

/** A moment that is looked for. */
export interface Moment {
  /** Milliseconds since 1970, UTC. */
  time: number;
  /** What to take entries for of which nobody knows when they happened. */
  untimed: 'earlier' | 'later';
}

/** Whether what happened then was before a moment; null: nobody knows when. */
export const isBefore = (found: number | null, { time, untimed }: Moment): boolean =>
  found === null ? untimed === 'earlier' : found < time;

/**
 * Two places of a file near each other, by byte offset, both between two records: those before `low` happened before a
 * moment, those after `high` did not.
 */
export async function halve(
  text: Text,
  { start, end }: { start: number; end: number },
  moment: Moment,
  layout: Layout,
  reading: Reading,
): Promise<{ low: number; high: number }> {
  let [low, high] = [start, end];
  while (high - low > nearBytes) {
    const line = Math.max(low, await lineStart(text, low + Math.floor((high - low) / 2)));
    const found = await recordStartIn(text, { line, start: low, end }, layout);
    const place = found !== null && found > low ? found : await recordEnd(text, low, high, layout);
    // One record is all there is between them.
    if (place === null || place <= low || place >= high) break;
    if (isBefore(await timeFrom(text, place, end, layout, reading), moment)) low = place;
    else high = place;
  }
  return { low, high };
}

/**
 * The first place from byte `start` on, between two records, after which none has the time of an entry before `start`.
 * Null when those in this file all may.
 */
export async function pastUntimed(text: Text, start: number, end: number, layout: Layout, reading: Reading) {
  for await (const { raw, position } of recordsOf(text, start, end, layout)) {
    const isFar = position.offset - start >= mostUntimedBytes;
    if (isFar || understood(raw, reading).timestamp !== null) return position.offset;
  }
  return null;
}

/** When the first record from byte `start` on happened that says so; null when none of the next does. */
async function timeFrom(text: Text, start: number, end: number, layout: Layout, reading: Reading) {
  let looked = 0;
  for await (const { raw } of recordsOf(text, start, end, layout)) {
    const { timestamp } = understood(raw, reading);
    if (timestamp !== null) return timestamp;
    if (++looked >= mostUntimed) return null;
  }
  return null;
}

/** Where the record ends that begins at byte `start`; null when it goes on beyond `end`. */
async function recordEnd(text: Text, start: number, end: number, layout: Layout): Promise<number | null> {
  for await (const { position } of recordsOf(text, start, end, layout)) return endOf(position);
  return null;
}

async function* recordsOf(text: Text, start: number, end: number, { begins, maxRecordBytes }: Layout) {
  const joiner = begins && new Joiner(begins, maxRecordBytes);
  for await (const { lines } of linesOf(text, start, end, maxRecordBytes, glanceBytes)) {
    for (const line of lines) yield* joiner?.push(line) ?? [line];
  }
  yield* joiner?.flush() ?? [];
}
