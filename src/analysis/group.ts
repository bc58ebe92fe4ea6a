import { type Column, isNumbered, isVariable } from './column.ts';
import { wildcard } from './shape.ts';
import type { Token } from './token.ts';
import { hasLetter } from './word.ts';

/** Shapes with the same punctuation, word by word. */
export interface Line {
  /** As it is written. */
  text: string;
  tokens: Token[];
  /** Lines of the log that have this shape. */
  count: number;
  /** Which shapes these are. */
  shapes: number[];
}

/** From so many words on in every open column, few constant words will do. */
const manyValues = 8;

/** Lines that differ from most in so many columns have nothing in common, and each further column takes time. */
const maxBlocked = 4;

export interface OpenColumn extends Column {
  index: number;
}

/** The columns in which lines differ, from left to right; of the others, how many are words. */
export const columnsOf = (lines: readonly Line[]): { open: OpenColumn[]; constants: number } => {
  const first = lines[0]?.tokens ?? [];
  const open: OpenColumn[] = [];
  let constants = 0;
  const leading = first.findIndex(({ isWord }) => isWord);
  for (const [index, token] of first.entries()) {
    if (!token.isWord) continue;
    const words = new Set<string>();
    for (const { tokens } of lines) words.add(tokens[index]?.text ?? '');
    if (words.size > 1) open.push({ index, words, isNamed: token.isNamed, isFirst: index === leading });
    else if (token.text !== wildcard && hasLetter(token.text)) constants++;
  }
  return { open, constants };
};

/** Whether lines that differ in these columns are one message. */
const isOne = (open: readonly OpenColumn[], constants: number): boolean => {
  if (open.every(isNumbered)) return true;
  if (constants === 0 || !open.every(isVariable)) return false;
  const unsure = open.filter(({ words, isNamed }) => !isNamed && !words.has(wildcard));
  if (open.every(({ words }) => words.size >= manyValues)) return true;
  const weight = unsure.reduce((sum, { isFirst }) => sum + (isFirst ? 2 : 1), 0);
  // Two words that differ together are rather two other messages.
  return constants >= (unsure.length > 1 ? 2 : 1) * weight;
};

/**
 * The messages that lines with the same punctuation are of. Where they differ too much for one, they are split by the
 * words of the column that has fewest; rare ones of many stay together, for they may be values.
 */
export const split = (lines: Line[], blocked: ReadonlySet<number> = new Set()): Line[][] => {
  if (lines.length === 1) return [lines];
  const { open, constants } = columnsOf(lines);
  if (open.length === 0 || isOne(open, constants)) return [lines];
  const order = open
    .filter(({ index, words }) => !blocked.has(index) && (words.size < lines.length || words.size <= manyValues))
    .map((column) => ({ column, rank: (isVariable(column) ? 1e6 : 0) + column.words.size }))
    .sort((a, b) => a.rank - b.rank || a.column.index - b.column.index);
  const pivot = order[0]?.column;
  if (pivot === undefined || blocked.size === maxBlocked) return lines.map((line) => [line]);
  const parts = new Map<string, Line[]>();
  for (const line of lines) {
    const word = line.tokens[pivot.index]?.text ?? '';
    const part = parts.get(word);
    if (part === undefined) parts.set(word, [line]);
    else part.push(line);
  }
  const groups: Line[][] = [];
  const rest: Line[] = [];
  for (const part of parts.values()) {
    if (part.length === 1 && parts.size > manyValues) rest.push(...part);
    else groups.push(...split(part, blocked));
  }
  if (rest.length > 0) groups.push(...split(rest, new Set([...blocked, pivot.index])));
  return groups;
};
