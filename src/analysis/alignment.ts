import { wildcard } from './shape.ts';
import { type Token, textOf } from './token.ts';

/** What is before, between and after the words that all of some templates have in the same order. */
const gapsOf = (tokens: readonly Token[], isShared: (token: Token) => boolean): string[] => {
  const gaps: string[] = [];
  let gap = '';
  for (const token of tokens) {
    if (!isShared(token)) gap += token.space + token.written;
    else {
      gaps.push(gap + token.space);
      gap = '';
    }
  }
  return [...gaps, gap];
};

/** What two texts begin with, without a part of a wildcard. */
const commonStart = (a: string, b: string): string => {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return a.slice(0, length).replace(/<\*?$/, '');
};

const commonEnd = (a: string, b: string): string => {
  let length = 0;
  while (length < a.length && length < b.length && a.at(-1 - length) === b.at(-1 - length)) length++;
  return a.slice(a.length - length).replace(/^\*?>/, '');
};

/** One text that all these fit, `<*>` where they differ. */
const common = (texts: readonly string[]): string => {
  const [first = '', ...others] = texts;
  if (others.every((other) => other === first)) return first;
  const start = others.reduce(commonStart, first);
  const end = others.map((other) => other.slice(start.length)).reduce(commonEnd, first.slice(start.length));
  return start + wildcard + end;
};

/** The template of templates that have the same shared words in the same order, and other things between them. */
export const aligned = (all: readonly (readonly Token[])[], isShared: (token: Token) => boolean): string => {
  const [first = []] = all;
  if (all.length === 1) return textOf(first);
  const gaps = all.map((tokens) => gapsOf(tokens, isShared));
  const words = first.filter(isShared);
  const parts = (gaps[0] ?? []).map(
    (_, at) => common(gaps.map((texts) => texts[at] ?? '')) + (words[at]?.written ?? ''),
  );
  return parts
    .join('')
    .replaceAll(/(?:<\*>){2,}/g, wildcard)
    .trim();
};
