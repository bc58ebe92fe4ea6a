import type { JsonObject } from '../entry.ts';
import type { Format } from './format.ts';
import { levelOfWord } from './level.ts';
import { putNumber } from './number.ts';
import { isoTimeAt } from './time.ts';

/** What nginx appends in quotes to the message, in its order. */
const quotedNames = ['login', 'request', 'subrequest', 'upstream', 'host', 'referrer'];

/** The name that access logs have for it. */
const fieldNames: Record<string, string> = { referrer: 'referer' };

/** Length of "2026/11/21 10:50:54". */
const timeLength = 19;

/** After the time: "[error] 9876#9876: *2 ". */
const prefix = /^ \[([a-z]{4,6})\] (\d{1,15})#(\d{1,20}): (?:\*(\d{1,20}) )?/;

/** Puts ', request: "…", upstream: "…"' and so on, which begin at `at`, and returns where the text after them begins. */
const putQuoted = (fields: JsonObject, text: string, at: number): number => {
  let begin = at;
  for (const [index, name] of quotedNames.entries()) {
    const opening = `, ${name}: "`;
    if (!text.startsWith(opening, begin)) continue;
    // Quotes are not escaped, so a value goes on until the next name, or else until the last quote.
    const next = quotedNames.slice(index + 1).map((later) => text.indexOf(`", ${later}: "`, begin + opening.length));
    const end = Math.min(...next.map((found) => (found < 0 ? Number.POSITIVE_INFINITY : found)), text.lastIndexOf('"'));
    // What was cut has no closing quote.
    const closed = end >= begin + opening.length;
    const value = text.slice(begin + opening.length, closed ? end : undefined);
    if (value !== '') fields[fieldNames[name] ?? name] = value;
    begin = closed ? end + 1 : text.length;
  }
  return begin;
};

/** Puts what nginx appended about client and request into `fields`, and returns the message before it. */
const putConnection = (fields: JsonObject, text: string): string => {
  // Both path and referrer may hold text that looks like this; in front of the request only a path does.
  const request = text.indexOf(', request: "');
  const clientAt = text.lastIndexOf(', client: ', request < 0 ? undefined : request);
  const client =
    clientAt < 0 ? null : /^, client: ([^\s,"]{1,255})(?:, server: ([^\s,"]{0,255}))?/.exec(text.slice(clientAt));
  if (client === null) return text;
  const [matched, address = '', server = ''] = client;
  fields.client = address;
  if (server !== '') fields.server = server;
  const end = putQuoted(fields, text, clientAt + matched.length);
  const extra = text.slice(end).replace(/^, /, '');
  if (extra !== '') fields.extra = extra;
  return text.slice(0, clientAt);
};

/**
 * The error log of nginx: "2026/11/21 10:50:54 [error] 12#12: *1 open() ... failed, client: ..., server: ...,
 * request: ...". nginx writes paths and what upstreams say as they are, so that there are newlines in it, and whatever a
 * client likes. See https://nginx.org/en/docs/ngx_core_module.html#error_log
 */
export const NGINX_ERROR: Format = {
  name: 'NGINX_ERROR',
  begins: (line) => line[4] === '/' && line[7] === '/' && prefix.test(line.slice(timeLength, timeLength + 80)),
  parse(raw, context) {
    const time = raw[4] === '/' ? isoTimeAt(raw, 0, context) : null;
    const found = time?.end === timeLength ? prefix.exec(raw.slice(timeLength, timeLength + 80)) : null;
    if (time === null || found === null) return null;
    const [matched, level = '', pid = '', thread = '', connection = ''] = found;
    const fields: JsonObject = {};
    putNumber(fields, 'process', pid);
    putNumber(fields, 'thread', thread);
    putNumber(fields, 'connection', connection);
    const message = putConnection(fields, raw.slice(timeLength + matched.length));
    return { timestamp: time.timestamp, level: levelOfWord(level), message, fields };
  },
};
