import type { JsonValue, Parsed } from '../entry.ts';
import { valueAt } from '../filter/value.ts';
import { Matching } from './matching.ts';
import type { ValuesTask } from './piece.ts';

/**
 * Most values counted in one piece. A field that has more, such as an id, has none that is common; a value that comes
 * when so many are there is not counted.
 */
const mostValues = 10_000;

export interface ValueCounts {
  /** By the value as JSON, for two that are equal have one text. */
  counts: Map<string, number>;
  /** Whether every value was counted. */
  complete: boolean;
}

/** The value of a field of an entry, or its level; null when there is none. */
export const namedValue = (parsed: Parsed, path: string): JsonValue =>
  path === 'level' ? parsed.level : valueAt(parsed, path);

/** Counts the values of a field in the records of a piece; a record without it counts for none. */
export async function countValues(task: ValuesTask): Promise<ValueCounts> {
  const counts = new Map<string, number>();
  let complete = true;
  for await (const records of new Matching(task, false).records()) {
    for (const record of records) {
      const value = namedValue(record.parsed, task.path);
      if (value === null) continue;
      const text = JSON.stringify(value);
      const count = counts.get(text);
      if (count !== undefined || counts.size < mostValues) counts.set(text, (count ?? 0) + 1);
      else complete = false;
    }
  }
  return { counts, complete };
}
