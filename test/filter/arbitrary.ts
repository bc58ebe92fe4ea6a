import fc from 'fast-check';
import { type JsonObject, type JsonValue, type Level, levels } from '../../src/entry.ts';
import type { Subject } from '../../src/filter/condition.ts';
import type { FieldInput, FilterInput } from '../../src/filter/input.ts';

/** Few and awkward, so that filters and records often meet: keywords, quotes, stars, numbers, letters with odd cases. */
const pieces = [
  ...[
    'a',
    'B',
    'k',
    'K',
    's',
    'é',
    'É',
    'ς',
    'Σ',
    'İ',
    'ı',
    '\u212A',
    'ſ',
    'ß',
    '日',
    '\u{1F600}',
    '\u{10400}',
    '\uFFFD',
  ],
  ...[
    'OR',
    'AND',
    'NOT',
    'true',
    '200',
    '5.0',
    '007',
    ' ',
    '-',
    '"',
    "'",
    '\\',
    '/',
    '(',
    ')',
    ',',
    ':',
    '=',
    '*',
    '.',
  ],
  ...['\n', '\r', '\0', 'timeout', 'level', '>=5', 'http://', '::'],
];

export const text = fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => parts.join(''));

const someText = text.filter((value) => value !== '');
const paths = ['status', 'user.name', 'message', 'after', 'odd name', 'x"y', 'tags', 'ok', 'é', '-', 'NOT'];
const path = fc.constantFrom(...paths);
const number = fc.oneof(
  fc.constantFrom(0, -0, 5, 200, 1e21, 1e-7, -3.5),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const scalar = fc.oneof(text, number, fc.boolean());

/** Regular expressions that compile, most of them. */
const pattern = fc
  .array(
    fc.constantFrom(
      ...['a', 'B', 'k', 's', 'é', '日', '/', '\\/', '\\\\', '.', '\\.', '[ab]', '[^/"]', '(a|b)', '(?:k|é)+', 'a?'],
      ...['\\d{2,3}', 'a*', 'B+', '^', '$', '\\b', '|', '(?i:s)', '\\x61', '\\n', '(timeout)?', 'x{2}', '{', '\\pL'],
    ),
    { minLength: 1, maxLength: 5 },
  )
  .chain((parts) => fc.constantFrom(parts.join(''), `(?i)${parts.join('')}`));

export { pattern };

const level = fc.constantFrom<Level>(...levels);
const time = fc.integer({ min: 0, max: 100 });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });

const field: fc.Arbitrary<FieldInput> = fc.record(
  {
    path,
    eq: scalar,
    neq: scalar,
    in: fc.array(scalar, { maxLength: 3 }),
    contains: text,
    gt: number,
    gte: number,
    lt: number,
    lte: number,
    exists: fc.boolean(),
  },
  { requiredKeys: ['path'] },
);

const someField = fc
  .tuple(field, fc.constantFrom<keyof FieldInput>('eq', 'neq', 'in', 'contains', 'gt', 'gte', 'lt', 'lte', 'exists'))
  .map(([all, name]): FieldInput => ({ path: all.path, [name]: all[name] }));

/** Filters of all kinds, nested; now and then one that cannot be compiled. */
export const filterInput: fc.Arbitrary<FilterInput> = fc.letrec<{ filter: FilterInput }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ contains: someText, caseSensitive: maybe(fc.boolean()) }),
    fc.record({ matches: pattern }),
    fc.record({ minLevel: level }),
    fc.record({ levels: fc.array(level, { maxLength: 3 }) }),
    fc.record({ from: maybe(time), to: maybe(time) }).filter(({ from, to }) => (from ?? 0) <= (to ?? 100)),
    fc.record({ loggers: fc.array(text, { maxLength: 2 }) }),
    fc.record({ actions: fc.array(text, { maxLength: 2 }) }),
    fc.record({ fields: fc.array(someField, { maxLength: 2 }) }),
    fc.record({
      query: fc.constantFrom('', 'a OR -b k', 'status>=5 level>=warn', '/a+/i "x y"', 'timestamp<1970-01-01'),
    }),
    fc.record({ and: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
    fc.record({ contains: maybe(text), or: fc.array(tie('filter'), { maxLength: 2 }), not: maybe(tie('filter')) }),
  ),
})).filter;

const value: fc.Arbitrary<JsonValue> = fc.oneof(scalar, fc.constant(null), fc.array(scalar, { maxLength: 3 }));

const fields: fc.Arbitrary<JsonObject> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...paths, 'logger', 'action', 'user'), value), { selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries));

/** An entry, with the time that counts for it. */
export const subject: fc.Arbitrary<Subject & { time: number | null }> = fc.record({
  raw: fc.array(text, { maxLength: 4 }).map((parts) => parts.join('')),
  parsed: fc.record({ timestamp: fc.option(time), level, message: text, fields }),
  time: fc.option(time),
});
