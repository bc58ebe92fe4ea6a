import type { RawRecord } from '../entry.ts';
import { Matching } from './matching.ts';
import type { SearchTask } from './piece.ts';

export interface Found {
  records: RawRecord[];
  /** Whether there may be more in the piece, which was left for they had so many bytes together. */
  isCut: boolean;
}

/** The records of a piece that fulfil a filter, so many from either end; in the order of the log. */
export async function search(task: SearchTask): Promise<Found> {
  const { take, mostBytes } = task;
  let found: Found = { records: [], isCut: false };
  let bytes = 0;
  await new Matching(task, false).each((match) => {
    const { record } = match.whole();
    found.records.push(record);
    bytes += record.position.length;
    if ('first' in take) {
      found.isCut = bytes >= mostBytes;
      return found.records.length >= take.first || found.isCut ? 'enough' : undefined;
    }
    if (found.records.length <= 2 * take.last && bytes <= 2 * mostBytes) return undefined;
    found = newest(found, take.last, mostBytes);
    bytes = found.records.reduce((sum, { position }) => sum + position.length, 0);
    return undefined;
  });
  return 'first' in take
    ? { ...found, records: found.records.slice(0, take.first) }
    : newest(found, take.last, mostBytes);
}

function newest({ records, isCut }: Found, count: number, mostBytes: number): Found {
  let bytes = 0;
  const rest = records.findLastIndex(({ position }, index) => {
    if (records.length - index > count || bytes >= mostBytes) return true;
    bytes += position.length;
    return false;
  });
  const newer = records.slice(rest + 1);
  return { records: newer, isCut: (isCut || rest >= 0) && newer.length < count };
}
