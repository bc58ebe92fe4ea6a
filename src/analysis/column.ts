import { wildcard } from './shape.ts';
import { isDotted, isIdentifier, isState, unnumbered } from './word.ts';

/** Most words that a set of states has. */
const maxStates = 16;

/** From this many words on, what is at a place is a value: two may be two messages. */
const fewestValues = 3;

/** So many names at the beginning are no names of functions. */
const fewestNames = 8;

/** The words that are at one place of messages that are otherwise alike. */
export interface Column {
  words: ReadonlySet<string>;
  isNamed: boolean;
  isFirst: boolean;
}

/** Whether the words are one with several numbers, such as eth0 and eth1. */
export const isNumbered = ({ words }: Column): boolean => {
  let name: string | undefined;
  for (const word of words) {
    name ??= unnumbered(word);
    if (unnumbered(word) !== name) return false;
  }
  return true;
};

/** Whether the words of a column are values of one message, and not words of several. */
export const isVariable = (column: Column): boolean => {
  const { words, isNamed, isFirst } = column;
  const all = [...words];
  if (words.has(wildcard) || isNumbered(column)) return true;
  if (words.size <= maxStates && all.every(isState)) return false;
  if (isNamed) return true;
  if (isFirst && words.size < fewestNames && all.some(isIdentifier)) return false;
  return words.size >= fewestValues || all.every(isDotted);
};
