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

/** Whether the words of a column are values of one message, and not words of several. */
export const isVariable = ({ words, isNamed, isFirst }: Column): boolean => {
  const all = [...words];
  if (words.has(wildcard)) return true;
  if (new Set(all.map(unnumbered)).size === 1) return true;
  if (words.size <= maxStates && all.every(isState)) return false;
  if (isNamed) return true;
  if (isFirst && words.size < fewestNames && all.some(isIdentifier)) return false;
  return words.size >= fewestValues || all.every(isDotted);
};
