import type { JsonObject, Parsed } from '../entry.ts';
import { unescaped } from './escape.ts';
import { levelOfStatus } from './level.ts';
import { clfTimeAt } from './time.ts';

/** Length of "21/Nov/2026:10:50:54 +0000". */
const timeLength = 26;

/** What the servers that write access logs do each in their own way. */
export interface AccessDialect {
  /** Puts what stands before the time, which is `raw` up to `end`; false when it is not of the format. */
  putHead(fields: JsonObject, raw: string, end: number): boolean;
  /** What is an escape, for `unescaped`. */
  escapes: RegExp;
  /** Finds how long the request took in the words after the texts in quotes, and takes it out. In ms; null: nowhere. */
  takeDuration(words: string[]): number | null;
}

/** Where the text in quotes that begins at `from` ends: its closing quote, or -1. Backslashes protect a quote. */
const closingQuote = (text: string, from: number): number => {
  const next = text.indexOf('"', from);
  if (next < 0 || text[next - 1] !== '\\') return next;
  for (let index = from; index < text.length; index++) {
    const char = text[index];
    if (char === '"') return index;
    if (char === '\\') index++;
  }
  return -1;
};

/** Puts a text, its escapes undone, unless there is none. */
export const putText = (fields: JsonObject, name: string, text: string, escapes: RegExp): void => {
  if (text !== '' && text !== '-') fields[name] = unescaped(text, escapes);
};

/** Takes a request line apart; what no client should have sent is kept whole, as `request`. */
const putRequest = (fields: JsonObject, request: string, escapes: RegExp): void => {
  const afterMethod = request.indexOf(' ');
  const method = request.slice(0, Math.max(afterMethod, 0));
  if (!/^[A-Z][A-Z_-]*$/.test(method)) {
    putText(fields, 'request', request, escapes);
    return;
  }
  const beforeProtocol = request.lastIndexOf(' ');
  const protocol = request.slice(beforeProtocol + 1);
  // HTTP/0.9 has none.
  const hasProtocol = beforeProtocol > afterMethod && /^HTTP\/\d(?:\.\d)?$/.test(protocol);
  fields.method = method;
  putText(fields, 'path', request.slice(afterMethod + 1, hasProtocol ? beforeProtocol : undefined), escapes);
  if (hasProtocol) fields.protocol = protocol;
};

const messageOf = ({ method, path, request }: JsonObject, status: string): string => {
  if (typeof method === 'string')
    return typeof path === 'string' ? `${method} ${path} ${status}` : `${method} ${status}`;
  return typeof request === 'string' ? `${request} ${status}` : status;
};

/**
 * Understands one line of the Common Log Format, with what `dialect` says before the time, or with more behind it, of
 * which referer, agent and the address in quotes that a proxy forwards have names. See
 * https://httpd.apache.org/docs/2.4/logs.html#accesslog
 */
export const parseAccess = (raw: string, dialect: AccessDialect): Parsed | null => {
  // A client chooses user, request, referer and agent, but cannot write a quote into them without a backslash.
  const quote = raw.indexOf('] "') + 2;
  const timeAt = quote - timeLength - 2;
  if (timeAt < 4 || !raw.startsWith(' [', timeAt - 2)) return null;
  const time = clfTimeAt(raw, timeAt);
  if (time === null || time.end !== quote - 2) return null;
  const requestEnd = closingQuote(raw, quote + 1);
  if (requestEnd < 0) return null;
  const answer = /^ (\d{3}) (\d+|-)(?: |$)/.exec(raw.slice(requestEnd + 1, requestEnd + 30));
  if (answer === null) return null;
  const [matched, status = '', bytes] = answer;

  const { escapes } = dialect;
  const fields: JsonObject = {};
  if (!dialect.putHead(fields, raw, timeAt - 2)) return null;
  putRequest(fields, raw.slice(quote + 1, requestEnd), escapes);
  fields.status = Number(status);
  const bytesSent = Number(bytes);
  if (Number.isSafeInteger(bytesSent)) fields.bytesSent = bytesSent;

  let rest = requestEnd + 1 + matched.length;
  for (const name of ['referer', 'userAgent', 'forwardedFor']) {
    const end = raw[rest] === '"' ? closingQuote(raw, rest + 1) : -1;
    if (end < 0) break;
    putText(fields, name, raw.slice(rest + 1, end), escapes);
    rest = raw[end + 1] === ' ' ? end + 2 : end + 1;
  }
  if (rest < raw.length) {
    const words = raw.slice(rest).split(' ');
    const durationMs = dialect.takeDuration(words);
    if (durationMs !== null) fields.durationMs = durationMs;
    putText(fields, 'extra', words.join(' ').trim(), escapes);
  }
  return { timestamp: time.timestamp, level: levelOfStatus(fields.status), message: messageOf(fields, status), fields };
};
