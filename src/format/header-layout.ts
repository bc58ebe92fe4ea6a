import type { JsonObject, Parsed } from '../entry.ts';
import type { ParseContext } from './format.ts';
import { groupEnd, levelAt, markEnd, nextWord, numberEnd, skipBlanks, skipClosing, tagAt, wordEnd } from './header.ts';
import type { TimeInText } from './time.ts';
import { timestampAt } from './timestamp.ts';

/**
 * One part of a header. `mark` is a word of nothing but marks, `group` a text in brackets, `tag` a word with a colon,
 * `cell` what stands before a `|`, `label` a few words before " - ", `column` a word before two blanks or more, and
 * `word` any other.
 */
type Part = 'time' | 'level' | 'mark' | 'cell' | 'group' | 'number' | 'tag' | 'label' | 'column' | 'word';

/** How the headers of a log's records are laid out, in order; the message comes after. Plain data. */
export type HeaderLayout = readonly Part[];

/** Words before the timestamp: labels, numbers of records, names of machines or files. */
const maxWordsBefore = 6;
/** Words between two parts that are known, such as the places and components before a level. */
const maxWordsBetween = 8;
/** Parts of a header; the longest known has ten. */
const maxParts = 16;
/** Characters of a cell or label. */
const maxLabel = 64;

/** Records that it takes to tell a header from a message; of fewer only timestamp and level are sure. */
const enough = 5;

/** Of the records of a sample, how many must have a part in its place: the others are damaged or of another kind. */
const most = 0.9;

/** Which time it was does not matter for learning, only that there is one. */
const anyContext: ParseContext = { timezone: 'UTC', writtenBefore: Date.UTC(2000, 11, 31) };

const timeAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  const char = text.charAt(at);
  return timestampAt(text, char === '[' || char === '(' || char === '<' || char === '"' ? at + 1 : at, context);
};

const labelEnd = (text: string, at: number, mark: string): number => {
  const found = text.slice(at, at + maxLabel).indexOf(mark);
  return found < 0 ? -1 : at + found + mark.length;
};

const columnEnd = (text: string, at: number): number => {
  const end = wordEnd(text, at);
  return end > at && (text[end] === '\t' || skipBlanks(text, end) > end + 1) ? end : -1;
};

