import { utimesSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { askEntries, rawOf, readEntries, readPages, textOf } from '../support/entries.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const request = (second: number, status: number, path: string) =>
  `192.0.2.1 - - [21/Nov/2026:10:50:${String(second).padStart(2, '0')} +0000] "GET ${path} HTTP/1.1" ${status} 5 "-" "curl/8.5"`;
const access = [request(10, 200, '/'), request(20, 404, '/cart'), request(30, 503, '/cart'), request(40, 200, '/pay')];

const json = [
  '{"timestamp":"2026-11-21T10:50:10Z","level":"info","message":"paid","order":{"id":7,"items":["tea","cup"]}}',
  '{"timestamp":"2026-11-21T10:50:20Z","level":"warn","message":"slow","order":{"id":"7"},"ms":120.5}',
  '{"timestamp":"2026-11-21T10:50:30Z","level":"error","message":"no stock","order":null}',
];

const untimed = [
  '{"timestamp":"2026-11-21T10:50:10Z","level":"info","message":"one"}',
  '{"level":"info","message":"untimed"}',
  '{"timestamp":"2026-11-21T10:50:20Z","level":"info","message":"two"}',
];

const trace = [
  '[21-Nov-2026 10:50:54 UTC] PHP Fatal error:  no',
  'Stack trace:',
  '#0 /srv/a.php(3): call()',
  '  thrown',
];
const php = [
  '[21-Nov-2026 10:50:50 UTC] PHP Notice:  one',
  trace.join('\n'),
  '[21-Nov-2026 10:50:59 UTC] PHP Notice:  two',
];

const slow = (second: number, ms: number, sql: string) =>
  `# Time: 2026-11-21T10:50:${second}.000000Z\n# User@Host: app[app] @ web-1 [192.0.2.1]  Id:    12\n` +
  `# Query_time: ${ms / 1000}  Lock_time: 0.000100 Rows_sent: 1  Rows_examined: 40000\n${sql}`;
const queries = [
  slow(10, 2500, 'SELECT a\nFROM b;'),
  slow(20, 100, 'SELECT c\nFROM d;'),
  slow(30, 3000, 'DELETE\nFROM b;'),
];

const words = ['Ärger mit Kaffee', 'no trouble', 'ärger 😀'];
const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    files: {
      'access.log': textOf(access),
      'app.jsonl': textOf(json),
      'php.log': textOf(php),
      'slow.log.1': `${queries[0]}\n${queries[1]?.split('\nFROM')[0]}\n`,
      'slow.log': `FROM d;\n${queries[2]}\n`,
      'windows.log': utf16(words.map((word) => `${word}\r\n`).join('')),
      'big.log': utf16(words.map((word) => `${word}\n`).join('')).swap16(),
      'untimed.jsonl': textOf(untimed),
    },
  });
  for (const name of ['php.log', 'slow.log']) utimesSync(server.path(name), new Date(0), new Date(0));
});

const find = async (name: string, filter: object) => rawOf(await readEntries(server, name, { first: 100, filter }));

