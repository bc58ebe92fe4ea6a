import { wildcard } from './shape.ts';
import { hasValue, isCalendar, isUnit } from './word.ts';

/** A word of a shape, or a character between words. */
export interface Token {
  /** What is compared. */
  text: string;
  /** As it is written, when it is a value of several words or has a sign. */
  written: string;
  /** Blanks before it. */
  space: string;
  /** False: punctuation. */
  isWord: boolean;
  /** Whether it says what a name is: after = */
  isNamed: boolean;
  /** Whether it stands for several words of other shapes. */
  isSlot: boolean;
}

/** Most tokens of a shape that are compared; what comes after them counts as one value. */
const maxTokens = 100;

/** A quoted value, a word (with its wildcards, :: and empty brackets), or punctuation. */
const pattern =
  /(\s*)(?:(?<==)("[^"]*"|'[^']*')|((?:<\*>|::|(?!\.{3})[^\s=:,;()[\]{}"|<>]|(?<=[^\s.])\(\))+)|(\.{3,}|[=:,;()[\]{}"|<>]))/g;

/** What may be between the values of a list. */
const separators = new Set([',', ';', '|']);

const tokensAsWritten = (shape: string): Token[] => {
  const tokens: Token[] = [];
  for (const [, space, quoted, word, mark] of shape.matchAll(pattern)) {
    const text = quoted ?? word ?? mark ?? '';
    const isNamed = tokens.at(-1)?.text === '=';
    const blanks = space ?? '';
    if (tokens.length === maxTokens) {
      tokens.push({ text: wildcard, written: wildcard, space: blanks, isWord: true, isNamed: false, isSlot: false });
      break;
    }
    const bare =
      word !== undefined && text.length > 1 && text.endsWith('.') && !text.endsWith('..') ? text.slice(0, -1) : text;
    tokens.push({
      text: quoted === undefined ? bare : wildcard,
      written: bare,
      space: blanks,
      isWord: mark === undefined,
      isNamed,
      isSlot: false,
    });
    if (bare !== text)
      tokens.push({ text: '.', written: '.', space: '', isWord: false, isNamed: false, isSlot: false });
  }
  return tokens;
};

/**
 * The tokens of a shape. A list of values is one token, however many there are, as is a value with its unit or sign, and
 * a date.
 */
export const tokensOf = (shape: string): Token[] => {
  const all = tokensAsWritten(shape);
  const tokens: Token[] = [];
  /** Whether the last of `tokens` is a value that more may join. */
  let isOpen = false;
  for (let index = 0; index < all.length; index++) {
    const token = all[index];
    const next = all[index + 1];
    if (token === undefined) break;
    const last = tokens.at(-1);
    const isDate: boolean =
      isCalendar(token.text) && ((next !== undefined && (hasValue(next.written) || isCalendar(next.text))) || isOpen);
    const isValue: boolean = hasValue(token.written) || isDate;
    const isList = isOpen && separators.has(token.text) && next !== undefined && hasValue(next.written);
    if (last !== undefined && isOpen && (isValue || isList || (isUnit(token.text) && token.isWord))) {
      last.written += token.space + token.written;
      if (isValue && last.text !== token.text) last.text = wildcard;
      continue;
    }
    // 18846 bytes (18.4 KB): the value once more.
    const [inside, close] = [next, all[index + 2]];
    const isAgain =
      token.text === '(' && last !== undefined && last.isWord && !isOpen && hasValue(tokens.at(-2)?.text ?? '');
    if (
      isAgain &&
      inside?.text === wildcard &&
      close !== undefined &&
      isUnit(close.text) &&
      all[index + 3]?.text === ')'
    ) {
      last.written += `${token.space}(${inside.written}${close.space}${close.written})`;
      index += 3;
      continue;
    }
    const isBelow = token.text === '<' && next?.text === wildcard && next.space === '' && token.space !== '';
    if (isBelow) {
      tokens.push({ ...next, space: token.space, written: `<${next.written}` });
      index++;
      isOpen = true;
      continue;
    }
    tokens.push(isDate ? { ...token, text: wildcard } : token);
    isOpen = isValue;
  }
  return tokens;
};

/** As it is written. */
export const textOf = (tokens: readonly Token[]): string => {
  let text = '';
  for (const { written, space } of tokens) text += space + written;
  return text.trim();
};
