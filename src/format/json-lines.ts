import type { JsonObject } from '../entry.ts';
import type { Format } from './format.ts';
import { isObject, parseObject } from './json.ts';
import { parsedOf } from './logger-keys.ts';

/** Loguru puts the record beside its text, with objects for level and time: the record as other loggers write it. */
const unwrapped = (outer: JsonObject): JsonObject => {
  const { record } = outer;
  if (!isObject(record) || !isObject(record.level) || !isObject(record.time)) return outer;
  const { level, time, name, ...others } = record;
  return { ...others, logger: name ?? null, level: level.name ?? null, time: time.timestamp ?? null };
};

/** Log4j's JsonLayout has seconds and nanoseconds in an object. */
const withTime = (record: JsonObject): JsonObject => {
  // Most records have none, and are not copied.
  if (!isObject(record.instant) || typeof record.instant.epochSecond !== 'number') return record;
  const { instant, ...others } = record;
  const { epochSecond, nanoOfSecond } = record.instant;
  const ms = typeof nanoOfSecond === 'number' ? Math.floor(nanoOfSecond / 1e6) : 0;
  return { ...others, timeMillis: epochSecond * 1000 + ms };
};

/** Serilog's compact form (https://clef-json.org) leaves the level out where it is Information. */
const isInformation = (record: JsonObject): boolean => typeof record['@t'] === 'string' && record['@l'] === undefined;

/**
 * One JSON object per line, as pino, bunyan, winston, structlog, Loguru, the Python JSON loggers, Logback, Log4j, zap,
 * Serilog, GELF, Docker and journald write them. Time, level and message are taken out; every other key is a field, as it
 * stands.
 */
export const JSON_LINES: Format = {
  name: 'JSON_LINES',
  parse(raw, context) {
    const record = parseObject(raw);
    if (record === null) return null;
    const parsed = parsedOf(withTime(unwrapped(record)), raw, context);
    return parsed.level === 'UNKNOWN' && isInformation(record) ? { ...parsed, level: 'INFO' } : parsed;
  },
};
