import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeTable } from '../../src/analysis/shape-table.ts';

const emptyTable = () =>
  new ShapeTable<{ count: number }>({
    create: () => ({ count: 0 }),
    merge: (into, from) => {
      into.count += from.count;
    },
  });

const sum = (table: ShapeTable<{ count: number }>) =>
  Array.from(table.entries(), ([, { count }]) => count).reduce((a, b) => a + b, 0);

/** Letters only, so that nothing of it is masked; another for each number. */
const wordOf = (number: number) =>
  number.toString(26).replaceAll(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));

const filled = (messages: Iterable<string>) => {
  const table = emptyTable();
  for (const message of messages) table.of(message).count++;
  return table;
};

const times = (count: number, message: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => message(index));

describe('A table of shapes', () => {
  it('counts messages that differ in values only together', () => {
    const table = filled(['job 1 done', 'job 22 done', 'job 3 failed']);
    expect([...table.entries()]).toEqual([
      ['job <*> done', { count: 2 }],
      ['job <*> failed', { count: 1 }],
    ]);
    expect(table.find('job 17 done')).toEqual({ count: 2 });
    expect(table.find('another')).toBeUndefined();
    expect(table.size).toBe(2);
  });

  it('puts the findings of several tables together', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom('a 1', 'b 2', 'c', 'd'))), (parts) => {
        const whole = emptyTable();
        for (const part of parts) for (const [shape, own] of filled(part).entries()) whole.add(shape, own);
        expect(new Map(whole.entries())).toEqual(new Map(filled(parts.flat()).entries()));
      }),
    );
  });

  const hostile: [string, (index: number) => string][] = [
    ['one-word lines', wordOf],
    ['a name in every line', (index) => `user ${wordOf(index)} logged in`],
    ['random words', (index) => times(6, (at) => wordOf((index * 7919 + at * 104_729) % 1_000_003)).join(' ')],
    [
      'random punctuation',
      (index) =>
        wordOf(index).replaceAll(/./g, (letter) => '=:,;()[]{}"|<>.-_/@!#$%&*+~?'[letter.charCodeAt(0) - 97] ?? '^'),
    ],
  ];
  it.each(hostile)(
    'stays small and loses no count with %s',
    (_, message) => {
      const messages = times(50_000, message);
      const table = filled(messages);
      expect(table.size).toBeLessThanOrEqual(20_000);
      expect(sum(table)).toBe(messages.length);
      expect(messages.every((one) => table.find(one) !== undefined)).toBe(true);
      const whole = emptyTable();
      whole.keepOnly(table.words);
      for (const [shape, own] of table.entries()) whole.add(shape, own);
      expect(sum(whole)).toBe(messages.length);
      expect(messages.every((one) => whole.find(one) !== undefined)).toBe(true);
    },
    60_000,
  );

  it('keeps what is said about many names when there is no room for each', () => {
    const table = filled([
      ...times(30_000, (index) => `user ${wordOf(index)} logged in`),
      ...times(100, () => 'disk is nearly full'),
    ]);
    expect(table.find('user nobody logged in')?.count).toBeGreaterThan(20_000);
    expect(table.words).toEqual(expect.arrayContaining(['user', 'logged', 'in']));
  }, 60_000);

  it('stays small with long lines', () => {
    function* longLines() {
      for (let index = 0; index < 6000; index++) yield `${wordOf(index)} ${'long line '.repeat(1_000)}`;
    }
    const table = filled(longLines());
    const characters = Array.from(table.entries(), ([shape]) => shape.length).reduce((a, b) => a + b, 0);
    expect(characters).toBeLessThanOrEqual(4_000_000);
    expect(sum(table)).toBe(6000);
  }, 60_000);

  it('keeps only the words that it is told to', () => {
    const table = filled(['user ann left', 'user bob left', 'disk full']);
    table.keepOnly(['user', 'left']);
    expect([...table.entries()]).toEqual([
      ['user <*> left', { count: 2 }],
      ['<*>', { count: 1 }],
    ]);
    table.of('user carla left').count++;
    expect(table.find('user ann left')).toEqual({ count: 3 });
  });
});
