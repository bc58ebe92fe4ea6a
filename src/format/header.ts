import type { Level } from '../entry.ts';
import { levelOfLetter, levelOfWord } from './level.ts';

/**
 * The words that headers of records are made of, between timestamp and message. Each function looks at one place of a
 * text and looks no further than `maxWord` characters, or to the end of the word.
 */

/** Longest word of a header, and longest text in brackets (names of threads, identifiers of requests). */
const maxWord = 256;

const space = 32;
const tab = 9;

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
  while (end < text.length && end < at + 4 && '])>}:,;|"'.includes(text.charAt(end))) end++;
  const after = skipBlanks(text, end);
  return end === at && text[after] === '|' ? skipBlanks(text, after + 1) : after;
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

/** Where the number at `at` ends, when a blank or what closes it follows; -1 if there is none. */
export const numberEnd = (text: string, at: number): number => {
  let end = at;
  while (end < at + 20 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return end > at && (end === text.length || ' \t]):|,'.includes(text.charAt(end))) ? end : -1;
};

/** Where a word that is nothing but marks ends, such as `-`, `---` and `|`; -1 if there is none. */
export const markEnd = (text: string, at: number): number => {
  let end = at;
  while (end < at + 4 && end < text.length && '-–—*#|:>~=.'.includes(text.charAt(end))) end++;
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
