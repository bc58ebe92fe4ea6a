import type { JsonObject, JsonValue } from '../entry.ts';
import type { Format } from './format.ts';
import { parsedOf } from './logger-keys.ts';

/** Pairs in one record: what is above is data, not a message. */
const maxPairs = 1000;

/** Longest key; a longer one is text with an equals sign in it. */
const maxKey = 128;

const escapes: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t' };

const unescaped = (text: string): string =>
  text.includes('\\') ? text.replace(/\\(.)/gs, (_, char: string) => escapes[char] ?? char) : text;

/** A number or boolean that was written as such; everything else is text, as are numbers that would not come back alike. */
const valueIn = (text: string): JsonValue => {
  if (text === 'true' || text === 'false') return text === 'true';
  const first = text.charCodeAt(0);
  if (!((first >= 48 && first <= 57) || first === 45) || text.length > 20) return text;
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
};

/** Where the text in quotes that begins after `at` ends; -1 without a closing quote. */
const closingQuote = (text: string, at: number): number => {
  for (let end = at + 1; end < text.length; end++) {
    const char = text.charCodeAt(end);
    if (char === 34) return end;
    if (char === 92) end++;
  }
  return -1;
};

const isBlank = (code: number): boolean => code === 32 || code === 9;

/** Where the key at `at` ends, at a blank or an equals sign; `at` itself where there is none. */
const keyEnd = (text: string, at: number): number => {
  const first = text.charCodeAt(at) | 32;
  if (!(first >= 97 && first <= 122) && text[at] !== '_' && text[at] !== '@') return at;
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 61 || isBlank(code)) break;
    if (code === 34 || code < 32 || end === at + maxKey) return at;
  }
  return end;
};

/** The pairs that a text is made of; null when it is anything else. */
const pairsIn = (text: string): JsonObject | null => {
  const pairs: JsonObject = {};
  let count = 0;
  let words = 0;
  let at = 0;
  while (at < text.length) {
    if (isBlank(text.charCodeAt(at))) {
      at++;
      continue;
    }
    let end = keyEnd(text, at);
    const key = text.slice(at, end);
    if (end === at || ++count + words > maxPairs) return null;
    let value: JsonValue = true;
    if (text[end] !== '=') {
      // A key alone is true, but text is made of words.
      count--;
      if (++words > count) return null;
    } else if (text[end + 1] === '"') {
      const close = closingQuote(text, end + 1);
      if (close < 0 || (close + 1 < text.length && !isBlank(text.charCodeAt(close + 1)))) return null;
      value = unescaped(text.slice(end + 2, close));
      end = close + 1;
    } else {
      const begin = end + 1;
      end = begin;
      while (end < text.length && !isBlank(text.charCodeAt(end))) end++;
      value = valueIn(text.slice(begin, end));
    }
    if (key !== '__proto__') pairs[key] = value;
    at = end;
  }
  return count >= 2 ? pairs : null;
};

/**
 * Pairs of names and values on a line, `level=info msg="it works" status=200`, as logrus, go-kit, slog and Heroku write
 * them. Time, level and message are taken out as from JSON_LINES; bare numbers and booleans are such, and a key without a
 * value is true.
 *
 * See https://brandur.org/logfmt and https://pkg.go.dev/github.com/kr/logfmt
 */
export const LOGFMT: Format = {
  name: 'LOGFMT',
  parse(raw, context) {
    const pairs = pairsIn(raw);
    return pairs === null ? null : parsedOf(pairs, raw, context);
  },
};
