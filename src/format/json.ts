import type { JsonObject, JsonValue } from '../entry.ts';
import type { ParseContext } from './format.ts';
import { clfTime, epochTime, isoTime } from './time.ts';

/** Levels of nesting in one record. Loggers stay below ten, and whoever writes the value out again recurses. */
const maxDepth = 100;
/** Values in one record: what is above is data, not a message, and would take too long to understand per line. */
const maxValues = 10_000;

const quote = 34;
const comma = 44;
const backslash = 92;
const openArray = 91;
const closeArray = 93;
const openObject = 123;
const closeObject = 125;

/** Whether a text stays within both limits, told before JSON.parse spends time on it. */
const isWithinLimits = (text: string): boolean => {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) {
      index++;
      while (index < text.length && text.charCodeAt(index) !== quote) {
        index += text.charCodeAt(index) === backslash ? 2 : 1;
      }
    } else if (code === comma) {
      if (++values > maxValues) return false;
    } else if (code === openArray || code === openObject) {
      if (++depth > maxDepth) return false;
    } else if (code === closeArray || code === closeObject) {
      depth--;
    }
  }
  return true;
};

/** Only for what JSON.parse returned. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Makes a parsed value safe to hand on, in place: numbers beyond a double (1e400) become null, and `__proto__` keys go,
 * because whoever copies the value key by key would change a prototype.
 */
const clean = (value: JsonValue): JsonValue => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = clean(item);
    return value;
  }
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__');
  for (const key of Object.keys(value)) {
    const item = value[key] ?? null;
    const cleaned = clean(item);
    if (cleaned !== item) value[key] = cleaned;
  }
  return value;
};

/** Reads a line that is one JSON object; null for anything else. Of a key written twice the last one counts. */
export const parseObject = (raw: string): JsonObject | null => {
  const text = raw.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) return null;
  // A shorter text cannot nest deeper and be valid.
  if (text.length > 2 * maxDepth && !isWithinLimits(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON, so not of the format.
    return null;
  }
  if (!isObject(value)) return null;
  clean(value);
  return value;
};

/**
 * The time that a JSON logger wrote: ISO 8601, that of an access log, or a number since 1970, also as text. Null for
 * anything else.
 */
export const timeOfJson = (value: JsonValue | undefined, context: ParseContext): number | null => {
  if (typeof value === 'number') return epochTime(value);
  if (typeof value !== 'string') return null;
  if (/^\d{9,19}(?:\.\d{1,9})?$/.test(value)) return epochTime(Number(value));
  return isoTime(value, context) ?? clfTime(value);
};

/** True for text, and where the logger had none: the key is missing or null. */
export const isTextOrNone = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || typeof value === 'string';
