import type { JsonObject, Level, Parsed } from '../entry.ts';
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

/** Parts of a header; the longest of the usual layouts have nine. */
const maxParts = 12;

/** The levels of the logging module, and two of Loguru's; WARN and FATAL are others' words. */
const levelNames = new Set(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 'TRACE', 'SUCCESS']);

/** Width that uvicorn gives its level with the colon. */
const levelWidth = 10;

/** Which time it was does not matter to `begins`. */
const anyContext: ParseContext = { timezone: 'UTC', writtenBefore: 0 };

const moduleName = /^[a-z_][\w-]*(?:\.[a-z_][\w-]*)*$/;
/** As programs call their own logger; only where nothing else can stand. */
const anyName = /^[A-Za-z_][\w.-]*$/;
/** A place in the code: "app.py:12", "/srv/app.py:12", "app.module:function:12". */
const fileName = /^([^\s:]+)\.py:(\d{1,6})$/;
const functionName = /^([\w.]+):([\w.<>]+):(\d{1,6})$/;
const threadName = /^(?:MainThread|Thread-\d+.*|ThreadPoolExecutor-.*|Dummy-\d+)$/;

/** What is found of a header so far. */
interface Header {
  level: Level | null;
  fields: JsonObject;
  /** Where the message begins. */
  at: number;
  /** Whether a dash came after the level. */
  hasDash: boolean;
  /** Whether there is something that nobody but Python writes like this. */
  isSure: boolean;
}

const pythonLevelAt = (text: string, at: number): { level: Level; end: number } | null => {
  const word = capitalsAt(text, at);
  if (!levelNames.has(word)) return null;
  const isOpened = text[at] === '[' || text[at] === '(';
  return { level: word === 'SUCCESS' ? 'INFO' : levelOfWord(word), end: at + word.length + (isOpened ? 1 : 0) };
};

const putPlace = (header: Header, word: string): boolean => {
  if (!word.includes(':')) return false;
  const [, file, line] = fileName.exec(word) ?? [];
  const [, module, name, place] = functionName.exec(word) ?? [];
  if (file === undefined && module === undefined) return false;
  header.fields.module = file ?? module ?? '';
  if (name !== undefined) header.fields.function = name;
  header.fields.line = Number(line ?? place);
  header.isSure = true;
  return true;
};

/** In brackets: a place, a logger, a thread, a process. False for anything else, which is part of the message. */
const putGroup = (header: Header, name: string): boolean => {
  const { fields } = header;
  if (putPlace(header, name)) return true;
  if (/^\d{1,9}$/.test(name) && fields.pid === undefined) {
    fields.pid = Number(name);
    return true;
  }
  if (threadName.test(name)) {
    fields.thread = name;
    header.isSure = true;
    return true;
  }
  // A single word may as well be a thread of another language.
  if (fields.logger !== undefined || !moduleName.test(name) || !name.includes('.')) return false;
  fields.logger = name;
  header.isSure = true;
  return true;
};

const isMarked = (line: string, end: number): boolean => markEnd(line, skipBlanks(line, end)) >= 0;

/** A word: a place, or a logger where a colon, a dash or a level comes after it. Where it ends, -1 for any other. */
const putWord = (header: Header, line: string): number => {
  const { at, fields } = header;
  const end = wordEnd(line, at);
  if (end === at) return -1;
  const word = line.slice(at, end);
  const name = word.endsWith(':') ? word.slice(0, -1) : word;
  if (putPlace(header, name)) return end;
  // "INFO in app: text", as Flask has it.
  if (word === 'in' && header.level !== null) {
    const moduleEnd = wordEnd(line, end + 1);
    const module = line.slice(end + 1, moduleEnd - 1);
    if (line[moduleEnd - 1] !== ':' || !moduleName.test(module)) return -1;
    fields.module = module;
    header.isSure = true;
    return moduleEnd;
  }
  if (fields.logger !== undefined) return -1;
  const next = skipBlanks(line, end);
  const isBeforeLevel = header.level === null && isMarked(line, end);
  const isAfterLevel = header.level !== null && (word !== name || isMarked(line, end) || line[next] === '[');
  const isName = isBeforeLevel ? anyName.test(word) : isAfterLevel && moduleName.test(name);
  // "LEVEL - text - more" is more usual than "LEVEL - name - text".
  const isText = header.hasDash && !name.includes('.') && name !== 'root' && name !== '__main__';
  if (!isName || isText) return -1;
  fields.logger = name;
  header.isSure = true;
  return end;
};

