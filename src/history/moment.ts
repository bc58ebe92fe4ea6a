import { understood } from '../format/registry.ts';
import type { Passage, Place, ReadingOf } from './passage.ts';

/**
 * How far (ms) entries may be out of order: what was written before an entry may have happened so much later. Servers
 * write a request down when it is answered, and several processes write one log.
 */
const disorderMs = 60_000;

/** Bytes between two places that are not worth another look. */
const nearBytes = 32 * 1024;

/** Bytes read at once for the time of one entry. */
const glanceBytes = 4 * 1024;

/** Entries looked at for one with a time. */
const mostUntimed = 200;

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
  return { low: low?.low ?? passage.beginning, high: high?.high ?? (await passage.end()) };
}

/**
 * Two places near each other: entries before `low` happened before `time`, those after `high` did not.
 *
 * @param untimed what to take entries for of which nobody knows
 */
async function narrow(passage: Passage, time: number, untimed: 'earlier' | 'later', reading: ReadingOf) {
  const isEarlier = async (place: Place): Promise<boolean> => {
    const found = await timeFrom(passage, place, reading);
    return found === null ? untimed === 'earlier' : found < time;
  };
  const [beginning, end] = [passage.beginning, await passage.end()];
  let [first, last] = [beginning.span, end.span];
  // The last file that begins before that time.
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if (await isEarlier({ span: middle, offset: (await passage.settled(middle)).start })) first = middle;
    else last = middle - 1;
  }
  if (passage.spans.length === 0) return { low: beginning, high: end };
  const span = await passage.settled(first);
  let [low, high] = [span.start, span.end];
  while (high - low > nearBytes) {
    const middle = low + Math.floor((high - low) / 2);
    const place = await passage.recordStart({ span: first, offset: middle });
    if (place.span !== first || place.offset <= low) high = middle;
    else if (await isEarlier(place)) low = place.offset;
    else high = place.offset;
  }
  return { low: { span: first, offset: low }, high: { span: first, offset: high } };
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
