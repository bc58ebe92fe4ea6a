import type { JsonValue, Parsed } from '../entry.ts';
import { valueAt } from '../filter/value.ts';
import { Matching } from './matching.ts';
import type { ValuesTask } from './piece.ts';

/** How many values are counted, and how many characters they may have together. */
interface Room {
  values: number;
  characters: number;
}

/**
 * In one piece. A field that has more, such as an id, has none that is common; a value that comes when so many are there
 * is not counted.
 */
const roomOfPiece: Room = { values: 3000, characters: 512 * 1024 };
/** In all of them: they are in memory together, and the commonest are looked for in one go. */
const roomOfAll: Room = { values: 30_000, characters: 16 * 1024 * 1024 };

export interface ValueCounts {
  /** By the value as JSON, for two that are equal have one text. */
  counts: Map<string, number>;
  /** Characters of these texts. */
  characters: number;
  /** Whether every value was counted. */
  complete: boolean;
}

export const noValues = (): ValueCounts => ({ counts: new Map(), characters: 0, complete: true });

export const oneValue = (text: string): ValueCounts => ({
  counts: new Map([[text, 1]]),
  characters: text.length,
  complete: true,
});

export function addValues(sum: ValueCounts, { counts, complete }: ValueCounts): void {
  sum.complete &&= complete;
  for (const [text, count] of counts) add(sum, text, count, roomOfAll);
}

function add(sum: ValueCounts, text: string, count: number, room: Room): void {
  const known = sum.counts.get(text);
  if (known === undefined) {
    if (sum.counts.size >= room.values || sum.characters + text.length > room.characters) {
      sum.complete = false;
      return;
    }
    sum.characters += text.length;
  }
  sum.counts.set(text, (known ?? 0) + count);
}

/** The so many commonest, the commonest first; of those that are equally common the ones that came first. */
export function commonest({ counts }: ValueCounts, most: number): [text: string, count: number][] {
  // Not all are put in order, and none is made a pair of its own: of a hundred thousand that would take too long at once.
  const sorted = new Float64Array(counts.size);
  let at = 0;
  counts.forEach((count) => {
    sorted[at++] = count;
  });
  const least = sorted.sort()[Math.max(sorted.length - most, 0)] ?? 0;
  const above: [string, number][] = [];
  const level: [string, number][] = [];
  counts.forEach((count, text) => {
    if (count > least) above.push([text, count]);
    else if (count === least && level.length < most) level.push([text, count]);
  });
  return [...above.sort(([, a], [, b]) => b - a), ...level].slice(0, most);
}

/** The value of a field of an entry, or its level; null when there is none. */
export const namedValue = (parsed: Parsed, path: string): JsonValue =>
  path === 'level' ? parsed.level : valueAt(parsed, path);

/** Counts the values of a field in the records of a piece; a record without it counts for none. */
export async function countValues(task: ValuesTask): Promise<ValueCounts> {
  const sum = noValues();
  for await (const records of new Matching(task, false).records()) {
    for (const record of records) {
      const value = namedValue(record.parsed, task.path);
      if (value !== null) add(sum, JSON.stringify(value), 1, roomOfPiece);
    }
  }
  return sum;
}
