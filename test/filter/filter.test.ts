import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import type { Parsed } from '../../src/entry.ts';
import { InvalidInputError } from '../../src/errors.ts';
import { compileFilter } from '../../src/filter/compile.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import { formatOf } from '../../src/format/registry.ts';

const { limits } = defaultConfig();
const compile = (input: FilterInput | null) => compileFilter(input, limits, ['filter']);

const parse = (format: 'NGINX_ACCESS' | 'SYSTEM_LOG' | 'AUDIT_LOG' | 'TEXT', raw: string): Parsed => {
  const parsed = formatOf(format).parse(raw, { timezone: 'UTC', writtenBefore: Date.parse('2026-12-01T00:00:00Z') });
  if (parsed === null) throw new Error(`not of ${format}: ${raw}`);
  return parsed;
};

const lines = {
  request: [
    'NGINX_ACCESS',
    '192.0.2.7 - ada [21/Nov/2026:10:50:54 +0000] "GET /api/orders?page=2 HTTP/1.1" 500 1234 "-" "curl/8.5.0" 0.120',
  ],
  application: [
    'SYSTEM_LOG',
    '{"timestamp":"2026-11-21T10:50:54.123Z","level":"WARNING","logger":"shop.payments","message":"Zahlung für Örtliche Kasse","line":42,"attempt":"3","retry":true,"user":{"name":"Ada","id":null},"tags":["slow",7],"trace":"0042"}',
  ],
  audit: [
    'AUDIT_LOG',
    '{"timestamp":"2026-11-21T10:50:54Z","level":"INFO","message":"User signed in","action":"user_login","metadata":{"ip":"192.0.2.7"}}',
  ],
  text: ['TEXT', 'something without a time or level\n\tat Shop.main(Shop.java:3)'],
} as const;

function matches(input: FilterInput | null, line: keyof typeof lines, time?: number | null): boolean {
  const [format, raw] = lines[line];
  const parsed = parse(format, raw);
  return compile(input).condition.matches({ raw, parsed }, time === undefined ? parsed.timestamp : time);
}

describe('what is given has to hold', () => {
  const at = Date.parse('2026-11-21T10:50:54Z');
  test.each<[FilterInput | null, keyof typeof lines, boolean]>([
    [null, 'text', true],
    [{}, 'text', true],
    [{ query: '', contains: '', matches: '', not: null, levels: null }, 'text', true],
    // The record as written.
    [{ contains: 'GET /API' }, 'request', true],
    [{ contains: 'GET /API', caseSensitive: true }, 'request', false],
    [{ contains: 'GET /api', caseSensitive: true }, 'request', true],
    [{ contains: 'öRTLICHE kasse' }, 'application', true],
    [{ contains: 'level\n\tat shop' }, 'text', true],
    [{ matches: '" 5\\d\\d ' }, 'request', true],
    [{ matches: 'get' }, 'request', false],
    [{ matches: '(?i)get' }, 'request', true],
    [{ matches: '^\\s+at Shop' }, 'text', true],
    // Levels.
    [{ minLevel: 'WARN' }, 'request', true],
    [{ minLevel: 'WARN' }, 'application', true],
    [{ minLevel: 'WARN' }, 'audit', false],
    [{ minLevel: 'TRACE' }, 'text', false],
    [{ levels: ['UNKNOWN'] }, 'text', true],
    [{ levels: ['INFO', 'ERROR'] }, 'request', true],
    [{ levels: [] }, 'request', false],
    // Times: from is inclusive, to exclusive.
    [{ from: at }, 'request', true],
    [{ from: at + 1 }, 'request', false],
    [{ to: at }, 'request', false],
    [{ to: at + 1 }, 'request', true],
    [{ from: at, to: at }, 'request', false],
    [{ from: at }, 'text', false],
    [{ not: { from: at } }, 'text', true],
    // Names.
    [{ loggers: ['shop.payments'] }, 'application', true],
    [{ loggers: ['payments'] }, 'application', false],
    [{ loggers: [] }, 'application', false],
    [{ actions: ['x', 'user_login'] }, 'audit', true],
    [{ actions: ['user_login'] }, 'application', false],
    // Together.
    [{ contains: 'GET', minLevel: 'FATAL' }, 'request', false],
    [{ and: [] }, 'request', false],
    [{ or: [] }, 'request', false],
    [{ fields: [] }, 'request', false],
    [{ and: [{ contains: 'GET' }, {}] }, 'request', true],
    [{ or: [{ contains: 'POST' }, { levels: ['ERROR'] }] }, 'request', true],
    [{ not: { contains: 'GET' } }, 'request', false],
    [{ not: {} }, 'request', false],
  ])('%j on %s: %s', (input, line, answer) => {
    expect(matches(input, line)).toBe(answer);
  });

  test('an entry without a time has the one that is given for it', () => {
    expect(matches({ from: at, to: at + 1 }, 'text', at)).toBe(true);
    expect(matches({ from: at, to: at + 1 }, 'text', null)).toBe(false);
  });
});

