import { emptyCounts, indexIn } from '../history/histogram.ts';
import { matching } from './matching.ts';
import type { HistogramTask } from './piece.ts';

/** Counts the records of a piece by time and level: those of a bucket stand together. Left out are those without a time. */
export async function countByTime(task: HistogramTask): Promise<Float64Array> {
  const { scale } = task;
  const counts = emptyCounts(scale);
  for await (const records of matching(task, { timed: true })) {
    for (const { time, parsed } of records) {
      if (time === null) continue;
      const index = indexIn(scale, time, parsed.level);
      counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  return counts;
}
