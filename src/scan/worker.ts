import { countByTime } from './histogram.ts';
import type { Task } from './piece.ts';
import { type Found, search } from './search.ts';
import { countValues, type ValueCounts } from './values.ts';
import { writtenText } from './written-text.ts';

/** What a thread of the pool is started with: does one task after the other. */
export default function run(task: Task): Promise<Found | Float64Array | ValueCounts | Uint8Array> {
  switch (task.kind) {
    case 'search':
      return search(task);
    case 'histogram':
      return countByTime(task);
    case 'values':
      return countValues(task);
    case 'text':
      return writtenText(task);
  }
}
