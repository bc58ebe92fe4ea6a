import { beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../support/entries.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const request = (path: string, status: number) =>
  `192.0.2.1 - - [21/Nov/2026:10:50:10 +0000] "GET ${path} HTTP/1.1" ${status} 5 "-" "curl/8.5"`;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    files: {
      'access.log': textOf([
        request('/a', 200),
        request('/b', 200),
        request('/a', 200),
        request('/a', 404),
        request('/c', 500),
        request('/b', 404),
      ]),
      'app.jsonl': textOf([
        '{"timestamp":"2026-11-21T10:50:10Z","level":"info","message":"m","order":{"id":7},"ok":true,"tags":["x","y"]}',
        '{"timestamp":"2026-11-21T10:50:10Z","level":"info","message":"m","order":{"id":7},"ok":true,"tags":["x","y"]}',
        '{"timestamp":"2026-11-21T10:50:10Z","level":"warn","message":"n","order":{"id":"7"},"ok":false}',
        '{"timestamp":"2026-11-21T10:50:10Z","level":"warn","message":"n","order":null}',
      ]),
      'php.log.1': '[21-Nov-2026 10:50:18 UTC] PHP Fatal error:  no\nStack trace:\n',
      'php.log': '#0 {main}\n[21-Nov-2026 10:50:30 UTC] PHP Notice:  two\n[21-Nov-2026 10:50:30 UTC] PHP Notice:  x\n',
      'empty.log': '',
    },
  });
});

const document = `query ($name: String!, $path: String!, $filter: LogFilter, $first: Int! = 20) {
  source(by: { name: $name }) { valueCounts(path: $path, filter: $filter, first: $first) { complete values { value count } } }
}`;

interface Data {
  source: { valueCounts: { complete: boolean; values: { value: unknown; count: string }[] } };
}

async function values(name: string, path: string, variables: object = {}): Promise<[unknown, number][]> {
  const { source } = await server.data<Data>(document, { name, path, ...variables });
  expect(source.valueCounts.complete).toBe(true);
  return source.valueCounts.values.map(({ value, count }) => [value, Number(count)]);
}

describe('the commonest values of a field', () => {
  test.each<[string, string, [unknown, number][]]>([
    [
      'access.log',
      'path',
      [
        ['/a', 3],
        ['/b', 2],
        ['/c', 1],
      ],
    ],
    [
      'access.log',
      'status',
      [
        [200, 3],
        [404, 2],
        [500, 1],
      ],
    ],
    [
      'access.log',
      'level',
      [
        ['INFO', 3],
        ['WARN', 2],
        ['ERROR', 1],
      ],
    ],
    ['access.log', 'nothing.of.it', []],
    // Numbers and texts are told apart.
    [
      'app.jsonl',
      'order.id',
      [
        [7, 2],
        ['7', 1],
      ],
    ],
    [
      'app.jsonl',
      'ok',
      [
        [true, 2],
        [false, 1],
      ],
    ],
    ['app.jsonl', 'tags', [[['x', 'y'], 2]]],
    [
      'app.jsonl',
      'message',
      [
        ['m', 2],
        ['n', 2],
      ],
    ],
    // One of them began in one file and ended in another.
    [
      'php.log',
      'level',
      [
        ['INFO', 2],
        ['FATAL', 1],
      ],
    ],
    ['empty.log', 'level', []],
  ])('of %s, %s', async (name, path, expected) => {
    const found = await values(name, path);
    expect(found).toHaveLength(expected.length);
    expect(found).toEqual(expect.arrayContaining(expected));
    expect(found.map(([, count]) => count)).toEqual(expected.map(([, count]) => count));
  });

  test('of entries that fulfil a filter, and so many', async () => {
    expect(await values('access.log', 'path', { filter: { query: 'status>=400' } })).toEqual(
      expect.arrayContaining([
        ['/a', 1],
        ['/b', 1],
        ['/c', 1],
      ]),
    );
    expect(await values('access.log', 'path', { first: 1 })).toEqual([['/a', 3]]);
  });

  test.each([
    ['too few', { first: 0 }, ['first']],
    ['too many', { first: 1001 }, ['first']],
    ['a wrong filter', { filter: { matches: '(' } }, ['filter', 'matches']],
  ])('are refused: %s', async (_name, variables, path) => {
    const { data, errors } = await server.query(document, { name: 'access.log', path: 'path', ...variables });
    expect(data).toEqual({ source: { valueCounts: null } });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT', problems: [{ path }] } }]);
  });

  test('are not complete where there are too many to tell apart', async () => {
    const lines = Array.from(
      { length: 12_000 },
      (_, id) => `{"timestamp":"2026-11-21T10:50:10Z","level":"info","message":"m","id":${id}}`,
    );
    const ours = await startTestServer({ files: { 'ids.jsonl': textOf(lines) } });
    const { source } = await ours.data<Data>(document, { name: 'ids.jsonl', path: 'id', first: 1 });
    expect(source.valueCounts.complete).toBe(false);
  });
});
