import { understood } from '../format/registry.ts';
import { repetitionAt } from '../format/zone.ts';
import { isBefore, type Moment, mostUntimed } from './halving.ts';
import type { Passage, Place, ReadingOf } from './passage.ts';
import { pieceOf } from './piece.ts';
import type { Sieve } from './scan.ts';
import { mostUntimedBytes } from './time-before.ts';

/**
 * How far (ms) entries may be out of order: what was written before an entry may have happened so much later. Servers
 * write a request down when it is answered, and several processes write one log.
 */
export const disorderMs = 30_000;

/** Bytes read at once for the time of one entry. */
const glanceBytes = 4 * 1024;

/**
 * The part of a passage in which what happened from `from` on and before `to` (ms since 1970, UTC) stands, and not much
 * else. Found by halving, so the cost hardly depends on the size of the log; compressed files are unpacked only where it
 * looks.
 */
export async function between(
  passage: Passage,
  { from, to }: { from: number | null; to: number | null },
  sieve: Sieve,
): Promise<{ low: Place; high: Place }> {
  const [low, high] = await Promise.all([
    from === null ? null : narrow(passage, { time: inOrder(from - disorderMs, -1, sieve), untimed: 'later' }, sieve),
    to === null ? null : narrow(passage, { time: inOrder(to + disorderMs, 1, sieve), untimed: 'earlier' }, sieve),
  ]);
  return {
    low: low?.low ?? passage.beginning,
    high:
      high === null
        ? await passage.end()
        : (high.timed ?? (await afterUntimed(passage, high.high, passage.readings(sieve)))),
  };
}

/**
 * A moment at or beyond this one (ms since 1970, UTC) that entries are before or after as a whole: not one that the
 * clocks of the log show twice, around which they are in order, and in order again.
 */
const inOrder = (time: number, direction: 1 | -1, { timezone }: Sieve): number =>
  time + direction * repetitionAt(time, timezone);

/** The first place from this one on that is between two records, and after which none has the time of an entry before. */
async function afterUntimed(passage: Passage, place: Place, reading: ReadingOf): Promise<Place> {
  if (passage.spans.length === 0) return place;
  const isAfter = (a: Place, b: Place) => a.span > b.span || (a.span === b.span && a.offset > b.offset);
  // At the end of a file a record may go on in the next.
  let begin = await passage.recordStart(place);
  for await (const { records } of passage.records(begin, null, glanceBytes)) {
    if ((await passage.distance(place, begin)) >= mostUntimedBytes) return begin;
    for (const { record, end } of records) {
      const isApart = !isAfter(place, begin);
      if (isApart && understood(record.raw, reading(end.span)).timestamp !== null) return begin;
      begin = end;
    }
  }
  return isAfter(place, begin) ? place : begin;
}

/** It takes a moment, and nothing is asked of the entry before. */
const untimed = { timeBeforeFile: null, cancelled: new Int32Array(new SharedArrayBuffer(4)) };

/**
 * Two places near each other: entries before `low` happened before a moment, those after `high` did not. And the first
 * place from `high` on before an entry with a time, where those without one count as earlier, if it was come across.
 */
async function narrow(
  passage: Passage,
  moment: Moment,
  sieve: Sieve,
): Promise<{ low: Place; high: Place; timed: Place | null }> {
  const [beginning, end] = [passage.beginning, await passage.end()];
  if (passage.spans.length === 0) return { low: beginning, high: end, timed: null };
  const readingOf = passage.readings(sieve);
  let [first, last] = [beginning.span, end.span];
  // The last file that begins before that time.
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    const { start } = await passage.settled(middle);
    if (isBefore(await timeFrom(passage, { span: middle, offset: start }, readingOf), moment)) first = middle;
    else last = middle - 1;
  }
  const { start, end: fileEnd } = await passage.settled(first);
  const at = (offset: number): Place => ({ span: first, offset });
  return passage.files.lend(first, async (segment) => {
    if (segment === null) return { low: at(start), high: at(fileEnd), timed: null };
    // A thread reads without waiting, and there is nothing else to do between two looks.
    const piece = pieceOf(passage, sieve, segment, { span: first, start, end: fileEnd }, untimed);
    const { low, high, timed } = await sieve.pool.run({ kind: 'halve', piece, moment });
    return { low: at(low), high: at(high), timed: timed === null ? null : at(timed) };
  });
}

/** When the first entry after a place happened that says so; null when none of the next `most` does. */
export async function timeFrom(
  passage: Passage,
  place: Place,
  reading: ReadingOf,
  most = mostUntimed,
): Promise<number | null> {
  let looked = 0;
  for await (const { records } of passage.records(place, null, glanceBytes)) {
    for (const { record, end } of records) {
      const { timestamp } = understood(record.raw, reading(end.span));
      if (timestamp !== null) return timestamp;
      if (++looked >= most) return null;
    }
  }
  return null;
}
