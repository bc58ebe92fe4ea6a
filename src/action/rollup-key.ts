/**
 * The number of a rollup: its length, its time and its series, one after the other, so that the rollups of a stretch of
 * time lie side by side in the table. Exact in 53 bits: 2 for the length, 27 for the time (minutes to the year 2225), 20
 * for the series.
 */

/** Lengths of rollups in ms, by their level: minutes, hours, days, and eight days, of which a month has but a few. */
export const levels = [60_000, 3_600_000, 86_400_000, 8 * 86_400_000] as const;
export type Level = 0 | 1 | 2 | 3;

const seriesCount = 2 ** 20;
const timeCount = 2 ** 27;

/** @param time any time in it, ms since 1970, UTC */
export const rollupKey = (level: Level, time: number, seriesId: number): number =>
  (level * timeCount + Math.floor(time / levels[level])) * seriesCount + seriesId;

/** The series of a rollup. */
export const seriesOf = (key: number): number => key % seriesCount;

export const levelOf = (key: number): Level => {
  const level = Math.floor(key / seriesCount / timeCount);
  return level === 0 || level === 1 || level === 2 ? level : 3;
};

/** When it begins; ms since 1970, UTC. */
export const startOf = (key: number): number => (Math.floor(key / seriesCount) % timeCount) * levels[levelOf(key)];
