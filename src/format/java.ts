import type { JsonObject, Level, Parsed } from '../entry.ts';
import { looseClockAt } from './calendar.ts';
import type { Format, ParseContext } from './format.ts';
import {
  capitalsAt,
  firstLine,
  groupEnd,
  markEnd,
  numberEnd,
  skipBlanks,
  skipClosing,
  timeAt,
  wordEnd,
} from './header.ts';
import { levelOfWord } from './level.ts';

/** Parts of a header; the longest of the usual layouts have eight. */
const maxParts = 12;

/** What java.util.logging calls its levels, as far as nobody else does. */
const ownLevels = new Map<string, Level>([
  ['CONFIG', 'INFO'],
  ['FINE', 'DEBUG'],
  ['FINER', 'DEBUG'],
]);

/** Which time it was does not matter to `begins`. */
const anyContext: ParseContext = { timezone: 'UTC', writtenBefore: 0 };

/** A class, with or without its package, perhaps shortened (c.e.App), with or without the method after it. */
const className = /^((?:[\w-]+\.)*[A-Z][\w$]*)(?:\.([a-z<][\w$<>]*))?$/;

const packageName = /^[a-z]\w*(?:\.\w+)+$/;

/** A place in the code: "App.java:12", "com.example.App:12", "App@12". */
const placeName = /^(.*?)(?:\.java)?[:@](\d{1,6})$/;

/** What is found of a header so far. */
interface Header {
  timestamp: number | null;
  level: Level | null;
  fields: JsonObject;
  /** Where the message begins. */
  at: number;
}

/** Puts a name into the fields when it is one of a class. */
const putClass = (fields: JsonObject, name: string): boolean => {
  const hasPlace = name.includes(':') || name.includes('@');
  const [, place = name, line] = (hasPlace ? placeName.exec(name) : null) ?? [];
  const [, logger, method] = className.exec(place) ?? [];
  if (logger === undefined) return false;
  fields.logger = logger;
  if (method !== undefined) fields.function = method;
  if (line !== undefined) fields.line = Number(line);
  return true;
};

const upperLevelAt = (text: string, at: number): { level: Level; end: number } | null => {
  const word = capitalsAt(text, at);
  if (word.length < 2) return null;
  const known = levelOfWord(word);
  const level = known === 'UNKNOWN' ? ownLevels.get(word) : known;
  const isOpened = text[at] === '[' || text[at] === '(';
  return level === undefined ? null : { level, end: at + word.length + (isOpened ? 1 : 0) };
};

/** In brackets: a logger if it names a class, else a thread. */
const putGroup = (fields: JsonObject, text: string): void => {
  const name = text.trim();
  if (fields.logger === undefined && name.includes('.') && putClass(fields, name)) return;
  if (/^\d{1,9}$/.test(name)) fields.pid = Number(name);
  else if (name !== '') fields.thread = name;
};

const isMarked = (line: string, end: number): boolean => markEnd(line, skipBlanks(line, end)) >= 0;

/** Whether the word that comes next is a logger; where it ends, -1 when it is none. */
const putLogger = ({ fields, at }: Header, line: string): number => {
  const end = wordEnd(line, at);
  if (end === at) return -1;
  const word = line.slice(at, end);
  if (word.endsWith(':')) {
    const name = word.slice(0, -1);
    if (putClass(fields, name)) return end;
    // Not every logger is called after a class.
    if (fields.thread === undefined || !packageName.test(name)) return -1;
    fields.logger = name;
    return end;
  }
  // "o.a.c.c.C.[.[.[/].[dispatcherServlet]    : text", as Spring Boot shortens the names of servlets, in a column.
  if (fields.thread !== undefined && line.startsWith(': ', skipBlanks(line, end))) {
    if (!putClass(fields, word)) fields.logger = word;
    return end;
  }
  // Without anything after it a single word is as likely the beginning of the message.
  return (isMarked(line, end) || word.includes('.')) && putClass(fields, word) ? end : -1;
};

/** Where the part that comes next ends, whatever it is; -1 where the message begins. */
const putPart = (header: Header, line: string): number => {
  const { at, fields } = header;
  const level = header.level === null ? upperLevelAt(line, at) : null;
  if (level !== null) {
    header.level = level.level;
    return level.end;
  }
  // Once the logger is known, only its colon or dash can follow.
  const mark = markEnd(line, at);
  if (mark >= 0 || fields.logger !== undefined) return mark;
  const number = numberEnd(line, at);
  if (number >= 0 && number - at < 10 && (header.level === null || isMarked(line, number))) {
    fields.pid = Number(line.slice(at, number));
    return number;
  }
  const group = line[at] === '{' ? -1 : groupEnd(line, at);
  if (group < 0) return putLogger(header, line);
  putGroup(fields, line.slice(at + 1, group - 1));
  return group;
};

