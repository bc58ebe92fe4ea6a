import { type JsonObject, type JsonValue, type Level, levels } from '../entry.ts';
import { type InputProblem, InvalidInputError } from '../errors.ts';
import { jsonLine } from './line.ts';

/** How a stream is written. */
export const streamFormats = ['SYSTEM_LOG', 'AUDIT_LOG'] as const;
export type StreamFormat = (typeof streamFormats)[number];

/** Keys with a meaning of their own. All others are fields, in a system record; an audit record has no others. */
const keys = {
  SYSTEM_LOG: ['timestamp', 'level', 'logger', 'message', 'module', 'function', 'line'],
  AUDIT_LOG: ['timestamp', 'level', 'logger', 'message', 'action', 'metadata'],
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
  const { timestamp: _time, level = 'INFO', logger, message, ...others } = sent;
  const known = { timestamp, level, logger: logger ?? defaultLogger, message: message ?? sent.action ?? '' };
  const line = jsonLine({ ...known, ...present(others) });
  const bytes = Buffer.byteLength(line);
  if (bytes <= maxBytes) return line;
  const text = `This record takes ${bytes} bytes, and at most ${maxBytes} are kept; shorten it.`;
  throw fail({ key: '', message: text, code: 'TOO_LONG' });
}

/**
 * Whether a record is kept as it was sent: it says all that it must, and nothing in its text could pass for anything else.
 * Most programs write such, and to write it anew would take most of the time that it takes to keep it.
 */
export const isAsKept = (format: StreamFormat, text: string, sent: JsonValue): boolean =>
  isPlain.test(text) &&
  typeof sent === 'object' &&
  sent !== null &&
  !Array.isArray(sent) &&
  typeof sent.timestamp === 'string' &&
  isUtc.test(sent.timestamp) &&
  typeof sent.level === 'string' &&
  typeof sent.logger === 'string' &&
  typeof sent.message === 'string' &&
  problemOf(format, sent) === null;

/** ASCII that can be seen; all else is written as an escape. */
const isPlain = /^[ -~]*$/;
const isUtc = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** Without what is null, which says nothing. */
const present = (record: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));

function problemOf(format: StreamFormat, record: JsonObject): Problem | null {
  const isText = (key: string) => record[key] === undefined || record[key] === null || typeof record[key] === 'string';
  const wrong = ['logger', 'message', 'module', 'function', 'action'].find(
    (key) => keys[format].some((known) => known === key) && !isText(key),
  );
  if (wrong !== undefined) return { key: wrong, message: `"${wrong}" is text.`, code: 'NOT_TEXT' };
  if (record.timestamp !== undefined && record.timestamp !== null && timeOf(record.timestamp) === null) {
    return {
      key: 'timestamp',
      message: '"timestamp" is a time such as "2026-11-21T10:50:54.123Z".',
      code: 'NOT_A_TIME',
    };
  }
  if (record.level !== undefined && !levels.some((level) => level === record.level)) {
    return { key: 'level', message: `"level" is one of ${levels.join(', ')}.`, code: 'UNKNOWN' };
  }
  return format === 'SYSTEM_LOG' ? systemProblem(record) : auditProblem(record);
}

function systemProblem({ message, line }: JsonObject): Problem | null {
  if (typeof message !== 'string') return { key: 'message', message: 'A record has a "message".', code: 'MISSING' };
  const isNumber = typeof line === 'number' && (line | 0) === line;
  if (line === undefined || line === null || isNumber) return null;
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

export type { Level };
