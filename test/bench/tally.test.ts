import { expect, test } from 'vitest';
import { linesIn } from '../../bench/follow/inbox.ts';
import { roundOf } from '../../bench/follow/line.ts';
import { type Item, tally } from '../../bench/follow/tally.ts';
import { stampedLine } from '../../bench/latency/stamp.ts';

const line = (number: number, file = 'a', stretch = 'measured'): Item => ({
  kind: 'line',
  at: process.hrtime.bigint(),
  text: stampedLine(roundOf(file, stretch), number).trimEnd(),
});
const loss: Item = { kind: 'loss', file: 'a' };
const good = { missing: 0, repeated: 0, outOfOrder: 0, garbled: 0, announced: 0, falseAlarms: 0 };
const of = (items: Item[], files = ['a'], count = 4) => tally(items, 'measured', files, count);

test('A reader that gives every line once and in order has nothing to answer for.', () => {
  const items = [line(9, 'a', 'warm'), line(0), line(0, 'b'), line(1), line(1, 'b'), line(2), line(2, 'b')];
  expect(of(items, ['a', 'b'], 3)).toMatchObject({ ...good, received: 6 });
});

test.each<[string, Item[], object]>([
  ['A line that never comes is missing.', [line(0), line(1), line(3)], { missing: 1 }],
  ['The last lines are missing, too.', [line(0), line(1)], { missing: 2 }],
  ['A reader that gives nothing misses everything.', [], { missing: 4 }],
  ['A line that comes twice is repeated.', [line(0), line(1), line(1), line(2), line(3)], { repeated: 1 }],
  ['A line that comes late is out of order, not missing.', [line(0), line(2), line(1), line(3)], { outOfOrder: 1 }],
  [
    'Missing lines that are announced at their place count as such.',
    [line(0), loss, line(3)],
    { missing: 2, announced: 2 },
  ],
  ['An announcement after the last line covers what follows.', [line(0), line(1), loss], { missing: 2, announced: 2 }],
  [
    'An announcement at another place covers nothing.',
    [line(0), loss, line(1), line(3)],
    { missing: 1, falseAlarms: 1 },
  ],
  ['What is said before the stretch is not of it.', [loss, line(7, 'a', 'warm'), line(2), line(3)], { missing: 2 }],
  [
    'Half a line is not a line.',
    [line(0), line(1), { kind: 'line', at: 0n, text: 'after 3 checks"}' }, line(3)],
    { missing: 1, garbled: 1 },
  ],
])('%s', (_title, items, expected) => {
  expect(of(items)).toMatchObject({ ...good, ...expected });
});

test('Lines that come in pieces are put together, and came when their end did.', () => {
  const pieces = [
    { at: 1n, text: 'on' },
    { at: 2n, text: 'e\ntwo\nthr' },
    { at: 3n, text: 'ee\nha' },
  ];
  expect([...linesIn(pieces)]).toEqual([
    { kind: 'line', at: 2n, text: 'one' },
    { kind: 'line', at: 2n, text: 'two' },
    { kind: 'line', at: 3n, text: 'three' },
  ]);
});
