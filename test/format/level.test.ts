import { expect, test } from 'vitest';
import { levelOfJson, levelOfPino, levelOfSeverity, levelOfStatus, levelOfWord } from '../../src/format/level.ts';

test.each([
  ['info', 'INFO'],
  ['Warning', 'WARN'],
  ['WARN', 'WARN'],
  ['err', 'ERROR'],
  ['crit', 'FATAL'],
  ['CRITICAL', 'FATAL'],
  ['notice', 'INFO'],
  ['emerg', 'FATAL'],
  ['panic', 'FATAL'],
  ['Debug', 'DEBUG'],
  ['TRACE', 'TRACE'],
  ['informational', 'INFO'],
  ['E', 'UNKNOWN'],
  ['DEFAULT', 'UNKNOWN'],
  ['constructor', 'UNKNOWN'],
  ['', 'UNKNOWN'],
])('the word %j is %s', (word, level) => {
  expect(levelOfWord(word)).toBe(level);
});

test('a syslog severity has its level, and no other number has one', () => {
  const numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, -1, 1.5];
  expect(numbers.map(levelOfSeverity)).toEqual([
    ...['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG'],
    ...['UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
  ]);
});

test('a number of pino belongs to the level at or below it', () => {
  expect([9, 10, 20, 30, 35, 40, 50, 60, 99].map(levelOfPino)).toEqual([
    ...['UNKNOWN', 'TRACE', 'DEBUG', 'INFO', 'INFO', 'WARN', 'ERROR', 'FATAL', 'FATAL'],
  ]);
});

test('a status of an access log has the level of its class', () => {
  expect([0, 9, 101, 200, 304, 404, 499, 500, 503].map(levelOfStatus)).toEqual([
    ...['UNKNOWN', 'UNKNOWN', 'INFO', 'INFO', 'INFO', 'WARN', 'WARN', 'ERROR', 'ERROR'],
  ]);
});

test('a JSON level may be a word, a number of pino, a syslog severity, or a number as text', () => {
  expect(['warn', 50, 3, '6', '30', true, null, undefined, ['info']].map(levelOfJson)).toEqual([
    ...['WARN', 'ERROR', 'ERROR', 'INFO', 'INFO', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
  ]);
});
