import { type Level, levels } from './rollup-key.ts';

/** A stretch of time, from `from` on and before `to`; ms since 1970, UTC. */
export interface TimeRange {
  from: number;
  to: number;
}

/** How a stretch of time is put together: of rollups as long as possible, and of actions where there are none. */
export interface Cover {
  rollups: (TimeRange & { level: Level })[];
  actions: TimeRange[];
}

/**
 * Days in the middle, eight at a time where they can be, hours on either side of them, minutes on either side of those, and what is left at the ends.
 *
 * @param longest level of the longest rollups that are of use
 * @param minutesFrom from when on there are rollups for minutes; a whole hour
 */
export function coverOf(range: TimeRange, { longest, minutesFrom }: { longest: Level; minutesFrom: number }): Cover {
  const cover: Cover = { rollups: [], actions: [] };
  fill(cover, range, longest, minutesFrom);
  return cover;
}

const shorter = { 1: 0, 2: 1, 3: 2 } as const;

function fill(cover: Cover, { from, to }: TimeRange, level: Level, minutesFrom: number): void {
  if (from >= to) return;
  const low = level === 0 ? Math.max(from, minutesFrom) : from;
  const [start, end] = [Math.ceil(low / levels[level]) * levels[level], Math.floor(to / levels[level]) * levels[level]];
  const rest = (part: TimeRange) => {
    if (level !== 0) fill(cover, part, shorter[level], minutesFrom);
    else if (part.from < part.to) cover.actions.push(part);
  };
  if (start < end) {
    cover.rollups.push({ from: start, to: end, level });
    rest({ from, to: start });
    rest({ from: end, to });
  } else rest({ from, to });
}
