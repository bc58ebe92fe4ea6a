import { wildcard } from './shape.ts';

/** What a number is followed by: the same value may be written with another. */
const units = new Set(
  'B kB KB MB GB TB PB KiB MiB GiB TiB ns us ms s sec secs second seconds min mins minute minutes hour hours day days'.split(
    ' ',
  ),
);

/** Parts of a date, beside its numbers. */
const calendar = new Set(
  'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun AM PM UTC GMT'.split(' '),
);

const answers = new Set('true false yes no on off null none nil enabled disabled'.split(' '));

export const isUnit = (word: string): boolean => units.has(word);
export const isCalendar = (word: string): boolean => calendar.has(word);

/** Whether all or a part of the word is a value. */
export const hasValue = (word: string): boolean => word.includes(wildcard);

/**
 * A word that an application has a fixed set of, such as RUNNING, true, and what happened (started, stopping): another
 * makes another message.
 */
export const isState = (word: string): boolean =>
  /^(?:[a-z]\w*\.)*[A-Z][A-Z_]*[A-Z]$/.test(word) ||
  /^[A-Za-z]+(?:ed|ing)$/.test(word) ||
  answers.has(word.toLowerCase());

/** Whether the word is a name of several parts, such as those of hosts, packages and settings. */
export const isDotted = (word: string): boolean => /^[\w$-]+(?:\.[\w$-]+){2,}$/.test(word);

/** A name that a programmer gave, such as onStart: not one of a user, a host or a file. */
export const isIdentifier = (word: string): boolean => /^[a-z]+[A-Z]|[a-z][A-Z].*\(\)$/.test(word);

export const hasLetter = (word: string): boolean => /\p{L}/u.test(word.replaceAll(wildcard, ''));

/** The word without what numbers it. */
export const unnumbered = (word: string): string => word.replace(/\d+/g, wildcard);
