import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import { InvalidInputError } from '../../src/errors.ts';
import { compileFilter } from '../../src/filter/compile.ts';

const { limits } = defaultConfig();
const print = (query: string): string => compileFilter({ query }, limits, ['filter']).condition.print();

function problems(query: string) {
  try {
    compileFilter({ query }, limits, ['filter']);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

describe('a search is read, and printed', () => {
  test.each([
    ['', '*'],
    ['  ', '*'],
    ['*', '*'],
    ['-*', '-*'],
    ['* timeout', 'timeout'],
    // Words and phrases.
    ['timeout', 'timeout'],
    ['connection  refused', 'connection refused'],
    ['"connection refused"', '"connection refused"'],
    ['"a \\"b\\" \\\\ C:\\temp"', '"a \\"b\\" \\\\ C:\\\\temp"'],
    ["'OutOfMemory'", "'OutOfMemory'"],
    ["'it\\'s'", "'it\\'s'"],
    ["don't", '"don\'t"'],
    ['"OR" "NOT" or', '"OR" "NOT" or'],
    ['http://x/y std::vector 10:50:54', '"http://x/y" "std::vector" "10:50:54"'],
    ['a->b x.y', '"a->b" x.y'],
    ['naïve 日本', 'naïve 日本'],
    // Patterns.
    ['/a.*b/', '/a.*b/'],
    ['/a\\/b[/]/i', null],
    ['/a\\/b[\\/]/i', '/a\\/b[\\/]/i'],
    ['/(?i)a/', '/a/i'],
    ['//', '*'],
    // Together, one of, not.
    ['a AND b', 'a b'],
    ['a OR b c', 'a OR b c'],
    ['(a OR b) c', '(a OR b) c'],
    ['((a) OR (b OR c))', 'a OR b OR c'],
    ['(a b) c', 'a b c'],
    ['-a NOT b', '-a -b'],
    ['-(a b) -(a OR b)', '-(a b) -(a OR b)'],
    ['NOT NOT a - - b', 'a b'],
    ['a OR *', '*'],
    ['a OR -*', 'a'],
    // Fields.
    ['path:/api', 'path:/api'],
    ['path:"/a b"', 'path:"/a b"'],
    ['path:"//a" path=//a', 'path:"//a" path="//a"'],
    ['method=GET', 'method=GET'],
    ['status=200 status="200"', 'status=200 status="200"'],
    ['id=007 cached=true word="true"', 'id=007 cached=true word="true"'],
    ['status!=200', '-status=200'],
    ['status>=500 durationMs<1.5e3', 'status>=500 durationMs<1500'],
    ['status=(500, 502 OR 503)', 'status=(500, 502, 503)'],
    ['path:(/a /b)', 'path:/a OR path:/b'],
    ['status=()', '-*'],
    ['status!=()', '*'],
    ['user:* -user:*', 'user:* -user:*'],
    ['user.name:x x-request-id:y "odd name":z @timestamp:1', 'user.name:x x-request-id:y "odd name":z @timestamp:1'],
    ['constructor:x __proto__=y', 'constructor:x __proto__=y'],
    ['x="*" x:"a*"', 'x="*" x:"a*"'],
    // Levels.
    ['level:error', 'level=error'],
    ['level:err level=WARNING', 'level=error level=warn'],
    ['level>=warn', 'level>=warn'],
    ['level>warn', 'level>=error'],
    ['level>=fatal', 'level=fatal'],
    ['level<warn', 'level=(trace, debug, info)'],
    ['level<=debug', 'level=(trace, debug)'],
    ['level>fatal', '-*'],
    ['level:(warn error)', 'level=(warn, error)'],
    ['level!=debug', '-level=debug'],
    ['level=unknown', 'level=unknown'],
    ['level:*', 'level>=trace'],
    // Times.
    ['timestamp>=2026-11-21', 'timestamp>=2026-11-21T00:00:00.000Z'],
    ['timestamp>2026-11-21', 'timestamp>=2026-11-22T00:00:00.000Z'],
    ['timestamp<=2026-11-21T10:50', 'timestamp<2026-11-21T10:51:00.000Z'],
    ['timestamp<2026-11-21T10:50:54+02:00', 'timestamp<2026-11-21T08:50:54.000Z'],
    ['timestamp:"2026-11-21 10:50:54"', 'timestamp>=2026-11-21T10:50:54.000Z timestamp<2026-11-21T10:50:55.000Z'],
    ['after:2026-11-21 before:2026-11-22', 'timestamp>=2026-11-21T00:00:00.000Z timestamp<2026-11-22T00:00:00.000Z'],
    ['timestamp>=2026-11-21 a timestamp>=2026-11-22', 'a timestamp>=2026-11-22T00:00:00.000Z'],
    ['timestamp:2026-11-21 timestamp:2026-11-23', '-*'],
    ['after=x "before":y', '"after"=x "before":y'],
  ])('%s is %s', (query, printed) => {
    if (printed === null) expect(problems(query)).not.toEqual([]);
    else {
      expect(print(query)).toBe(printed);
      expect(print(printed)).toBe(printed);
    }
  });
});

describe('what cannot be read is told with its place, and what was expected', () => {
  test.each([
    ['(a b', 'QUERY_SYNTAX', 0, 1, /Expected a \)/],
    ['a b)', 'QUERY_SYNTAX', 3, 4, /Expected the end/],
    ['a OR', 'QUERY_SYNTAX', 4, 4, /Expected something to search for/],
    ['OR a', 'QUERY_SYNTAX', 0, 1, /before this/],
    ['a -', 'QUERY_SYNTAX', 3, 3, /Expected something to search for/],
    ['()', 'QUERY_SYNTAX', 1, 2, /Expected something to search for/],
    ['a "b c', 'QUERY_SYNTAX', 2, 6, /Expected a "/],
    ["'a", 'QUERY_SYNTAX', 0, 2, /Expected a '/],
    ['/api/users', 'QUERY_SYNTAX', 0, 5, /double quotes/],
    ['/api', 'QUERY_SYNTAX', 0, 4, /double quotes/],
    ['status = 500', 'QUERY_SYNTAX', 7, 8, /Expected a field before/],
    ['status= 500', 'QUERY_SYNTAX', 7, 8, /Expected a value right after/],
    ['ERROR:', 'QUERY_SYNTAX', 6, 6, /Expected a value right after/],
    ['a==b', 'QUERY_SYNTAX', 2, 4, /Expected a value right after/],
    ["a='b'", 'QUERY_SYNTAX', 2, 3, /double quotes/],
    ['a>(1)', 'QUERY_SYNTAX', 2, 3, /one value/],
    ['a=(1', 'QUERY_SYNTAX', 2, 3, /Expected a \)/],
    ['time*', 'QUERY_SYNTAX', 0, 5, /Expected no "\*"/],
    ['status>abc', 'NOT_A_NUMBER', 0, 10, /Expected a number/],
    ['x level:oops', 'NOT_A_LEVEL', 2, 12, /use one of unknown, trace, debug/],
    ['level>unknown', 'UNSUPPORTED', 0, 13, /neither above nor below/],
    ['after:yesterday', 'NOT_A_TIME', 0, 15, /Expected a time such as/],
    ['after:2026-02-30', 'NOT_A_TIME', 0, 16, /Expected a time such as/],
    ['timestamp:*', 'UNSUPPORTED', 0, 11, /ask for a time/],
    ['after:2026-11-22 before:2026-11-21', 'FROM_AFTER_TO', 0, 34, /exchange the two/],
    ['x /a\\/b(?=c)/i', 'PATTERN_UNSUPPORTED', 7, 10, /Look-around/],
    ['x /ab[z-a]/i', 'PATTERN_SYNTAX', 6, 9, /character class range/],
    ['x'.repeat(1001), 'TOO_LONG', 0, 1001, /at most 1000/],
    ['x '.repeat(201), 'TOO_MANY', undefined, undefined, /at most 200 conditions/],
    [`x=(${'1,'.repeat(201)})`, 'TOO_MANY', undefined, undefined, /at most 200 conditions/],
    ['x '.repeat(5001), 'TOO_LONG', undefined, undefined, /at most 10000/],
    [`${'('.repeat(31)}x${')'.repeat(31)}`, 'QUERY_SYNTAX', 30, 31, /at most 30 levels/],
    [`${'-('.repeat(100)}x${')'.repeat(100)}`, 'QUERY_SYNTAX', 61, 62, /at most 30 levels/],
  ])('%.40s: %s from %s to %s', (query, code, start, end, message) => {
    const found = problems(query);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ path: ['filter', 'query'], code, message: expect.stringMatching(message) });
    expect([found[0]?.start, found[0]?.end]).toEqual([start, end]);
  });

  test('everything that can be read is looked through for more problems', () => {
    expect(problems('level:oops status>x /(a/ ok /(b)\\1/').map(({ code, start }) => [code, start])).toEqual([
      ['NOT_A_LEVEL', 0],
      ['NOT_A_NUMBER', 11],
      ['PATTERN_SYNTAX', 21],
      ['PATTERN_UNSUPPORTED', 32],
    ]);
  });
});
