import type { JsonObject, Level, Parsed } from '../entry.ts';
import type { ParseContext } from './format.ts';
import {
  groupEnd,
  levelAt,
  markEnd,
  nextWord,
  numberEnd,
  skipBlanks,
  skipClosing,
  tagAt,
  timeAt,
  wordEnd,
} from './header.ts';
import { levelOfLetter, levelOfWord } from './level.ts';

/**
 * One part of a header. `mark` is a word of nothing but marks, `group` a text in brackets, `tag` a word with a colon,
 * `cell` what stands before a `|`, `label` a few words before " - ", `column` a word before two blanks or more, and
 * `word` any other.
 */
export type Part = 'time' | 'level' | 'mark' | 'cell' | 'group' | 'number' | 'tag' | 'label' | 'column' | 'word';

/** How the headers of a log's records are laid out, in order; the message comes after. Plain data. */
export type HeaderLayout = readonly Part[];

/** Characters of a cell or label. */
const maxLabel = 64;
const maxLabelWords = 3;

/** Which time it was does not matter for learning, only that there is one. */
const anyContext: ParseContext = { timezone: 'UTC', writtenBefore: Date.UTC(2000, 11, 31) };

/** What stands before a mark, in a few words. */
const labelEnd = (text: string, at: number, mark: string): number => {
  const found = text.slice(at, at + maxLabel).indexOf(mark);
  const words = text
    .slice(at, at + Math.max(found, 0))
    .trim()
    .split(' ').length;
  return found < 0 || words > maxLabelWords ? -1 : at + found + mark.length;
};

const columnEnd = (text: string, at: number): number => {
  const end = wordEnd(text, at);
  return end > at && (text[end] === '\t' || skipBlanks(text, end) > end + 1) ? end : -1;
};

/** Where the part at `at` ends; -1 if there is none. */
export const partEnds: { readonly [P in Part]: (text: string, at: number) => number } = {
  time: (text, at) => timeAt(text, at, anyContext)?.end ?? -1,
  level: (text, at) => levelAt(text, at)?.end ?? -1,
  mark: markEnd,
  cell: (text, at) => labelEnd(text, at, '|'),
  group: groupEnd,
  number: numberEnd,
  tag: (text, at) => tagAt(text, at)?.end ?? -1,
  label: (text, at) => labelEnd(text, at, ' - '),
  column: columnEnd,
  word: (text, at) => (nextWord(text, at) < 0 ? -1 : wordEnd(text, at)),
};

/** Where the word that comes `count` words later begins; -1 if there is none. */
export const wordsOn = (text: string, at: number, count: number): number => {
  let end = at;
  for (let word = 0; word < count && end >= 0; word++) end = nextWord(text, end);
  return end;
};

/** The level that a tag names, alone or after a name: "ERROR:", "shop.ERROR:". */
export const levelOfTag = (name: string): Level => levelOfWord(name.slice(name.lastIndexOf('.') + 1));

/** Whether a line has the timestamp of the layout in its place, and so begins a record. */
export const hasHeader = (line: string, layout: HeaderLayout): boolean => {
  const begin = wordsOn(line, 0, layout.indexOf('time'));
  return begin >= 0 && partEnds.time(line, begin) >= 0;
};

/** Whether a level at the beginning of a message is meant as one: "ERROR x", "error: x", "[error] x". */
const standsOut = (text: string, word: string, end: number): boolean =>
  text[end] === ':' || text[end] === ']' || (word.length > 2 && word === word.toUpperCase());

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** A tag is a logger, a level, or both, "shop.ERROR:". Gives the level. */
const putTag = (fields: JsonObject, name: string, level: Level): Level => {
  const named = level === 'UNKNOWN' ? levelOfTag(name) : 'UNKNOWN';
  const logger = named === 'UNKNOWN' ? name : name.slice(0, Math.max(name.lastIndexOf('.'), 0));
  if (logger !== '') fields.logger = logger;
  return named === 'UNKNOWN' ? level : named;
};

/**
 * Reads one line by a layout, as far as it has it; the message is the rest. Null when there is no timestamp in its
 * place. A tag becomes the field `logger`.
 */
export const readLine = (line: string, layout: HeaderLayout, context: ParseContext): Parsed | null => {
  const fields: JsonObject = {};
  let timestamp: number | null = null;
  let level: Level = 'UNKNOWN';
  let at = 0;
  for (const part of layout) {
    let end = -1;
    if (part === 'time') {
      const time = timeAt(line, at, context);
      // "I1121 10:50:54", as glog has it.
      if (time !== null && level === 'UNKNOWN' && isDigit(line.charCodeAt(at + 1)))
        level = levelOfLetter(line.charAt(at));
      timestamp ??= time?.timestamp ?? null;
      end = time?.end ?? -1;
    } else if (part === 'level') {
      const found = levelAt(line, at);
      // A level that nobody knows is in its place all the same.
      level = found?.level ?? 'UNKNOWN';
      end = found?.end ?? partEnds.word(line, at);
    } else if (part === 'tag') {
      const tag = tagAt(line, at);
      if (tag !== null) level = putTag(fields, tag.name, level);
      end = tag?.end ?? -1;
    } else {
      end = partEnds[part](line, at);
    }
    if (end < 0) break;
    // Before the timestamp words are counted, as they were when the layout was learned.
    at = timestamp === null ? nextWord(line, at) : skipClosing(line, end);
    if (at < 0) break;
  }
  if (timestamp === null) return null;
  if (level === 'UNKNOWN' && !layout.includes('level')) {
    const found = levelAt(line, at);
    if (found !== null && standsOut(line, found.word, found.end)) level = found.level;
  }
  return { timestamp, level, message: line.slice(at), fields };
};
