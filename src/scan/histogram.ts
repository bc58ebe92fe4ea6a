import { emptyCounts, indexIn } from '../history/histogram.ts';
import { Matching } from './matching.ts';
import type { HistogramTask } from './piece.ts';

/** Counts the records of a piece by time and level: those of a bucket stand together. Left out are those without a time. */
export async function countByTime(task: HistogramTask): Promise<Float64Array> {
  const { scale } = task;
  const counts = emptyCounts(scale);
  await new Matching(task, true).each(({ time, level }) => {
    if (time === null) return undefined;
    const index = indexIn(scale, time, level);
    counts[index] = (counts[index] ?? 0) + 1;
    return undefined;
  });
  return counts;
}