describe('the entries of a source that fulfil a filter', () => {
  test.each([
    ['access.log', { fields: [{ path: 'status', gte: 500 }] }, [access[2]]],
    ['access.log', { query: 'status>=400 -path:/nothing' }, [access[1], access[2]]],
    ['access.log', { minLevel: 'WARN' }, [access[1], access[2]]],
    ['access.log', { levels: [] }, []],
    ['access.log', {}, access],
    ['access.log', { from: '2026-11-21T11:50:20+01:00', to: '2026-11-21T10:50:40Z' }, [access[1], access[2]]],
    ['access.log', { not: { contains: 'CART' } }, [access[0], access[3]]],
    ['access.log', { contains: 'CART', caseSensitive: true }, []],
    ['access.log', { or: [{ matches: ' 503 ' }, { query: 'path=/pay' }] }, [access[2], access[3]]],
    ['app.jsonl', { fields: [{ path: 'order.id', eq: 7 }] }, [json[0], json[1]]],
    ['app.jsonl', { fields: [{ path: 'order.items', eq: 'tea' }] }, [json[0]]],
    ['app.jsonl', { fields: [{ path: 'order', exists: false }] }, [json[2]]],
    ['app.jsonl', { fields: [{ path: 'ms', gt: 120, lt: 121 }] }, [json[1]]],
    ['php.log', { contains: '/srv/a.php' }, [php[1]]],
    ['php.log', { matches: '^  thrown$', levels: ['FATAL', 'ERROR'] }, [php[1]]],
    ['php.log', { not: { contains: 'thrown' } }, [php[0], php[2]]],
    ['slow.log', { fields: [{ path: 'queryTimeMs', gte: 1000 }] }, [queries[0], queries[2]]],
    ['slow.log', { contains: 'from d' }, [queries[1]]],
    ['windows.log', { contains: 'ÄRGER' }, [words[0], words[2]]],
    ['windows.log', { contains: '😀' }, [words[2]]],
    ['big.log', { contains: 'ÄRGER' }, [words[0], words[2]]],
    ['big.log', { matches: 'e$' }, [words[0], words[1]]],
    ['untimed.jsonl', { to: '2026-11-21T10:50:20Z' }, untimed.slice(0, 2)],
    ['untimed.jsonl', { contains: 'untimed', from: '2026-11-21T10:50:10Z', to: '2026-11-21T10:50:11Z' }, [untimed[1]]],
    ['untimed.jsonl', { contains: 'untimed', from: '2026-11-21T10:50:11Z' }, []],
  ])('of %s by %j', async (name, filter, expected) => {
    expect(await find(name, filter)).toEqual(expected);
    for (const from of ['beginning', 'end'] as const) {
      const pages = await readPages((page) => readEntries(server, name, { ...page, filter }), 1, from);
      expect(pages.flatMap(rawOf)).toEqual(expected);
    }
  });

  test('lead on with the cursors of their edges, in both directions', async () => {
    const filter = { contains: 'cart' };
    const { edges } = await readEntries(server, 'access.log', { first: 10, filter });
    const [one, two] = edges.map(({ cursor }) => cursor);
    const read = async (page: object) => rawOf(await readEntries(server, 'access.log', { ...page, filter }));
    expect(await read({ first: 10, after: one })).toEqual([access[2]]);
    expect(await read({ last: 10, before: two })).toEqual([access[1]]);
    expect(await read({ first: 10, after: one, before: two })).toEqual([]);
    // A cursor is a place, whatever was looked for.
    expect(rawOf(await readEntries(server, 'access.log', { first: 10, after: two }))).toEqual([access[3]]);
  });

  test('come with how far the page had to look', async () => {
    const { scan, pageInfo } = await readEntries(server, 'access.log', { first: 1, filter: { contains: 'cart' } });
    expect(scan).toEqual({ complete: true, scannedBytes: expect.any(String), reachedTime: '2026-11-21T10:50:20.000Z' });
    expect(pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const nothing = await readEntries(server, 'access.log', { last: 1, filter: { contains: 'nowhere' } });
    expect(nothing.scan).toEqual({ complete: true, scannedBytes: String(textOf(access).length), reachedTime: null });
    expect(nothing.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  });

  test.each(['first', 'last'])(
    'that is not there yet is found later from the end of an empty page (%s)',
    async (side) => {
      const file = `growing ${side}.log`;
      const ours = await startTestServer({ files: { [file]: 'a\nb\n' } });
      const filter = { contains: 'c' };
      const empty = await readEntries(ours, file, { [side]: 10, filter });
      expect(rawOf(empty)).toEqual([]);
      await ours.append(file, 'c\nd\n');
      const after = empty.pageInfo.endCursor;
      expect(rawOf(await readEntries(ours, file, { first: 10, after, filter }))).toEqual(['c']);
      // What was looked through is not looked through again.
      expect(rawOf(await readEntries(ours, file, { first: 10, after }))).toEqual(['c', 'd']);
    },
  );
});

describe('a wrong filter', () => {
  test('is refused with all its problems, and the fields beside it are answered', async () => {
    const { data, errors } = await server.query(
      `query ($filter: LogFilter) {
        good: source(by: { name: "access.log" }) { entries(first: 1) { nodes { raw } } }
        bad: source(by: { name: "access.log" }) { name entries(filter: $filter) { nodes { raw } } histogram { bucketMs } }
      }`,
      { filter: { matches: 'a(', fields: [{ path: '', eq: 1 }], and: [{ query: 'x)' }, { contains: 'y' }] } },
    );
    expect(data).toEqual({
      good: { entries: { nodes: [{ raw: access[0] }] } },
      bad: { name: 'access.log', entries: null, histogram: expect.anything() },
    });
    expect(errors).toMatchObject([{ path: ['bad', 'entries'], extensions: { code: 'INVALID_INPUT' } }]);
    expect(errors?.[0]?.extensions?.problems?.map(({ path }) => path.join('.')).sort()).toEqual([
      'filter.and.0.query',
      'filter.fields.0.path',
      'filter.matches',
    ]);
  });

  test.each([
    ['an unknown level', { levels: ['LOUD'] }],
    ['a time that is none', { from: 'yesterday' }],
    ['a field that is not of it', { contain: 'x' }],
  ])('is refused by its type: %s', async (_name, filter) => {
    const { errors } = await askEntries(server, 'access.log', { filter });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});
