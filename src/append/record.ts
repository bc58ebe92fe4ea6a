import { type JsonObject, type JsonValue, levels } from '../entry.ts';
import { type InputProblem, InvalidInputError } from '../errors.ts';
import { isPlain, jsonLine } from './line.ts';

/** How a stream is written. */
export const streamFormats = ['SYSTEM_LOG', 'AUDIT_LOG'] as const;
export type StreamFormat = (typeof streamFormats)[number];

/** Keys with a meaning of their own. All others are fields, in a system record; an audit record has no others. */
const keys = {
  SYSTEM_LOG: ['timestamp', 'level', 'logger', 'message', 'module', 'function', 'line'],
  AUDIT_LOG: ['timestamp', 'level', 'logger', 'message', 'action', 'metadata'],
} as const;

/** Those of them that are text. */
const textKeys = {
  SYSTEM_LOG: ['logger', 'message', 'module', 'function'],
  AUDIT_LOG: ['logger', 'message', 'action'],
} as const;

/** Who speaks where nobody says, as in Python's logging. */
const defaultLogger = 'root';

/** Times between which ISO 8601 has years of four digits; ms since 1970, UTC. */
const [earliest, latest] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** What went wrong with a record, and in which of its keys. */
type Problem = Omit<InputProblem, 'path'> & { key: string };

/**
 * A record of a stream as the line that is kept of it, made of what a program sent: an object with the keys of its format.
 * What is left out is filled in: the time is now, the level INFO.
 *
 * @param path leads to the record in what was sent
 * @returns with its line end
 * @throws {InvalidInputError} when it cannot be kept as it is
 */
export function recordLine(
  format: StreamFormat,
  sent: JsonValue,
  { now, maxBytes, path }: { now: number; maxBytes: number; path: string[] },
): string {
  const fail = ({ key, ...problem }: Problem) =>
    new InvalidInputError([{ path: key === '' ? path : [...path, key], ...problem }]);
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    throw fail({ key: '', message: 'A record is an object with names and values.', code: 'NOT_AN_OBJECT' });
  }
  const problem = problemOf(format, sent);
  if (problem !== null) throw fail(problem);
  const timestamp = new Date(timeOf(sent.timestamp) ?? now).toISOString();
  const { level = 'INFO', logger, message } = sent;
  // In this order; the values of those that were sent come in their places.
  const record: JsonObject = {
    timestamp,
    level,
    logger: logger ?? defaultLogger,
    message: message ?? sent.action ?? '',
  };
  put(sent, record);
  record.timestamp = timestamp;
  const line = jsonLine(record);
  const bytes = Buffer.byteLength(line);
  if (bytes <= maxBytes) return line;
  const text = `This record takes ${bytes} bytes, and at most ${maxBytes} are kept; shorten it.`;
  throw fail({ key: '', message: text, code: 'TOO_LONG' });
}

/**
 * Whether a record is kept as it was sent: it says all that it must, and nothing in its text could pass for anything else.
 * Most programs write such, and to write it anew would take most of the time that it takes to keep it.
 */
export function isAsKept(format: StreamFormat, text: string, sent: JsonValue): boolean {
  if (format !== 'SYSTEM_LOG' || typeof sent !== 'object' || sent === null || Array.isArray(sent)) return false;
  const { timestamp, level, logger, message, module, function: name, line } = sent;
  const isComplete = typeof level === 'string' && typeof logger === 'string' && typeof message === 'string';
  const isPlace = (part: JsonValue | undefined) => part === undefined || typeof part === 'string';
  return (
    isComplete &&
    levelNames.has(level) &&
    isPlace(module) &&
    isPlace(name) &&
    (line === undefined || isLineNumber(line)) &&
    typeof timestamp === 'string' &&
    isUtc(timestamp) &&
    isPlain(text)
  );
}

const levelNames: ReadonlySet<string> = new Set(levels);

/** As the API's 32-bit Int can carry it. */
const isLineNumber = (line: JsonValue): boolean => typeof line === 'number' && (line | 0) === line;

/** The second that was last found to be one: a log asks for the same all the time. */
let lastSecond = '';

/** Whether it is a time in the form that is kept, but for the number of decimals. */
function isUtc(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/.test(text)) return false;
  const second = text.slice(0, 19);
  if (second === lastSecond) return true;
  if (timeOf(text) === null) return false;
  lastSecond = second;
  return true;
}

/** Puts the values of a record beside others, without what is null, which says nothing. */
function put(record: JsonObject, into: JsonObject): void {
  for (const name of Object.keys(record)) {
    const value = record[name];
    if (value === null || value === undefined) continue;
    // As a key like any other: `__proto__` would not be one.
    if (name === '__proto__') Object.defineProperty(into, name, { value, enumerable: true });
    else into[name] = value;
  }
}

function problemOf(format: StreamFormat, record: JsonObject): Problem | null {
  for (const key of textKeys[format]) {
    const value = record[key];
    if (value === undefined || value === null || typeof value === 'string') continue;
    return { key, message: `"${key}" is text.`, code: 'NOT_TEXT' };
  }
  if (record.timestamp !== undefined && record.timestamp !== null && timeOf(record.timestamp) === null) {
    return {
      key: 'timestamp',
      message: '"timestamp" is a time such as "2026-11-21T10:50:54.123Z".',
      code: 'NOT_A_TIME',
    };
  }
  if (record.level !== undefined && !(typeof record.level === 'string' && levelNames.has(record.level))) {
    return { key: 'level', message: `"level" is one of ${levels.join(', ')}.`, code: 'UNKNOWN' };
  }
  return format === 'SYSTEM_LOG' ? systemProblem(record) : auditProblem(record);
}

function systemProblem({ message, line }: JsonObject): Problem | null {
  if (typeof message !== 'string') return { key: 'message', message: 'A record has a "message".', code: 'MISSING' };
  if (line === undefined || line === null || isLineNumber(line)) return null;
  return { key: 'line', message: '"line" is a whole number.', code: 'NOT_A_NUMBER' };
}

function auditProblem(record: JsonObject): Problem | null {
  if (typeof record.action !== 'string' || record.action === '') {
    return { key: 'action', message: 'An audit record has an "action".', code: 'MISSING' };
  }
  const other = Object.keys(record).find((key) => !keys.AUDIT_LOG.some((known) => known === key));
  if (other === undefined) return null;
  const message = `"${other}" is no part of an audit record; put it into "metadata".`;
  return { key: other, message, code: 'UNKNOWN' };
}

/** Ms since 1970, UTC; null for what says none. */
function timeOf(value: JsonValue | undefined): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  return Number.isFinite(time) && time >= earliest && time <= latest ? time : null;
}

/** Whether a name is taken for something in a system record, so that no field may have it. */
export const isReserved = (name: string): boolean => keys.SYSTEM_LOG.some((key) => key === name);
