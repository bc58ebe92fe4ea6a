import type { JsonObject, JsonValue, Level, Parsed } from '../entry.ts';
import type { ParseContext } from './format.ts';
import { isObject, timeOfJson } from './json.ts';
import { levelOfJson } from './level.ts';

/** What the typed fields of an entry are made of. */
type Role = 'time' | 'level' | 'message' | 'logger' | 'module' | 'function' | 'line';

/**
 * The names that common loggers give to the same thing, and nginx to its times; journald's come last. The first that holds what is looked for
 * counts.
 */
const names: { readonly [R in Role]: readonly string[] } = {
  time: [
    ...['timestamp', 'time', '@timestamp', 'ts', '@t', 'asctime', 'datetime', 'date', 'created', 'timeMillis', 't'],
    ...['Timestamp', 'time_iso8601', 'time_local', '__REALTIME_TIMESTAMP'],
  ],
  level: [
    ...['level', 'severity', 'levelname', 'log.level', 'level_name', 'lvl', 'loglevel', '@l', 'LogLevel', 'Level'],
    'PRIORITY',
  ],
  message: [
    ...['message', 'msg', 'short_message', '@m', '@mt', 'event', 'log', 'RenderedMessage', 'Message', 'MESSAGE'],
  ],
  logger: ['logger', 'logger_name', 'loggerName', 'log.logger', 'SourceContext', 'Category', 'name'],
  module: ['module', 'filename', 'pathname', 'file', 'log.origin.file.name', 'CODE_FILE'],
  function: ['function', 'funcName', 'func_name', 'func', 'log.origin.function', 'CODE_FUNC'],
  line: ['line', 'lineno', 'lineNumber', 'log.origin.file.line', 'CODE_LINE'],
};

/** By name: which role it may have, and how many names come before it. */
const roles = new Map<string, { role: Role; rank: number }>();
for (const role of ['time', 'level', 'message', 'logger', 'module', 'function', 'line'] as const) {
  for (const [rank, name] of names[role].entries()) roles.set(name, { role, rank });
}

/** `name` is the logger where the rest is as bunyan, pino or Python's logging write it. */
const hasLoggerName = (record: JsonObject): boolean =>
  record.levelname !== undefined || (record.hostname !== undefined && record.pid !== undefined);

/** A line of code: a number, or one as text. */
const lineOf = (value: JsonValue | undefined): number | null => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : null;
};

/** Which key has which role, and what the values of two of them say. */
interface Found {
  keys: { [R in Role]?: string };
  timestamp: number | null;
  level: Level;
}

/** Whether the value of a key is what the role is about; of time and level it is kept, for it takes time to understand. */
const holds = (role: Role, key: string, record: JsonObject, context: ParseContext, found: Found): boolean => {
  const value = record[key];
  switch (role) {
    case 'time': {
      const timestamp = timeOfJson(value, context);
      found.timestamp = timestamp ?? found.timestamp;
      return timestamp !== null;
    }
    case 'level': {
      const level = levelOfJson(value);
      if (level === 'UNKNOWN') return false;
      found.level = level;
      return true;
    }
    case 'message':
      return typeof value === 'string' || typeof value === 'number';
    case 'line':
      return lineOf(value) !== null;
    case 'logger':
      return typeof value === 'string' && (key !== 'name' || hasLoggerName(record));
    default:
      return typeof value === 'string';
  }
};

const keysOf = (record: JsonObject, context: ParseContext): Found => {
  const found: Found = { keys: {}, timestamp: null, level: 'UNKNOWN' };
  const ranks: { [R in Role]?: number } = {};
  for (const key of Object.keys(record)) {
    const known = roles.get(key);
    if (known === undefined || known.rank >= (ranks[known.role] ?? Number.POSITIVE_INFINITY)) continue;
    if (!holds(known.role, key, record, context, found)) continue;
    found.keys[known.role] = key;
    ranks[known.role] = known.rank;
  }
  return found;
};

/** The places that are written as one: `caller` of Go's loggers, "main.go:12", and `src` of bunyan. */
const putJoined = ({ caller, src }: JsonObject, fields: JsonObject): void => {
  const [, file, line] = (typeof caller === 'string' ? /^(.{1,200}):(\d{1,9})$/.exec(caller) : null) ?? [];
  if (file !== undefined) {
    fields.module ??= file;
    fields.line ??= Number(line);
  }
  if (isObject(src)) {
    if (typeof src.file === 'string') fields.module ??= src.file;
    if (typeof src.func === 'string') fields.function ??= src.func;
    if (typeof src.line === 'number') fields.line ??= src.line;
  }
};

/** The text a person reads; what Docker stores under `log` still has its line end. */
const messageOf = (value: JsonValue | undefined): string => {
  const text = String(value);
  return text.endsWith('\n') ? text.slice(0, -1) : text;
};

/**
 * Understands what a logger wrote as names and values. Time, level and message are taken out; every other key is a field,
 * as it stands. Where they have other names, `logger`, `module`, `function` and `line` are added.
 *
 * @param raw the message where the record has none
 */
export const parsedOf = (record: JsonObject, raw: string, context: ParseContext): Parsed => {
  const { keys, timestamp, level } = keysOf(record, context);
  const fields: JsonObject = {};
  for (const key of Object.keys(record)) {
    if (key !== keys.time && key !== keys.level && key !== keys.message) fields[key] = record[key] ?? null;
  }
  for (const role of ['logger', 'module', 'function'] as const) {
    const key = keys[role];
    if (key !== undefined && key !== role) fields[role] ??= record[key] ?? null;
  }
  if (keys.line !== undefined) fields.line ??= lineOf(record[keys.line]);
  putJoined(record, fields);
  return {
    timestamp,
    level,
    message: keys.message === undefined ? raw : messageOf(record[keys.message]),
    fields,
  };
};
