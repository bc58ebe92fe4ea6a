import { matching } from './matching.ts';
import { countedLevels, type HistogramTask } from './piece.ts';

/** Counts the records of a piece by time and level: those of a bucket stand together. Left out are those without a time. */
export async function countByTime(task: HistogramTask): Promise<Float64Array> {
  const { from, bucketMs, buckets } = task;
  const counts = new Float64Array(buckets * countedLevels.length);
  for await (const records of matching(task, { timed: true })) {
    for (const { time, parsed } of records) {
      if (time === null) continue;
      const bucket = Math.min(Math.max(Math.floor((time - from) / bucketMs), 0), buckets - 1);
      const index = bucket * countedLevels.length + countedLevels.indexOf(parsed.level);
      counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  return counts;
}
