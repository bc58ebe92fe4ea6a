import { absorbed } from './absorption.ts';
import { aligned } from './alignment.ts';
import { type Line, split } from './group.ts';
import { wildcard } from './shape.ts';
import { type Token, textOf, tokensOf } from './token.ts';
import { hasLetter, hasValue, isState } from './word.ts';

export interface Counted {
  shape: string;
  count: number;
}

const byKey = <T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};

/** With whether there are blanks between: a template is written as all its messages are, but for how many. */
const spelled = (tokens: readonly Token[], textOf: (token: Token) => string) =>
  tokens.map((token, index) => (index === 0 || token.space === '' ? '' : ' ') + textOf(token)).join('\0');

const punctuation = ({ tokens }: Line) => spelled(tokens, ({ isWord, text }) => (isWord ? 'w' : text));
const wording = ({ tokens }: Line) => spelled(tokens, ({ text }) => text);

const compare = (a: Line, b: Line) => b.count - a.count || (a.text < b.text ? -1 : 1);

/** A token that stands for those that lines have at its place. */
const mergedToken = (token: Token, others: readonly (Token | undefined)[]): Token => {
  const isEqual = (field: 'text' | 'written' | 'space') => others.every((other) => other?.[field] === token[field]);
  if (!isEqual('text')) return { ...token, text: wildcard, written: wildcard, isSlot: true };
  const written = isEqual('written') ? token.written : hasValue(token.text) ? token.text : token.text + wildcard;
  return { ...token, written, space: isEqual('space') ? token.space : ' ' };
};

/** One line for lines with the same punctuation. */
const merged = (lines: readonly Line[]): Line => {
  const [first, ...others] = lines;
  if (first === undefined) throw new RangeError('There is nothing to merge.');
  if (others.length === 0) return first;
  const tokens = first.tokens.map((token, index) =>
    mergedToken(
      token,
      others.map((line) => line.tokens[index]),
    ),
  );
  return {
    text: textOf(tokens),
    tokens,
    count: lines.reduce((sum, { count }) => sum + count, 0),
    shapes: lines.flatMap(({ shapes }) => shapes),
  };
};

/** Whether a token is of the message itself. */
const isConstant = ({ text, isWord, isNamed }: Token): boolean =>
  isWord && hasLetter(text) && (!isNamed || (isState(text) && text !== 'null'));

/** What remains of a template when punctuation and values do not count. */
const constantsOf = ({ text, tokens }: Line): string => {
  const words = tokens.filter(isConstant);
  const hasValues = tokens.some((token) => hasValue(token.text) || (token.isNamed && token.isWord));
  // (unknown) and () are two ways of saying it, and people tell them apart.
  const empties = tokens
    .map(({ text }, index) => (text === '(' && tokens[index + 1]?.text === ')' ? '()' : ''))
    .join('');
  return words.length < 2 || !hasValues ? `=${text}` : words.map(({ text }) => text).join(' ') + empties;
};

/**
 * The template of each shape, with `<*>` for parameters: messages that differ in values only have one. For the same
 * shapes it is the same, whatever their order.
 *
 * Lines with the same punctuation are split by their words until those of a part differ in values only, as in Makanju et
 * al., "Clustering Event Logs Using Iterative Partitioning" (2009), and He et al., "Drain" (2017); templates with the
 * same constant words are put together, so that a value may be of any length.
 *
 * @param shapes distinct, with the number of lines that have each
 */
export const mine = (shapes: readonly Counted[]): string[] => {
  const lines = shapes.map(({ shape, count }, index): Line => {
    const tokens = tokensOf(shape);
    return { text: textOf(tokens), tokens, count, shapes: [index] };
  });
  const distinct = [...byKey(lines, wording).values()].map((group) => merged(group.sort(compare))).sort(compare);
  const templates: Line[] = [];
  for (const group of byKey(distinct, punctuation).values()) {
    for (const part of split(group)) templates.push(merged(part.sort(compare)));
  }
  const result: string[] = shapes.map(({ shape }) => shape);
  for (const group of byKey(absorbed(templates), constantsOf).values()) {
    const text = aligned(
      group.sort(compare).map(({ tokens }) => tokens),
      isConstant,
    );
    for (const { shapes: members } of group) for (const index of members) result[index] = text;
  }
  return result;
};
