import type { JsonValue } from '../entry.ts';

/** What stands where a secret was. */
const redacted = '[redacted]';

/** Levels of lists and objects in each other: more than anybody writes, and few enough to walk through. */
const deepest = 32;

/**
 * A JSON value in which the values of secret keys are not shown: of each that has one of `names` in it, in any case of
 * letters, such as `accessToken` for `token`. Takes too much rather than too little. Undefined: it is nested too deeply.
 */
export function redact(value: JsonValue, names: readonly string[], depth = 0): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) return undefined;
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const item of value) {
      const clean = redact(item, names, depth + 1);
      if (clean === undefined) return undefined;
      items.push(clean);
    }
    return items;
  }
  const pairs: [string, JsonValue][] = [];
  for (const [key, item] of Object.entries(value)) {
    const folded = key.toLowerCase();
    const clean = names.some((name) => folded.includes(name)) ? redacted : redact(item, names, depth + 1);
    if (clean === undefined) return undefined;
    pairs.push([key, clean]);
  }
  return Object.fromEntries(pairs);
}
