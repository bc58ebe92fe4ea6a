import type { RawRecord } from '../entry.ts';
import { matching } from './matching.ts';
import type { SearchTask } from './piece.ts';

/** The records of a piece that fulfil a filter, so many from either end; in the order of the log. */
export async function search(task: SearchTask): Promise<RawRecord[]> {
  const { take } = task;
  let found: RawRecord[] = [];
  for await (const portion of matching(task, { timed: false })) {
    for (const { record } of portion) found.push(record);
    if ('last' in take) found = found.slice(-take.last);
    else if (found.length >= take.first) return found.slice(0, take.first);
  }
  return found;
}
