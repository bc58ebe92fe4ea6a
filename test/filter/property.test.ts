import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import type { JsonObject, Parsed } from '../../src/entry.ts';
import { InvalidInputError } from '../../src/errors.ts';
import { compileFilter, type Filter } from '../../src/filter/compile.ts';
import type { Condition, Needle } from '../../src/filter/condition.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import { fold, Substring } from '../../src/filter/substring.ts';
import { filterInput, subject, text } from './arbitrary.ts';

const { limits } = defaultConfig();
const compile = (input: FilterInput): Filter => compileFilter(input, limits, ['filter']);

/** The filter, or null when there is something wrong with it. */
function compiled(input: FilterInput): Filter | null {
  try {
    return compile(input);
  } catch (error) {
    if (error instanceof InvalidInputError) return null;
    throw error;
  }
}

const numRuns = Number(process.env.TAILQL_TEST_RUNS ?? 3000);

test('a filter prints itself as a search that means the same and prints the same', () => {
  fc.assert(
    fc.property(filterInput, fc.array(subject, { maxLength: 5 }), (input, subjects) => {
      const filter = compiled(input);
      fc.pre(filter !== null);
      const printed = filter.condition.print();
      const again = compile({ query: printed });
      expect(again.condition.print()).toBe(printed);
      expect(again.bounds).toEqual(filter.bounds);
      for (const one of subjects) {
        expect(again.condition.matches(one, one.time)).toBe(filter.condition.matches(one, one.time));
      }
    }),
    { numRuns },
  );
});

test('a filter as JSON is a filter that means the same', () => {
  /** As the API maps its LogFilter: times become numbers. */
  const mapped = (json: unknown): FilterInput =>
    JSON.parse(JSON.stringify(json), (name, value) =>
      (name === 'from' || name === 'to') && typeof value === 'string' ? Date.parse(value) : value,
    );
  fc.assert(
    fc.property(filterInput, (input) => {
      const filter = compiled(input);
      fc.pre(filter !== null);
      const again = compile(mapped(filter.condition.toJson()));
      expect(again.condition.print()).toBe(filter.condition.print());
    }),
    { numRuns },
  );
});

/** Whether a needle stands in the bytes, as a scan looks for it. */
function stands({ text: needle, folded }: Needle, raw: string): boolean {
  const lower = (byte: number) => (folded && byte >= 65 && byte <= 90 ? byte + 32 : byte);
  return Buffer.from(Buffer.from(raw).map(lower)).includes(needle);
}

test('whatever matches has one of the needles in its bytes, and each needle stands in one line', () => {
  fc.assert(
    fc.property(filterInput, fc.array(subject, { maxLength: 5 }), (input, subjects) => {
      const filter = compiled(input);
      fc.pre(filter !== null);
      const { needles } = filter.condition;
      fc.pre(needles !== null);
      for (const { text: needle } of needles) expect(needle).toMatch(/^[^\n\r\uFFFD]+$/);
      for (const one of subjects) {
        if (!filter.condition.matches(one, one.time)) continue;
        expect(needles.some((needle) => stands(needle, one.raw))).toBe(true);
      }
    }),
    { numRuns },
  );
});

test('a filter asks only for what it says that it needs', () => {
  const parts = (condition: Condition) => ({ time: condition.needsTime, needs: condition.needs });
  fc.assert(
    fc.property(filterInput, subject, (input, one) => {
      const filter = compiled(input);
      fc.pre(filter !== null);
      const needs = parts(filter.condition);
      const { level, timestamp, fields } = one.parsed;
      const status: JsonObject = Object.hasOwn(fields, 'status') ? { status: fields.status ?? null } : {};
      const answer = filter.condition.matches(one, one.time);
      const unknown = (): never => {
        throw new Error('It asked for more.');
      };
      const known = {
        raw: one.raw,
        get parsed(): Parsed {
          if (needs.needs === 'parsed') return one.parsed;
          if (needs.needs === 'raw') return unknown();
          return { level, timestamp, fields: status, message: '' };
        },
      };
      expect(filter.condition.matches(known, one.time)).toBe(answer);
      if (!needs.time) expect(filter.condition.matches(one, null)).toBe(answer);
    }),
    { numRuns },
  );
});

test('the bounds and the rest of a filter together are the filter', () => {
  fc.assert(
    fc.property(
      filterInput,
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 100 }),
      subject,
      (input, a, b, one) => {
        const filter = compiled({
          ...input,
          and: [{ from: Math.min(a, b) }, { to: Math.max(a, b) }, ...(input.and ?? [])],
        });
        fc.pre(filter !== null);
        const { from, to } = filter.bounds;
        const isWithin =
          (from === null && to === null) || (one.time !== null && one.time >= (from ?? 0) && one.time < (to ?? 100));
        expect(filter.condition.matches(one, one.time)).toBe(isWithin && filter.unbounded.matches(one, one.time));
      },
    ),
    { numRuns },
  );
});

test('any text is a search, or refused with the place where it goes wrong', () => {
  const odd = fc.oneof(text, fc.string({ unit: 'binary' }), fc.string());
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 8 }), (parts) => {
      const query = parts.join('');
      try {
        compile({ query });
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        for (const { path, start, end } of error.problems) {
          expect(path).toEqual(['filter', 'query']);
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start ?? 0);
          expect(end).toBeLessThanOrEqual(query.length);
        }
      }
    }),
    { numRuns },
  );
});

test('case is ignored character by character, and a needle has only characters that no other folds to', () => {
  const sources = new Map<string, string[]>();
  // No letter beyond has two cases.
  for (let code = 0; code <= 0x1_ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const char = String.fromCodePoint(code);
    const folded = fold(char);
    const others = sources.get(folded);
    if (others === undefined) sources.set(folded, [char]);
    else others.push(char);
  }
  const unsound = [...sources].filter(([folded, chars]) => {
    if (/^[\0-\x7f]$/.test(folded)) return chars.some((char) => char > '\x7f' || char.toLowerCase() !== folded);
    const isInNeedles = new Substring(folded, false).needle !== null;
    return fold(folded) !== folded || (isInNeedles && chars.length > 1);
  });
  expect(unsound).toEqual([]);
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(fold(a + b)).toBe(fold(a) + fold(b));
    }),
    { numRuns },
  );
});