/** Reads what stands between timestamp and message. */
const readParts = (header: Header, line: string): void => {
  const { fields } = header;
  for (let part = 0; part < maxParts; part++) {
    const { at } = header;
    const end = putPart(header, line);
    if (end < 0) return;
    header.at = skipClosing(line, end);
    if (header.level === null) continue;
    const wasDash = end === at + 1 && markEnd(line, at) === end;
    const word = wordEnd(line, header.at);
    // "LEVEL - text", or one more name with a dash after it: "LEVEL - com.example.App - text".
    const isName = isMarked(line, word) && line.slice(header.at, word).includes('.');
    if (
      wasDash &&
      (fields.logger !== undefined || !(isName || (line[header.at] === '[' && fields.thread === undefined)))
    )
      return;
  }
};

/** "INFO text (kafka.server.Server)": the logger behind the message. */
const trailingLogger = (fields: JsonObject, message: string): string => {
  const open = message.endsWith(')') ? message.lastIndexOf(' (') : -1;
  if (open < 0 || message.length - open > 200) return message;
  const name = message.slice(open + 2, -1);
  return name.includes('.') && putClass(fields, name) ? message.slice(0, open) : message;
};

/** java.util.logging's own layout: "TIME CLASS METHOD", and "LEVEL: TEXT" on the next line. */
const parseTwoLines = (raw: string, line: string, at: number, timestamp: number | null): Parsed | null => {
  const second = raw.slice(line.length + 1);
  const level = upperLevelAt(second, 0);
  const fields: JsonObject = {};
  const [name = '', method, ...more] = line.slice(at).trim().split(' ');
  if (level === null || second[level.end] !== ':' || more.length > 0 || !putClass(fields, name)) return null;
  if (method !== undefined) fields.function = method;
  return { timestamp, level: level.level, message: firstLine(second.slice(level.end + 2)), fields };
};

/** Where the time of day at the beginning ends, in layouts that leave out the date; -1 if there is none. */
const clockEnd = (line: string): number => looseClockAt(line, line.startsWith('[') ? 1 : 0)?.end ?? -1;

/**
 * What Log4j, Logback, java.util.logging, Spring Boot, Tomcat, Kafka and Elasticsearch write by default, and what is
 * like it: timestamp, level, thread (in brackets), process and logger in any order, then the message. There has to be a
 * level in capitals, and a class or a thread. Stack traces belong to the record before them.
 *
 * See https://logback.qos.ch/manual/layouts.html, https://logging.apache.org/log4j/2.x/manual/pattern-layout.html and
 * the documentation of java.util.logging.SimpleFormatter.
 */
export const JAVA: Format = {
  name: 'JAVA',
  parse(raw, context) {
    const line = firstLine(raw);
    const header: Header = { timestamp: null, level: null, fields: {}, at: 0 };
    const first = upperLevelAt(line, 0);
    // "ERROR: text" is anybody's.
    if (first !== null && line[first.end] === ':') return null;
    if (first !== null) {
      header.level = first.level;
      header.at = skipClosing(line, first.end);
    }
    const time = timeAt(line, header.at, context);
    const timeEnd = time?.end ?? (first === null ? clockEnd(line) : -1);
    if (timeEnd < 0 && first === null) return null;
    header.timestamp = time?.timestamp ?? null;
    if (timeEnd >= 0) header.at = skipClosing(line, timeEnd);
    const begin = header.at;
    readParts(header, line);
    const { timestamp, level, fields } = header;
    if (level === null) return parseTwoLines(raw, line, begin, timestamp);
    const rest = line.slice(header.at);
    const message = fields.logger === undefined ? trailingLogger(fields, rest) : rest;
    // "LEVEL [thread] - text"; without a dash the brackets may be part of anybody's message.
    const isThread = fields.thread !== undefined && line.startsWith('- ', header.at - 2);
    return fields.logger !== undefined || isThread ? { timestamp, level, message, fields } : null;
  },
  begins(line) {
    if (timeAt(line, 0, anyContext) !== null || clockEnd(line) >= 0) return true;
    const level = upperLevelAt(line, 0);
    if (level === null || line[level.end] === ':') return false;
    const next = skipClosing(line, level.end);
    return line[next] === '[' || timeAt(line, next, anyContext) !== null;
  },
};
