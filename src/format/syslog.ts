import type { JsonObject, Level, Parsed } from '../entry.ts';
import type { Format, ParseContext } from './format.ts';
import { levelOfSeverity, levelOfWord } from './level.ts';
import { structuredDataAt } from './structured-data.ts';
import { isoTimeAt, syslogTimeAt } from './time.ts';

/** By number, as syslog.conf names them: RFC 5424, table 1. */
const facilities: readonly string[] = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'security', 'console', 'clock'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];

/** The word that begins at `at`. */
const wordAt = (text: string, at: number): string => {
  const end = text.indexOf(' ', at);
  return end < 0 ? text.slice(at) : text.slice(at, end);
};

/** A process id, as the API's 32-bit Int can carry it. */
const pidOf = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null);

/** Reads "prog:", "prog[12]:" and "prog[12]" into process and pid; false when the word is no tag. */
const putTag = (fields: JsonObject, word: string): boolean => {
  const tag = word.endsWith(':') ? word.slice(0, -1) : word;
  const bracket = tag.endsWith(']') ? tag.lastIndexOf('[') : -1;
  const pid = bracket > 0 ? pidOf(tag.slice(bracket + 1, -1)) : null;
  if (tag === '' || (tag === word && pid === null)) return false;
  fields.process = pid === null ? tag : tag.slice(0, bracket);
  if (pid !== null) fields.pid = pid;
  return true;
};

/** Characters of a tag that is more than one word. */
const maxTag = 160;

/** Tags of more than one word: "Some Program[12]: ", "launchd[1] (com.example.agent[12]): ", " -- ann[12]: ". */
const longTag = /^ *(?:-- )?([^[\]:]{1,60})\[(\d{1,9})\](?: \([^)]*\))?:(?: |$)/;

/** Reads the tag that begins at `begin` into process and pid; where the message begins, -1 without a tag. */
const tagEnd = (raw: string, begin: number, fields: JsonObject): number => {
  const word = wordAt(raw, begin);
  const end = begin + word.length;
  if (word.endsWith(':') && putTag(fields, word)) return end + 1;
  const long = longTag.exec(raw.slice(begin, begin + maxTag));
  if (long === null) return putTag(fields, word) ? end + 1 : -1;
  const [matched, process = '', pid] = long;
  fields.process = process;
  fields.pid = Number(pid);
  return begin + matched.length;
};

/** RFC 5424 from the version on: "1 TIME HOST APP PROCID MSGID STRUCTURED-DATA MSG". */
const parseNew = (raw: string, at: number, fields: JsonObject, level: Level, context: ParseContext): Parsed | null => {
  let end = at + 2;
  let timestamp: number | null = null;
  if (raw.startsWith('- ', end)) {
    end += 2;
  } else {
    const time = isoTimeAt(raw, end, context);
    if (time === null || raw[time.end] !== ' ') return null;
    timestamp = time.timestamp;
    end = time.end + 1;
  }
  for (const name of ['host', 'process', 'pid', 'messageId']) {
    const word = wordAt(raw, end);
    if (word === '' || raw[end + word.length] !== ' ') return null;
    const pid = name === 'pid' ? pidOf(word) : null;
    if (pid !== null) fields.pid = pid;
    else if (word !== '-') fields[name === 'pid' ? 'processId' : name] = word;
    end += word.length + 1;
  }
  const data = structuredDataAt(raw, end);
  if (data === null || (data.end < raw.length && raw[data.end] !== ' ')) return null;
  if (Object.keys(data.elements).length > 0) fields.structuredData = data.elements;
  const text = raw.slice(data.end + 1);
  // A byte order mark says that the text is UTF-8. Without a text the structured data is the message.
  const message = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return { timestamp, level, message: message === '' ? raw.slice(end, data.end) : message, fields };
};

/** A word in brackets, or with a colon. */
const inMarks = /^[[(<]?([A-Za-z]{1,13})[\])>]?:?$/;

/** What syslog daemons write to files: "TIME HOST TAG: MSG", where TIME is of RFC 3164, or of RFC 3339 as today. */
const parseFile = (raw: string, at: number, fields: JsonObject, level: Level, context: ParseContext): Parsed | null => {
  const isModern = raw[at + 10] === 'T';
  const time = isModern ? isoTimeAt(raw, at, context) : syslogTimeAt(raw, at, context);
  if (time === null || raw[time.end] !== ' ') return null;
  let begin = time.end + 1;
  const host = wordAt(raw, begin);
  // Other programs write "TIME LEVEL WHERE: MSG", "TIME level: MSG" or "TIME [level]: MSG".
  const [, bare = host] = inMarks.exec(host) ?? [];
  if (host === '' || levelOfWord(bare) !== 'UNKNOWN') return null;
  if (!host.endsWith(':')) {
    if (host !== '-') fields.host = host;
    begin += host.length + 1;
  }
  const messageBegin = tagEnd(raw, begin, fields);
  // "-- MARK --" and "last message repeated 2 times" have none, but an ISO timestamp alone does not make it syslog.
  if (messageBegin < 0 && isModern) return null;
  return { timestamp: time.timestamp, level, message: raw.slice(Math.max(messageBegin, begin)), fields };
};

/**
 * System messages: RFC 3164 as found in files, with or without <PRI>; the same with an RFC 3339 timestamp, as rsyslog
 * and journald write today; and RFC 5424. Only <PRI> tells level and facility.
 */
export const SYSLOG: Format = {
  name: 'SYSLOG',
  parse(raw, context) {
    const priority = /^<(\d{1,3})>/.exec(raw.slice(0, 5));
    if (priority === null) return parseFile(raw, 0, {}, 'UNKNOWN', context);
    const [prefix, digits] = priority;
    const facility = facilities[Math.floor(Number(digits) / 8)];
    if (facility === undefined) return null;
    const parse = raw.startsWith('1 ', prefix.length) ? parseNew : parseFile;
    return parse(raw, prefix.length, { facility }, levelOfSeverity(Number(digits) % 8), context);
  },
};
