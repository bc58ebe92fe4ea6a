import type { JsonObject, Level } from '../entry.ts';
import { apacheEscapes, unescaped } from './escape.ts';
import type { Format } from './format.ts';
import { levelOfWord } from './level.ts';
import { putNumber } from './number.ts';
import { ctimeAt } from './time.ts';

/** "[core:error] [pid 1:tid 2] ", or "[error] " before 2.4. The module of what a script says is empty. */
const prefix = /^\] \[(?:([\w.-]{0,64}):)?([a-z]{4,6})\d?\] (?:\[pid (\d{1,15})(?::tid (\d{1,20}))?\] )?/;
/** "mod_authz_core.c(843): ", from level debug on. */
const place = /^([\w./-]{1,128}\.\w{1,4})\((\d{1,9})\): /;
/** "(13)Permission denied: " */
const status = /^\(-?\d{1,9}\)[^:]{1,128}: /;
/** "[client 203.0.113.7:46398] ", with a port since 2.4; "remote" is a server that Apache asked. */
const peer = /^\[(client|remote) ([^\s\]]{1,255})\] /;
const code = /^(AH\d{5,6}): /;

/** Longest of all that stands before the message. */
const maxPrefixLength = 1024;

const begins = (line: string): boolean =>
  line[0] === '[' &&
  line[4] === ' ' &&
  line[8] === ' ' &&
  /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:/.test(line.slice(0, 15));

/** The address without its port, which the port is told from only when it is known to be there. */
const putPeer = (fields: JsonObject, name: string, text: string, port: 'with port' | 'without port'): void => {
  const colon = port === 'with port' ? text.lastIndexOf(':') : -1;
  fields[name] = colon > 0 ? text.slice(0, colon) : text;
  if (colon > 0) putNumber(fields, `${name}Port`, text.slice(colon + 1));
};

/**
 * The error log of Apache: "[Wed Nov 25 10:50:54.168518 2026] [core:error] [pid 1:tid 2] [client 203.0.113.7:46398]
 * AH00128: File does not exist: /x", and the shorter form before 2.4. What programs that Apache starts write to it by
 * themselves has no such beginning, and belongs to the record before it.
 * See https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat
 */
export const APACHE_ERROR: Format = {
  name: 'APACHE_ERROR',
  begins,
  parse(raw, context) {
    const time = begins(raw) ? ctimeAt(raw, 1, context) : null;
    if (time === null) return null;
    let at = time.end;
    const take = (pattern: RegExp): string[] => {
      const found = pattern.exec(raw.slice(at, at + maxPrefixLength));
      at += found?.[0].length ?? 0;
      return found === null ? [] : found.map((group) => group ?? '');
    };
    const [opening, module = '', word = '', pid = '', thread = ''] = take(prefix);
    if (opening === undefined) return null;
    const level: Level = levelOfWord(word);

    const fields: JsonObject = {};
    if (module !== '' && module !== '-') fields.subsystem = module;
    putNumber(fields, 'process', pid);
    putNumber(fields, 'thread', thread);
    const [, file = '', line = ''] = take(place);
    if (file !== '') fields.file = file;
    putNumber(fields, 'line', line);
    const [reason = ''] = take(status);
    const [, name = '', address = ''] = take(peer);
    if (name !== '') putPeer(fields, name, address, pid === '' ? 'without port' : 'with port');
    const [, number = ''] = take(code);
    if (number !== '') fields.code = number;
    // Only the last one on the line: a path may hold such a text as well, and stands before it.
    const newline = raw.indexOf('\n', at);
    const lineEnd = newline < 0 ? raw.length : newline;
    const refererAt = raw.lastIndexOf(', referer: ', lineEnd);
    const end = refererAt < at ? lineEnd : refererAt;
    if (end < lineEnd) fields.referer = unescaped(raw.slice(end + ', referer: '.length, lineEnd), apacheEscapes);
    const message = reason + unescaped(raw.slice(at, end), apacheEscapes) + raw.slice(lineEnd);
    return { timestamp: time.timestamp, level, message, fields };
  },
};