describe('fields, in a search', () => {
  test.each<[string, keyof typeof lines, boolean]>([
    ['status>=500', 'request', true],
    ['status:500 status=500 status="500"', 'request', true],
    ['status:50', 'request', false],
    ['path:/api', 'request', true],
    ['path:/API', 'request', true],
    ['path=/api', 'request', false],
    ['path="/api/orders?page=2"', 'request', true],
    ['durationMs>100 durationMs<=120', 'request', true],
    ['user:* -referer:*', 'request', true],
    ['method=(GET, HEAD) method!=POST', 'request', true],
    ['method=get', 'request', false],
    ['logger:payments', 'application', true],
    ['logger=payments', 'application', false],
    ['message:KASSE', 'application', true],
    ['message:logger', 'application', false],
    ['level:warn', 'application', true],
    ['level>=warn', 'application', true],
    ['level=error', 'application', false],
    ['user.name=Ada', 'application', true],
    ['user.name:ada', 'application', true],
    ['user:*', 'application', true],
    ['user:ada', 'application', false],
    ['user.id:*', 'application', false],
    // A number as text, and the other way round.
    ['attempt=3 attempt>2', 'application', true],
    ['trace=42 trace>41', 'application', true],
    ['trace="42"', 'application', false],
    ['trace="0042"', 'application', true],
    ['line="42.0" line=42', 'application', true],
    ['logger>0', 'application', false],
    ['retry=true retry="true" retry:true', 'application', true],
    ['retry>0', 'application', false],
    // Lists.
    ['tags=slow tags:SLO tags=7 tags>6', 'application', true],
    ['tags=(fast, 8)', 'application', false],
    ['tags!=slow', 'application', false],
    // What is not there.
    ['status!=500', 'application', true],
    ['-status=500', 'application', true],
    ['status<500', 'application', false],
    ['action:login metadata.ip=192.0.2.7', 'audit', true],
    ['timestamp>=2026-11-21 before:2026-11-22', 'audit', true],
  ])('%s on %s: %s', (query, line, answer) => {
    expect(matches({ query }, line)).toBe(answer);
  });
});

