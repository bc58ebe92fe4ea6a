import type { JsonObject } from '../entry.ts';
import type { Format } from './format.ts';
import { levelOfStatus } from './level.ts';
import { clfTimeAt } from './time.ts';

/** Length of "21/Nov/2026:10:50:54 +0000". */
const timeLength = 26;

/** nginx reads at most 8 KiB of a request line or header by default, and writes up to four characters per byte. */
const maxEscapedLength = 32_768;

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

/**
 * Undoes nginx's escapes (\x22, and UTF-8 byte by byte as \xC3\xA9). A run of them that is not printable text, such as
 * a TLS handshake sent to the HTTP port, stays as written, so that no control character reaches a terminal.
 * So does a text longer than nginx lets in.
 */
const unescaped = (text: string): string => {
  if (text.length > maxEscapedLength || !text.includes('\\x')) return text;
  return text.replace(/(?:\\x[0-9A-Fa-f]{2})+/g, (run) => {
    const decoded = Buffer.from(run.replaceAll('\\x', ''), 'hex').toString();
    return /[\p{Cc}\p{Cf}\uFFFD]/u.test(decoded) ? run : decoded;
  });
};

const put = (fields: JsonObject, name: string, text: string): void => {
  if (text !== '' && text !== '-') fields[name] = unescaped(text);
};

/** Takes a request line apart; what no client should have sent is kept whole, as `request`. */
const putRequest = (fields: JsonObject, request: string): void => {
  const afterMethod = request.indexOf(' ');
  const method = request.slice(0, Math.max(afterMethod, 0));
  if (!/^[A-Z][A-Z_-]*$/.test(method)) {
    put(fields, 'request', request);
    return;
  }
  const beforeProtocol = request.lastIndexOf(' ');
  const protocol = request.slice(beforeProtocol + 1);
  // HTTP/0.9 has none.
  const hasProtocol = beforeProtocol > afterMethod && /^HTTP\/\d(?:\.\d)?$/.test(protocol);
  fields.method = method;
  put(fields, 'path', request.slice(afterMethod + 1, hasProtocol ? beforeProtocol : undefined));
  if (hasProtocol) fields.protocol = protocol;
};

/** What follows the texts in quotes: often $request_time, in seconds with three decimals. The rest is kept together. */
const putExtra = (fields: JsonObject, text: string): void => {
  const words = text.split(' ');
  const duration = words.findIndex((word) => /^(?:rt=|request_time=)?\d{1,9}\.\d{3}$/.test(word));
  if (duration >= 0) {
    const [seconds = ''] = words.splice(duration, 1);
    fields.durationMs = Math.round(Number(seconds.slice(seconds.indexOf('=') + 1)) * 1000);
  }
  put(fields, 'extra', words.join(' ').trim());
};

const messageOf = ({ method, path, request }: JsonObject, status: string): string => {
  if (typeof method === 'string')
    return typeof path === 'string' ? `${method} ${path} ${status}` : `${method} ${status}`;
  return typeof request === 'string' ? `${request} ${status}` : status;
};

/**
 * The access log of nginx: the Common Log Format, `combined`, or `combined` with more behind it, of which the address
 * in quotes that a proxy forwards and the time a request took (`durationMs`) have names.
 * See https://nginx.org/en/docs/http/ngx_http_log_module.html
 */
export const NGINX_ACCESS: Format = {
  name: 'NGINX_ACCESS',
  parse(raw) {
    // A client chooses user, request, referer and agent, but cannot write a quote into them: the first one is ours.
    const quote = raw.indexOf('"');
    const timeAt = quote - timeLength - 2;
    const addressEnd = raw.indexOf(' ');
    if (
      addressEnd < 1 ||
      !raw.startsWith(' - ', addressEnd) ||
      timeAt < addressEnd + 5 ||
      raw.slice(timeAt - 2, timeAt) !== ' ['
    )
      return null;
    const time = clfTimeAt(raw, timeAt);
    if (time === null || raw.slice(time.end, quote) !== '] ') return null;
    const requestEnd = closingQuote(raw, quote + 1);
    if (requestEnd < 0) return null;
    const answer = /^ (\d{3}) (\d+|-)(?: |$)/.exec(raw.slice(requestEnd + 1, requestEnd + 30));
    if (answer === null) return null;
    const [matched, status = '', bytes] = answer;

    const fields: JsonObject = {};
    put(fields, 'remoteAddress', raw.slice(0, addressEnd));
    put(fields, 'user', raw.slice(addressEnd + 3, timeAt - 2));
    putRequest(fields, raw.slice(quote + 1, requestEnd));
    fields.status = Number(status);
    const bytesSent = Number(bytes);
    if (Number.isSafeInteger(bytesSent)) fields.bytesSent = bytesSent;

    let rest = requestEnd + 1 + matched.length;
    for (const name of ['referer', 'userAgent', 'forwardedFor']) {
      const end = raw[rest] === '"' ? closingQuote(raw, rest + 1) : -1;
      if (end < 0) break;
      put(fields, name, raw.slice(rest + 1, end));
      rest = raw[end + 1] === ' ' ? end + 2 : end + 1;
    }
    if (rest < raw.length) putExtra(fields, raw.slice(rest));
    return {
      timestamp: time.timestamp,
      level: levelOfStatus(fields.status),
      message: messageOf(fields, status),
      fields,
    };
  },
};
