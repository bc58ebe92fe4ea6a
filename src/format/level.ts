import type { JsonValue, Level } from '../entry.ts';

const words = new Map<string, Level>([
  ['trace', 'TRACE'],
  ['silly', 'TRACE'],
  ['finest', 'TRACE'],
  ['debug', 'DEBUG'],
  ['dbug', 'DEBUG'],
  ['verbose', 'DEBUG'],
  ['info', 'INFO'],
  ['information', 'INFO'],
  ['informational', 'INFO'],
  ['notice', 'INFO'],
  ['warn', 'WARN'],
  ['warning', 'WARN'],
  ['err', 'ERROR'],
  ['eror', 'ERROR'],
  ['error', 'ERROR'],
  ['severe', 'ERROR'],
  ['failure', 'ERROR'],
  ['crit', 'FATAL'],
  ['critical', 'FATAL'],
  ['alert', 'FATAL'],
  ['emerg', 'FATAL'],
  ['emergency', 'FATAL'],
  ['fatal', 'FATAL'],
  ['panic', 'FATAL'],
]);

/** The longest word above; a longer text is not worth changing its case. */
const maxWordLength = 13;

/** The level that a word names, in any case; UNKNOWN for any other word. */
export const levelOfWord = (word: string): Level =>
  word.length > maxWordLength ? 'UNKNOWN' : (words.get(word.toLowerCase()) ?? 'UNKNOWN');

/** One letter, as Android, glog and Python's shorter layouts write it; only where a level has its place. */
const letters = new Map<string, Level>([
  ['V', 'TRACE'],
  ['T', 'TRACE'],
  ['D', 'DEBUG'],
  ['I', 'INFO'],
  ['N', 'INFO'],
  ['W', 'WARN'],
  ['E', 'ERROR'],
  ['C', 'FATAL'],
  ['F', 'FATAL'],
]);

/** The level that a capital letter stands for where nothing but a level can stand; UNKNOWN for any other. */
export const levelOfLetter = (letter: string): Level => letters.get(letter) ?? 'UNKNOWN';

const severities: readonly Level[] = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG'];

/** The level of a syslog severity, 0 (emergency) to 7 (debug): RFC 5424, table 2. */
export const levelOfSeverity = (severity: number): Level => severities[severity] ?? 'UNKNOWN';

/** The level of pino's and bunyan's numbers: 10 is trace, 60 fatal; one in between belongs to the level below it. */
export const levelOfPino = (number: number): Level => {
  if (number >= 60) return 'FATAL';
  if (number >= 50) return 'ERROR';
  if (number >= 40) return 'WARN';
  if (number >= 30) return 'INFO';
  if (number >= 20) return 'DEBUG';
  return number >= 10 ? 'TRACE' : 'UNKNOWN';
};

/** The level of an HTTP status: 5xx ERROR, 4xx WARN, other answers INFO; UNKNOWN where there was no answer. */
export const levelOfStatus = (status: number): Level => {
  if (status >= 500) return 'ERROR';
  if (status >= 400) return 'WARN';
  return status >= 100 ? 'INFO' : 'UNKNOWN';
};

/**
 * The level that a JSON logger wrote: a word, a number of pino or bunyan, or a syslog severity (GELF, journald), also
 * as text. The two kinds of numbers do not overlap.
 */
export const levelOfJson = (value: JsonValue | undefined): Level => {
  if (typeof value === 'number') return value < 10 ? levelOfSeverity(value) : levelOfPino(value);
  if (typeof value !== 'string') return 'UNKNOWN';
  return /^\d{1,2}$/.test(value) ? levelOfJson(Number(value)) : levelOfWord(value);
};
