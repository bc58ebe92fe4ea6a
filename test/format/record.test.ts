import { expect, test } from 'vitest';
import type { Format } from '../../src/format/format.ts';
import { recordsOf } from '../../src/format/record.ts';

const single: Format = { name: 'TEXT', parse: () => null };
const several: Format = { ...single, begins: (line) => line.startsWith('+') };
const pairs: Format = { ...single, begins: (_, previous) => previous?.endsWith('.') ?? false };

test.each([
  ['each line is one', single, ['a', '', '+b'], ['a', '', '+b']],
  ['a line that begins none goes on', several, ['+a', 'b', '', '+c', '+d', 'e'], ['+a\nb\n', '+c', '+d\ne']],
  ['what stands before the first beginning is one', several, ['a', 'b', '+c'], ['a\nb', '+c']],
  ['none of none', several, [], []],
  ['the line before may tell', pairs, ['a', 'b.', 'c', 'd.', 'e'], ['a\nb.', 'c\nd.', 'e']],
])('the records that lines make: %s', (_, format, lines, expected) => {
  expect(recordsOf(lines, format)).toEqual(expected);
});
