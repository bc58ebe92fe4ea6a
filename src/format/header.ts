import type { Level } from '../entry.ts';
import type { ParseContext } from './format.ts';
import { levelOfLetter, levelOfWord } from './level.ts';
import type { TimeInText } from './time.ts';
import { timestampAt } from './timestamp.ts';

/**
 * The words that headers of records are made of, between timestamp and message. Each function looks at one place of a
 * text and looks no further than `maxWord` characters, or to the end of the word.
 */

/** Longest word of a header, and longest text in brackets (names of threads, identifiers of requests). */
const maxWord = 256;

const space = 32;
const tab = 9;

/** Which ASCII characters are among these, by code: asked for every character of every header. */
const among = (characters: string): Uint8Array =>
  Uint8Array.from({ length: 128 }, (_, code) => (characters.includes(String.fromCharCode(code)) ? 1 : 0));

const closings = among('])>}:,;|"');
const marks = among('-*#|:>~=.');
const afterNumber = among(' \t]):|,');

const isBlank = (code: number): boolean => code === space || code === tab;

export const skipBlanks = (text: string, at: number): number => {
  let end = at;
  while (isBlank(text.charCodeAt(end))) end++;
  return end;
};

/** Where the word at `at` ends: at a blank, or at the end of the text; `at` itself for a word that is too long. */
export const wordEnd = (text: string, at: number): number => {
  const last = Math.min(text.length, at + maxWord);
  for (let end = at; end < last; end++) if (isBlank(text.charCodeAt(end))) return end;
  return last === text.length ? last : at;
};

/** Where the next word begins; -1 if there is none. */
export const nextWord = (text: string, at: number): number => {
  const end = wordEnd(text, at);
  return end === at ? -1 : skipBlanks(text, end);
};

/** After what closes or separates (`]`, `:`, `,`, `|` ...) and the blanks around it. */
export const skipClosing = (text: string, at: number): number => {
  let end = at;
  while (end < at + 4 && closings[text.charCodeAt(end)] === 1) end++;
  const after = skipBlanks(text, end);
  // "[INFO ]", "12 | text".
  return end === at && (text[after] === ']' || text[after] === '|') ? skipBlanks(text, after + 1) : after;
};

/** The first line of a record. */
export const firstLine = (raw: string): string => {
  const newline = raw.indexOf('\n');
  return newline < 0 ? raw : raw.slice(0, newline);
};

/** The timestamp at `at`, with or without a bracket or quote before it. */
export const timeAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  const char = text.charAt(at);
  return timestampAt(text, char === '[' || char === '(' || char === '<' || char === '"' ? at + 1 : at, context);
};

export interface LevelInText {
  level: Level;
  /** As written. */
  word: string;
  /** Where the text after it begins, without what closes it. */
  end: number;
}

const isWordCharacter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;

/** The word that names a level at `at`, with or without a bracket before it; null for any other. */
export const levelAt = (text: string, at: number): LevelInText | null => {
  const begin = at < text.length && '[(<'.includes(text.charAt(at)) ? at + 1 : at;
  let end = begin;
  while (end < begin + 14 && isWordCharacter(text.charCodeAt(end))) end++;
  const after = text[end];
  if (end === begin || after === '-' || after === '.' || after === '=' || after === '/') return null;
  const word = text.slice(begin, end);
  const level = end === begin + 1 ? levelOfLetter(word) : levelOfWord(word);
  return level === 'UNKNOWN' ? null : { level, word, end };
};

/** The word in capitals at `at`, with or without a bracket before it; empty where there is none, or the word goes on. */
export const capitalsAt = (text: string, at: number): string => {
  const first = text.charCodeAt(at);
  const begin = first === 91 || first === 40 ? at + 1 : at;
  let end = begin;
  while (end < begin + 14 && text.charCodeAt(end) >= 65 && text.charCodeAt(end) <= 90) end++;
  const after = text.charCodeAt(end);
  return isWordCharacter(after) || after === 45 || after === 46 || after === 61 ? '' : text.slice(begin, end);
};

const closing: { readonly [opening: string]: string } = { '[': ']', '(': ')', '{': '}', '<': '>' };

/** Where the text in brackets that begins at `at` ends, its closing bracket included; -1 if there is none. */
export const groupEnd = (text: string, at: number): number => {
  const opening = text.charAt(at);
  const close = closing[opening];
  if (close === undefined) return -1;
  let depth = 0;
  const last = Math.min(text.length, at + maxWord);
  for (let end = at; end < last; end++) {
    const char = text.charAt(end);
    if (char === opening) depth++;
    else if (char === close && --depth === 0) return end + 1;
  }
  return -1;
};

/** Where the number at `at` ends, with or without a `#`, when a blank or what closes it follows; -1 if there is none. */
export const numberEnd = (text: string, at: number): number => {
  const begin = text[at] === '#' ? at + 1 : at;
  let end = begin;
  while (end < begin + 20 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return end > begin && (end === text.length || afterNumber[text.charCodeAt(end)] === 1) ? end : -1;
};

/** Where a word that is nothing but marks ends, such as `-`, `---` and `|`; -1 if there is none. */
export const markEnd = (text: string, at: number): number => {
  let end = at;
  while (end < at + 4 && marks[text.charCodeAt(end)] === 1) end++;
  return end > at && (end === text.length || isBlank(text.charCodeAt(end))) ? end : -1;
};

export interface Tag {
  /** Without its colon. */
  name: string;
  end: number;
}

/**
 * A word that says where a message comes from: it ends with a colon, or has one after blanks, or ends with a bracket that
 * the header opened before ("[INFO  app] ", "file.go:12] ").
 */
export const tagAt = (text: string, at: number): Tag | null => {
  const end = wordEnd(text, at);
  if (end <= at) return null;
  const last = text[end - 1];
  if (last === ':' && end > at + 1) return { name: text.slice(at, end - 1), end };
  const after = skipBlanks(text, end);
  if (text[after] === ':' && after > end && (after + 1 === text.length || isBlank(text.charCodeAt(after + 1)))) {
    return { name: text.slice(at, end), end: after + 1 };
  }
  if (last !== ']' || text.slice(at, end - 1).includes('[')) return null;
  return { name: text.slice(at, end - 1), end };
};
