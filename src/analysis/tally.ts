import { type Level, levels, type Position } from '../entry.ts';

/** Entries that are kept as examples of those that are alike. */
const mostExamples = 3;

/** What is counted of entries that are alike. Plain data, for it is sent from thread to thread. */
export interface Tally {
  count: number;
  /** In the order of `levels`. */
  levels: number[];
  /** Milliseconds since 1970, UTC; null when nobody knows when they happened. */
  firstSeen: number | null;
  lastSeen: number | null;
  /** How many happened in which bucket. */
  timeline: Map<number, number>;
  /** Where the first of them stand. */
  examples: Position[];
}

const levelIndex = new Map(levels.map((level, index): [Level, number] => [level, index]));

export const emptyTally = (): Tally => ({
  count: 0,
  levels: levels.map(() => 0),
  firstSeen: null,
  lastSeen: null,
  timeline: new Map(),
  examples: [],
});

/** @param time in ms since 1970, UTC, with its bucket; null when nobody knows */
export function countEntry(tally: Tally, level: Level, time: number | null, bucket: number): void {
  const index = levelIndex.get(level) ?? 0;
  tally.count++;
  tally.levels[index] = (tally.levels[index] ?? 0) + 1;
  if (time === null) return;
  if (tally.firstSeen === null || time < tally.firstSeen) tally.firstSeen = time;
  if (tally.lastSeen === null || time > tally.lastSeen) tally.lastSeen = time;
  tally.timeline.set(bucket, (tally.timeline.get(bucket) ?? 0) + 1);
}

/** Adds what was counted of entries that come later in the log. */
export function addTally(into: Tally, from: Tally): void {
  into.count += from.count;
  for (const [index, count] of from.levels.entries()) into.levels[index] = (into.levels[index] ?? 0) + count;
  if (from.firstSeen !== null) into.firstSeen = Math.min(into.firstSeen ?? from.firstSeen, from.firstSeen);
  if (from.lastSeen !== null) into.lastSeen = Math.max(into.lastSeen ?? from.lastSeen, from.lastSeen);
  for (const [bucket, count] of from.timeline) into.timeline.set(bucket, (into.timeline.get(bucket) ?? 0) + count);
  into.examples = [...into.examples, ...from.examples].slice(0, mostExamples);
}

/** The level that most have; of equals the most severe. */
export const levelOf = ({ levels: counts }: Tally): Level =>
  levels[counts.lastIndexOf(Math.max(...counts))] ?? 'UNKNOWN';

/** How many there are of each level, those of which there are any. */
export const levelCountsOf = (tallies: readonly Tally[]): { level: Level; count: number }[] =>
  levels
    .map((level, index) => ({ level, count: tallies.reduce((sum, tally) => sum + (tally.levels[index] ?? 0), 0) }))
    .filter(({ count }) => count > 0);