/** Where the part that comes next ends, whatever it is; -1 where the message begins. */
const putPart = (header: Header, line: string): number => {
  const { at } = header;
  const level = header.level === null ? pythonLevelAt(line, at) : null;
  if (level !== null) {
    header.level = level.level;
    // "[1234] [INFO] text", as gunicorn has it.
    if (line[at] === '[' && line[at - 2] === ']' && header.fields.pid !== undefined) header.isSure = true;
    return level.end;
  }
  const mark = markEnd(line, at);
  if (mark >= 0) {
    header.hasDash = header.level !== null;
    return mark;
  }
  const number = header.level === null ? numberEnd(line, at) : -1;
  if (number >= 0 && number - at < 10) {
    header.fields.pid = Number(line.slice(at, number));
    return number;
  }
  const group = groupEnd(line, at);
  if (group < 0) return putWord(header, line);
  const name = line.slice(at + 1, group - 1);
  // "INFO app.api [req-5f3a - - -] text", as OpenStack has it.
  const isRequest = header.fields.logger !== undefined && (name === '-' || name.startsWith('req-'));
  return isRequest || putGroup(header, name) ? group : -1;
};

/** "time: INFO/MainProcess] text", as Celery has it. */
const putProcess = (header: Header, line: string): void => {
  const end = line[header.at] === '/' ? line.slice(header.at, header.at + 100).indexOf(']') : -1;
  if (end < 0) return;
  header.fields.process = line.slice(header.at + 1, header.at + end);
  header.at += end;
  header.isSure = true;
};

/** "LEVEL TIME module process thread text", the `verbose` of Django's documentation. */
const putDjango = (header: Header, line: string): boolean => {
  const found = /^([a-z_]\w*) (\d{1,9}) (\d{1,20}) /.exec(line.slice(header.at, header.at + 100));
  if (found === null) return false;
  const [matched, module = '', pid, thread = ''] = found;
  Object.assign(header.fields, { module, pid: Number(pid), thread });
  header.at += matched.length;
  header.isSure = true;
  return true;
};

const readParts = (header: Header, line: string): void => {
  for (let part = 0; part < maxParts; part++) {
    const { at, level, fields } = header;
    const end = putPart(header, line);
    if (end < 0) return;
    header.at = end;
    if (level === null) putProcess(header, line);
    const wasTag = line[end - 1] === ':' && end > at + 1;
    header.at = skipClosing(line, header.at);
    // "name: text", and "- text" after all that can come before it.
    if (wasTag || (header.level !== null && fields.logger !== undefined && markEnd(line, at) === end)) {
      const wordAfter = line.slice(header.at, wordEnd(line, header.at));
      if (wasTag || !(wordAfter.startsWith('[') || fileName.test(wordAfter) || functionName.test(wordAfter))) return;
    }
  }
};

/** Layouts without a timestamp: "INFO:app.db:text", the default of `logging.basicConfig`, and uvicorn's "INFO:     text". */
const parseLevelFirst = (line: string): Parsed | null => {
  const found = pythonLevelAt(line, 0);
  if (found === null || line[found.end] !== ':') return null;
  const next = skipBlanks(line, found.end + 1);
  const { level } = found;
  if (next === levelWidth) return { timestamp: null, level, message: line.slice(next), fields: {} };
  const colon = line.slice(next, next + 200).indexOf(':');
  const logger = line.slice(next, next + Math.max(colon, 0));
  if (next > found.end + 1 || !anyName.test(logger)) return null;
  return { timestamp: null, level, message: line.slice(next + colon + 1), fields: { logger } };
};

/**
 * What Python's logging module writes in its usual layouts, and what Django, Flask, Celery, Airflow, gunicorn, uvicorn,
 * Scrapy, OpenStack and Loguru make of it. There has to be a level by one of Python's names, and something that only
 * Python has: a logger named like a module, a place in a `.py` file, a name with dashes before the level. Tracebacks
 * belong to the record before them.
 *
 * See https://docs.python.org/3/howto/logging.html and https://docs.python.org/3/library/logging.html#logrecord-attributes
 */
export const PYTHON: Format = {
  name: 'PYTHON',
  parse(raw, context) {
    const line = firstLine(raw);
    const header: Header = { level: null, fields: {}, at: 0, hasDash: false, isSure: false };
    const first = pythonLevelAt(line, 0);
    if (first !== null) {
      header.level = first.level;
      header.at = skipClosing(line, first.end);
    }
    const time = timeAt(line, header.at, context);
    if (time === null) return parseLevelFirst(line);
    header.at = skipClosing(line, time.end);
    const begin = header.at;
    if (first === null || !putDjango(header, line)) readParts(header, line);
    const { level, fields, at } = header;
    // "TIME - LEVEL - text" with a comma before the milliseconds, which is the module's own.
    const isPlain = line.startsWith('- ', begin) && line[time.end - 4] === ',' && header.hasDash;
    if (level === null || !(header.isSure || isPlain)) return null;
    return { timestamp: time.timestamp, level, message: line.slice(at), fields };
  },
  begins(line) {
    if (timeAt(line, 0, anyContext) !== null) return true;
    const level = pythonLevelAt(line, 0);
    if (level === null) return false;
    return line[level.end] === ':' || timeAt(line, skipClosing(line, level.end), anyContext) !== null;
  },
};
