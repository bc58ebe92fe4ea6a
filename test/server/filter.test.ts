import { beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

interface Check {
  problems: { path: string[]; code: string; message: string; start: number | null; end: number | null }[];
  normalized: string | null;
  asJson: unknown;
}

const document = `query ($filter: LogFilter!) {
  checkLogFilter(filter: $filter) { problems { path code message start end } normalized asJson }
}`;

async function check(filter: object): Promise<Check> {
  const { checkLogFilter } = await server.data<{ checkLogFilter: Check }>(document, { filter });
  return checkLogFilter;
}

describe('checkLogFilter', () => {
  test('gives a filter back as a search, and as its parts', async () => {
    expect(await check({ query: 'timeout status>=500 -level:debug', from: '2026-11-21T12:00:00+02:00' })).toEqual({
      problems: [],
      normalized: 'timeout status>=500 -level=debug timestamp>=2026-11-21T10:00:00.000Z',
      asJson: {
        and: [
          { contains: 'timeout' },
          { fields: [{ path: 'status', gte: 500 }] },
          { not: { levels: ['DEBUG'] } },
          { from: '2026-11-21T10:00:00.000Z' },
        ],
      },
    });
  });

  test('takes its own JSON for a filter', async () => {
    const first = await check({
      contains: 'X',
      caseSensitive: true,
      matches: '(?i)a+',
      minLevel: 'WARN',
      levels: ['ERROR', 'WARN'],
      to: '2026-11-21T10:00:00Z',
      loggers: ['a'],
      actions: ['b', 'c'],
      fields: [{ path: 'x.y', neq: true, in: [1, 'z'], contains: 'd', gt: 1.5, lte: 3, exists: true }],
      or: [{ query: 'q' }, { not: { and: [] } }, { contains: 'r' }],
      not: { contains: 'n' },
    });
    expect(first.problems).toEqual([]);
    expect(await check(Object(first.asJson))).toEqual(first);
  });

  test('tells every problem, as data', async () => {
    expect(await check({ query: 'a (b', or: [{ matches: 'x(' }], fields: [{ path: 'p', eq: null }] })).toMatchObject({
      problems: [
        { path: ['filter', 'query'], code: 'QUERY_SYNTAX', start: 2, end: 3 },
        { path: ['filter', 'or', '0', 'matches'], code: 'PATTERN_SYNTAX', start: 0, end: 2 },
      ],
      normalized: null,
      asJson: null,
    });
  });

  test('is for those who are signed in', async () => {
    const { errors } = await server.query(document, { filter: {} }, { token: null });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test.each([
    [100, 'TOO_DEEP'],
    [5000, 'BAD_USER_INPUT'],
    [100_000, 'BAD_USER_INPUT'],
  ])('refuses %i filters in each other as %s', async (depth, code) => {
    const filter = `${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.token}` },
      body: `{"query":${JSON.stringify(document)},"variables":{"filter":${filter}}}`,
    });
    const answer = await response.text();
    expect(answer).toContain(`"${code}"`);
    expect(await check({ query: 'still here' })).toMatchObject({ normalized: 'still here' });
  });
});
