import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import type { Subject } from '../../src/filter/condition.ts';
import { outlineOf } from '../../src/filter/expression.ts';
import { type Pattern, patternOf } from '../../src/filter/pattern.ts';
import { pattern as patternText, text } from './arbitrary.ts';
import { evilPatterns, hostileLines } from './evil-patterns.ts';

const mostSize = 150;

const record = (raw: string): Subject => ({
  raw,
  parsed: { timestamp: null, level: 'UNKNOWN', message: raw, fields: {} },
});

function pattern(expression: string): Pattern {
  const { pattern: compiled, problems: found } = patternOf(expression, mostSize);
  if (compiled === null) throw new Error(found.map(({ message }) => message).join(' '));
  return compiled;
}

const problems = (expression: string) => patternOf(expression, mostSize).problems;

test('there are at least fifty evil patterns, and each is refused with a reason or answers', () => {
  expect(evilPatterns.length).toBeGreaterThanOrEqual(50);
  for (const evil of evilPatterns) {
    const compiled = patternOf(evil, mostSize);
    if (compiled.pattern === null) {
      expect(compiled.problems).not.toEqual([]);
      for (const { message } of compiled.problems) expect(message).toMatch(/^.{20,400}\.$/s);
    } else {
      const { pattern: evilPattern } = compiled;
      const answers = hostileLines.map((line) => evilPattern.matches(record(line)));
      expect(answers).toHaveLength(hostileLines.length);
    }
  }
}, 60_000);

test('the limit of size is what keeps an evil pattern from taking long, and common ones are far below it', () => {
  const size = (expression: string) => outlineOf(expression).size;
  expect(size('(a{1000}){1000}')).toBeGreaterThan(1_000_000);
  expect(size('(a?){100}a{100}')).toBeGreaterThan(mostSize);
  expect(size('[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}')).toBeLessThan(mostSize / 2);
  expect(size('^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z (?:ERROR|FATAL) ')).toBeLessThan(mostSize / 2);
  expect(size('\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b')).toBeLessThan(mostSize / 2);
});

test('the size is about what the expression compiles to', () => {
  fc.assert(
    fc.property(patternText, (expression) => {
      let compiled: number;
      try {
        compiled = RE2JS.compile(expression).programSize();
      } catch {
        return;
      }
      expect(outlineOf(expression).size * 3 + 5).toBeGreaterThanOrEqual(compiled);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  // The dot, and the ends of lines.
  ['a.b', 'a\nb', false],
  ['(?s)a.b', 'a\nb', true],
  ['^b$', 'a\nb\nc', true],
  ['\\Ab', 'a\nb', false],
  ['a\\z', 'a\nb', false],
  ['c$', 'a\r\nc', true],
  // Case.
  ['error', 'ERROR', false],
  ['(?i)error', 'ERROR', true],
  ['(?i)k', '\u212A', true],
  // Unicode.
  ['^.$', '\u{1F600}', true],
  ['\\d', '٣', false],
  ['\\pN', '٣', true],
  ['\\w', 'ä', false],
  ['\\p{Greek}+', 'λόγος', true],
])('/%s/ on %j: %s', (expression, raw, answer) => {
  expect(pattern(expression).matches(record(raw))).toBe(answer);
});

test.each([
  ['(a)\\1', 'PATTERN_UNSUPPORTED', 3, 5],
  ['x(?=y)', 'PATTERN_UNSUPPORTED', 1, 4],
  ['(?<!x)y', 'PATTERN_UNSUPPORTED', 0, 4],
  ['(?P<n>a)(?P=n)', 'PATTERN_UNSUPPORTED', 8, 13],
  ['\\Qa.b\\E', 'PATTERN_UNSUPPORTED', 0, 2],
  ['a(?s){0,3}', 'PATTERN_UNSUPPORTED', 1, 5],
  ['ab**', 'PATTERN_SYNTAX', 2, 4],
  ['ab[z-a]', 'PATTERN_SYNTAX', 3, 6],
  ['ab(', 'PATTERN_SYNTAX', 0, 3],
  ['a)', 'PATTERN_SYNTAX', 0, 2],
  ['\\', 'PATTERN_SYNTAX', 0, 1],
  ['a{200}', 'PATTERN_TOO_LARGE', 0, 6],
  ['x'.repeat(10_240), 'TOO_LONG', 0, 10_240],
])('/%.20s/ is refused as %s, from %i to %i', (expression, code, start, end) => {
  expect(problems(expression)).toMatchObject([{ code, start, end }]);
});

test.each([
  ['timeout after \\d+ ms', ['timeout after ']],
  ['(?i)Connection refused', ['connection refu']],
  ['refused|reset by peer', ['refused', 'reset by peer']],
  ['(?:GET|POST) /api/', [' /api/']],
  ['(?:GET|POST)', ['GET', 'POST']],
  ['ab+c', ['ab']],
  ['x?yz*', ['y']],
  ['a\\.b\\d', ['a.b']],
  ['first\\nsecond line', ['second line']],
  ['first\nsecond line', ['second line']],
  ['(?:long literal)?ab', ['ab']],
  ['(?:lit){2,}', ['lit']],
  ['[[:alpha:]\\]x]+abc', ['abc']],
  ['\\x{61}\\141\\pLz', ['z']],
  ['\\d+', null],
  ['a|\\d', null],
  ['(?:)', null],
  ['', null],
])('the needles of /%s/ are %j', (expression, needles) => {
  expect(outlineOf(expression).needles?.map(({ text: needle }) => needle) ?? null).toEqual(needles);
});

test('an expression answers as RE2 does, and whatever it finds has one of its needles in it', () => {
  fc.assert(
    fc.property(patternText, fc.array(text, { maxLength: 4 }), (expression, parts) => {
      const { pattern: compiled } = patternOf(expression, mostSize);
      fc.pre(compiled !== null);
      const raw = parts.join('');
      const answer = compiled.matches(record(raw));
      expect(answer).toBe(RE2JS.compile(expression, RE2JS.MULTILINE).matcher(raw).find());
      const { needles } = compiled;
      if (!answer || needles === null) return;
      const isThere = needles.some(({ text: needle, folded }) =>
        folded ? new RegExp(RE2JS.quote(needle), 'i').test(raw) : raw.includes(needle),
      );
      expect(isThere).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
