import type { JsonObject, Parsed } from '../entry.ts';
import { unescaped } from './escape.ts';
import { levelOfStatus } from './level.ts';
import { clfTimeAt } from './time.ts';

/** Length of "21/Nov/2026:10:50:54 +0000". */
const timeLength = 26;

/** What the servers that write access logs do each in their own way. */
export interface AccessDialect {
  /** Names what stands before the time: address, user and the like, as written. Null when it is not of the format. */
  head(text: string): Record<string, string> | null;
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

/** Takes a request line apart; what no client should have sent is kept whole, as `request`. */
const requestOf = (request: string): Record<string, string> => {
  const afterMethod = request.indexOf(' ');
  const method = request.slice(0, Math.max(afterMethod, 0));
  if (!/^[A-Z][A-Z_-]*$/.test(method)) return { request };
  const beforeProtocol = request.lastIndexOf(' ');
  const protocol = request.slice(beforeProtocol + 1);
  // HTTP/0.9 has none.
  const hasProtocol = beforeProtocol > afterMethod && /^HTTP\/\d(?:\.\d)?$/.test(protocol);
  const path = request.slice(afterMethod + 1, hasProtocol ? beforeProtocol : undefined);
  return { method, path, protocol: hasProtocol ? protocol : '' };
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
  const head = dialect.head(raw.slice(0, timeAt - 2));
  if (time === null || time.end !== quote - 2 || head === null) return null;
  const requestEnd = closingQuote(raw, quote + 1);
  if (requestEnd < 0) return null;
  const answer = /^ (\d{3}) (\d+|-)(?: |$)/.exec(raw.slice(requestEnd + 1, requestEnd + 30));
  if (answer === null) return null;
  const [matched, status = '', bytes] = answer;

  const fields: JsonObject = {};
  const put = (name: string, text: string): void => {
    if (text !== '' && text !== '-') fields[name] = unescaped(text, dialect.escapes);
  };
  for (const [name, text] of Object.entries(head)) put(name, text);
  for (const [name, text] of Object.entries(requestOf(raw.slice(quote + 1, requestEnd)))) put(name, text);
  fields.status = Number(status);
  const bytesSent = Number(bytes);
  if (Number.isSafeInteger(bytesSent)) fields.bytesSent = bytesSent;

  let rest = requestEnd + 1 + matched.length;
  for (const name of ['referer', 'userAgent', 'forwardedFor']) {
    const end = raw[rest] === '"' ? closingQuote(raw, rest + 1) : -1;
    if (end < 0) break;
    put(name, raw.slice(rest + 1, end));
    rest = raw[end + 1] === ' ' ? end + 2 : end + 1;
  }
  if (rest < raw.length) {
    const words = raw.slice(rest).split(' ');
    const durationMs = dialect.takeDuration(words);
    if (durationMs !== null) fields.durationMs = durationMs;
    put('extra', words.join(' ').trim());
  }
  return { timestamp: time.timestamp, level: levelOfStatus(fields.status), message: messageOf(fields, status), fields };
};