/** Where the part at `at` ends; -1 if there is none. */
const ends: { readonly [P in Part]: (text: string, at: number) => number } = {
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

/** One record of a sample, and how far its header is understood; -1 when it differs from the others. */
interface Example {
  text: string;
  at: number;
}

const wordsOn = (text: string, at: number, count: number): number => {
  let end = at;
  for (let word = 0; word < count && end >= 0; word++) end = nextWord(text, end);
  return end;
};

const share = (examples: readonly Example[], part: Part, words = 0): number => {
  const has = ({ text, at }: Example) => {
    const begin = at < 0 ? -1 : wordsOn(text, at, words);
    return begin >= 0 && ends[part](text, begin) >= 0;
  };
  return examples.filter(has).length / examples.length;
};

/** Whether the words that would be tags differ: one that never does may be how all messages of the sample begin. */
const tagsDiffer = (examples: readonly Example[], words: number): boolean => {
  const name = ({ text, at }: Example) => tagAt(text, wordsOn(text, at, words))?.name;
  return new Set(examples.filter(({ at }) => at >= 0).map(name)).size > 2;
};

const direct: readonly Part[] = ['level', 'mark', 'cell', 'group', 'number', 'tag', 'label', 'column'];

/** The parts that come next in most examples; none where the message begins. */
const nextParts = (examples: readonly Example[], parts: readonly Part[]): Part[] => {
  const hasLevel = parts.includes('level');
  const fits = (part: Part) => share(examples, part) >= most;
  const found = direct.find((part) => {
    if (part === 'level') return !hasLevel && fits(part);
    return fits(part) && (part !== 'tag' || hasLevel || tagsDiffer(examples, 0));
  });
  if (found !== undefined) return [found];
  const words = (count: number): Part[] => Array.from({ length: count }, () => 'word');
  // The name of the machine, as syslog has it.
  if (share(examples, 'tag', 1) >= most && !hasLevel && tagsDiffer(examples, 1)) return ['word', 'tag'];
  // The name of a logger, without a colon.
  if (hasLevel && share(examples, 'group', 1) >= most) return ['word', 'group'];
  const isSecondTime = parts.filter((part) => part === 'time').length === 1;
  for (let count = 1; count <= maxWordsBetween; count++) {
    if (!hasLevel && share(examples, 'level', count) >= most) return [...words(count), 'level'];
    if (isSecondTime && share(examples, 'time', count) >= most) return [...words(count), 'time'];
  }
  return [];
};

const advance = (examples: readonly Example[], part: Part): Example[] =>
  examples.map(({ text, at }) => {
    const end = at < 0 ? -1 : ends[part](text, at);
    return { text, at: end < 0 ? -1 : skipClosing(text, end) };
  });

/**
 * Learns the layout of a log from sample lines: the timestamp is at that word of the first seven where most lines have
 * one; then come all parts that nine records of ten have in the same place. Null when half of the lines or fewer have a
 * timestamp in one place. The same lines always give the same layout.
 */
export const learnLayout = (lines: readonly string[]): HeaderLayout | null => {
  const samples = lines.map((text) => ({ text, at: 0 }));
  const shares = Array.from({ length: maxWordsBefore + 1 }, (_, words) => share(samples, 'time', words));
  // The first of two that are equally good.
  const before = shares.indexOf(Math.max(...shares));
  if (samples.length === 0 || (shares[before] ?? 0) <= 0.5) return null;
  let examples = samples.filter(({ text }) => ends.time(text, wordsOn(text, 0, before)) >= 0);
  const parts: Part[] = [];
  const add = (part: Part) => {
    examples = advance(examples, part);
    parts.push(part);
  };
  for (let word = 0; word < before; word++) {
    add(!parts.includes('level') && share(examples, 'level') >= most ? 'level' : 'word');
  }
  add('time');
  while (parts.length < maxParts && parts.at(-1) !== 'tag') {
    const next = nextParts(examples, parts);
    if (next.length === 0 || (examples.length < enough && next[0] !== 'level')) break;
    for (const part of next) add(part);
  }
  return parts;
};

/** Whether a line has the timestamp of the layout in its place, and so begins a record. */
export const hasHeader = (line: string, layout: HeaderLayout): boolean => {
  const begin = wordsOn(line, 0, layout.indexOf('time'));
  return begin >= 0 && ends.time(line, begin) >= 0;
};

/** Whether a level at the beginning of a message is meant as one: "ERROR x", "error: x", "[error] x". */
const standsOut = (text: string, word: string, end: number): boolean =>
  text[end] === ':' || text[end] === ']' || (word.length > 2 && word === word.toUpperCase());

/**
 * Reads one line by a layout, as far as it has it; the message is the rest. Null when there is no timestamp in its
 * place. A tag becomes the field `logger`.
 */
export const readLine = (line: string, layout: HeaderLayout, context: ParseContext): Parsed | null => {
  const fields: JsonObject = {};
  let timestamp: number | null = null;
  let level: Parsed['level'] = 'UNKNOWN';
  let at = 0;
  for (const part of layout) {
    let end = -1;
    if (part === 'time') {
      const time = timeAt(line, at, context);
      timestamp ??= time?.timestamp ?? null;
      end = time?.end ?? -1;
    } else if (part === 'level') {
      const found = levelAt(line, at);
      // A level that nobody knows is in its place all the same.
      level = found?.level ?? 'UNKNOWN';
      end = found?.end ?? ends.word(line, at);
    } else if (part === 'tag') {
      const tag = tagAt(line, at);
      if (tag !== null) fields.logger = tag.name;
      end = tag?.end ?? -1;
    } else {
      end = ends[part](line, at);
    }
    if (end < 0) break;
    at = skipClosing(line, end);
  }
  if (timestamp === null) return null;
  if (!layout.includes('level')) {
    const found = levelAt(line, at);
    if (found !== null && standsOut(line, found.word, found.end)) level = found.level;
  }
  return { timestamp, level, message: line.slice(at), fields };
};