describe('a wrong filter is refused', () => {
  const problems = (input: FilterInput) => {
    try {
      compile(input);
      return [];
    } catch (error) {
      if (error instanceof InvalidInputError) return error.problems;
      throw error;
    }
  };

  test('with everything that is wrong with it, at any depth', () => {
    const found = problems({
      query: 'a OR',
      matches: 'a(b',
      from: 2,
      to: 1,
      loggers: ['ok', '\uD800'],
      fields: [
        { path: '', eq: 1 },
        { path: 'a', gt: Number.NaN, eq: { b: 1 } },
        { path: 'level', eq: 'loud', gte: 3 },
        { path: 'timestamp', exists: true, lt: 5 },
        { path: 'b', in: ['x', null] },
      ],
      and: [{}, { or: [{ not: { matches: '(?=x)' } }] }],
      not: { from: Number.POSITIVE_INFINITY },
    });
    expect(found.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['filter.query', 'QUERY_SYNTAX'],
      ['filter.matches', 'PATTERN_SYNTAX'],
      ['filter.from', 'FROM_AFTER_TO'],
      ['filter.loggers.1', 'NOT_UNICODE'],
      ['filter.fields.0.path', 'EMPTY'],
      ['filter.fields.1.eq', 'UNSUPPORTED'],
      ['filter.fields.1.gt', 'NOT_A_NUMBER'],
      ['filter.fields.2.eq', 'NOT_A_LEVEL'],
      ['filter.fields.2.gte', 'NOT_A_LEVEL'],
      ['filter.fields.3.lt', 'NOT_A_TIME'],
      ['filter.fields.3.exists', 'UNSUPPORTED'],
      ['filter.fields.4.in', 'UNSUPPORTED'],
      ['filter.and.1.or.0.not.matches', 'PATTERN_UNSUPPORTED'],
      ['filter.not.from', 'NOT_A_TIME'],
    ]);
    for (const { message } of found) expect(message).toMatch(/^[A-Z"].*\.$/s);
  });

  test.each<[string, FilterInput, string]>([
    ['100 nested nots', Array.from({ length: 100 }).reduce<FilterInput>((inner) => ({ not: inner }), {}), 'TOO_DEEP'],
    ['a pattern of 10 kB', { matches: 'x'.repeat(10_240) }, 'TOO_LONG'],
    ['a text of 10 kB', { contains: 'x'.repeat(10_240) }, 'TOO_LONG'],
    ['a search of 11 kB', { query: 'x '.repeat(5500) }, 'TOO_LONG'],
    ['201 names', { loggers: Array.from({ length: 201 }, (_, index) => `${index}`) }, 'TOO_MANY'],
    ['201 filters', { or: Array.from({ length: 201 }, (_, index) => ({ contains: `${index}` })) }, 'TOO_MANY'],
    ['many long texts', { or: Array.from({ length: 20 }, () => ({ contains: 'x'.repeat(900) })) }, 'TOO_LONG'],
    [
      'patterns too large together',
      { and: Array.from({ length: 9 }, () => ({ matches: '[ab]{20}' })) },
      'PATTERN_TOO_LARGE',
    ],
    [
      'searches too long together',
      { or: Array.from({ length: 11 }, () => ({ query: `"${'x'.repeat(990)}"` })) },
      'TOO_LONG',
    ],
    ['half a character', { contains: '\uDC00' }, 'NOT_UNICODE'],
    ['half a character in a pattern', { matches: 'a\uDC00' }, 'NOT_UNICODE'],
    ['a time that no log has', { to: 1e20 }, 'NOT_A_TIME'],
  ])('%s', (_what, input, code) => {
    const found = problems(input);
    expect(found.map((problem) => problem.code)).toContain(code);
  });

  test('with the first hundred of its problems, when a request has thousands', () => {
    const many = (input: FilterInput) => problems({ or: Array.from({ length: 20_000 }, () => input) });
    expect(many({ from: 2, to: 1 })).toHaveLength(100);
    expect(many({ matches: '(?i)[B-\u{1E000}](' }).length).toBeLessThanOrEqual(100);
    expect(many({ query: 'x '.repeat(300) }).map(({ code }) => code)).toContain('TOO_MANY');
  });

  test('but a filter that is as deep, or has as many conditions, as is allowed is not', () => {
    const deep = Array.from({ length: 30 }).reduce<FilterInput>((or) => ({ or: [{ contains: 'x' }, { not: or }] }), {});
    expect(problems(deep)[0]?.code).toBe('TOO_DEEP');
    const flat = { or: Array.from({ length: 200 }, (_, index) => ({ contains: `${index}` })) };
    expect(problems(flat)).toEqual([]);
    const nested = Array.from({ length: 15 }).reduce<FilterInput>((or) => ({ or: [{ contains: 'x' }, { not: or }] }), {
      contains: 'y',
    });
    expect(compile({ query: compile(nested).condition.print() }).condition.print()).toBe(
      compile(nested).condition.print(),
    );
  });
});

describe('time that holds in any case is told apart', () => {
  test.each<[FilterInput, string, number | null, number | null]>([
    [{ from: 5, to: 9, contains: 'x' }, 'x', 5, 9],
    [{ from: 5, and: [{ from: 7 }, { to: 9 }, { to: 12 }] }, '*', 7, 9],
    [{ query: 'x timestamp<1970-01-02 OR y' }, 'x timestamp<1970-01-02T00:00:00.000Z OR y', null, null],
    [{ not: { from: 5 } }, '-timestamp>=1970-01-01T00:00:00.005Z', null, null],
    [{ from: 9, and: [{ to: 5 }] }, '-*', null, null],
  ])('%j: %s, from %s to %s', (input, unbounded, from, to) => {
    const filter = compile(input);
    expect(filter.unbounded.print()).toBe(unbounded);
    expect(filter.bounds).toEqual({ from, to });
  });
});
