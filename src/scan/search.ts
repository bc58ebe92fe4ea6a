import type { RawRecord } from '../entry.ts';
import { Matching } from './matching.ts';
import type { SearchTask } from './piece.ts';

/** The records of a piece that fulfil a filter, so many from either end; in the order of the log. */
export async function search(task: SearchTask): Promise<RawRecord[]> {
  const { take } = task;
  let found: RawRecord[] = [];
  await new Matching(task, false).each((match) => {
    for (const record of match.records()) found.push(record);
    if ('first' in take) return found.length >= take.first ? 'enough' : undefined;
    if (found.length > 2 * take.last) found = found.slice(-take.last);
    return undefined;
  });
  return 'first' in take ? found.slice(0, take.first) : found.slice(-take.last);
}
