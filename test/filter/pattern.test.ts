import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import type { Subject } from '../../src/filter/condition.ts';
import { outlineOf } from '../../src/filter/expression.ts';
import { type Pattern, patternOf } from '../../src/filter/pattern.ts';
import { kind } from '../../src/filter/program.ts';
import { pattern as patternText, text } from './arbitrary.ts';
import { evilPatterns, hostileLines } from './evil-patterns.ts';
import { automatonOf, worstRecord } from './worst-record.ts';

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

test('an evil pattern takes few steps for a character of its worst record, and remembers few states', () => {
  const accepted = evilPatterns.filter((evil) => patternOf(evil, mostSize).pattern !== null);
  expect(accepted.length).toBeGreaterThanOrEqual(50);
  for (const evil of accepted) {
    const worst = worstRecord(evil);
    expect(worst.length).toBeGreaterThanOrEqual(10_000);
    const { program, automaton } = automatonOf(evil);
    for (const line of [worst, ...hostileLines]) {
      automaton.test(line);
      expect(automaton.size).toBeLessThan(1000);
    }
    expect(program.nowhere().length).toBeLessThanOrEqual(5);
    const kinds = Object.values(kind);
    const jumps = kinds.flatMap((before) => kinds.map((after) => program.moves(before, after).jumps));
    expect(Math.max(...jumps)).toBeLessThanOrEqual(mostSize / 2);
  }
}, 60_000);

test('an evil pattern answers as RE2 does, also when it has more states than are remembered', () => {
  for (const evil of evilPatterns) {
    const { pattern: compiled } = patternOf(evil, mostSize);
    if (compiled === null) continue;
    const reference = RE2JS.compile(evil, RE2JS.MULTILINE);
    const worst = worstRecord(evil);
    expect(compiled.matches(record(worst))).toBe(reference.test(worst));
    const ends = ['', 'a', 'b!', 'x', 'c', '=!', '1.1x'].map((end) => worst.slice(-300) + end);
    for (const raw of [...ends, ...hostileLines.map((line) => line.slice(-300))]) {
      expect([evil, raw, compiled.matches(record(raw))]).toEqual([evil, raw, reference.test(raw)]);
    }
  }
}, 60_000);

test('the worst record of an expression leads to more sets of places than can be remembered', () => {
  const { automaton } = automatonOf('(?:a.{60}|b.{50})[xy]');
  const worst = worstRecord('(?:a.{60}|b.{50})[xy]');
  automaton.test(worst.slice(0, 200));
  expect(automaton.size).toBeGreaterThan(150);
  automaton.test(worst);
  expect(automaton.size).toBeGreaterThan(400);
});

test.each([
  ['\\b(?:\\d{1,3}\\.){3}\\d{1,3}\\b', 'from 203.0.113.7 port 22'],
  ['\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b', 'from 203.0.113.7 port 22'],
  ['[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'id=6f1ed002-ab5a-4f0b-9a3e-0c1a2b3c4d5e'],
  ['(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}', 'id=6F1ED002-AB5A-4F0B-9A3E-0C1A2B3C4D5E'],
  ['user=\\w{1,32} .*failed', 'user=ann login failed'],
  ['^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z (?:ERROR|FATAL) ', '2026-11-26T01:02:03.4Z FATAL x'],
  ['(?i)\\b(?:error|exception|timed? ?out|refused|denied)\\b', 'Connection timed out'],
  ['" (?:4\\d\\d|5\\d\\d) \\d+ ', '"GET / HTTP/1.1" 503 12 "-"'],
  ['(?:GET|POST|PUT|DELETE) /api/v\\d+/[\\w/-]{1,32}\\?', 'POST /api/v2/orders/17/items?x=1'],
  ['[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,24}', 'to=ann.lee@mail.example.org,'],
  ['took (?:[1-9]\\d{3,}|[5-9]\\d\\d) ?ms', 'took 1520 ms'],
  ['\\[pid[ =](\\d{1,7})\\].*(?:killed|terminated|exited with code [1-9]\\d*)', '[pid 412] exited with code 137'],
  ['(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}', 'mac 00:1b:44:11:3a:b7'],
  ['(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4})', 'from 2001:db8:0:1:1:1:1:1'],
  ['\\b[0-9a-f]{40}\\b', 'commit 3a7bd3e2360a3d29eea436fcfb7e44c735d117c4'],
  ['eyJ[\\w-]{10,}\\.[\\w-]{10,}\\.[\\w-]{10,}', 'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk'],
  ['^\\s+at [\\w.$]+\\([\\w.]+(?::\\d+)?\\)$', 'x\n   at org.example.Main.run(Main.java:17)'],
  ['(?s)BEGIN.{0,40}ROLLBACK', 'BEGIN\nUPDATE a\nROLLBACK'],
])('an everyday expression is not refused, and finds what it is for: /%s/', (expression, found) => {
  expect(pattern(expression).matches(record(found))).toBe(true);
  expect(outlineOf(expression).size).toBeLessThan(0.8 * mostSize);
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
