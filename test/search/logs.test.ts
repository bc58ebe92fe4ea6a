import { beforeAll, describe, expect, test, vi } from 'vitest';
import { rawOf, readPages, textOf } from '../support/entries.ts';
import { askLogs, readLogs } from '../support/logs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const request = (second: number, status: number) =>
  `192.0.2.1 - - [21/Nov/2026:10:50:${second} +0000] "GET /${second} HTTP/1.1" ${status} 5 "-" "curl/8.5"`;
const access = [request(10, 200), request(20, 404), request(20, 503), request(50, 200)];
const json = [
  '{"timestamp":"2026-11-21T10:50:15Z","level":"error","message":"one"}',
  '{"level":"info","message":"goes with one"}',
  '{"timestamp":"2026-11-21T10:50:20Z","level":"error","message":"at the same time"}',
  '{"timestamp":"2026-11-21T10:50:40Z","level":"info","message":"last"}',
];
const php = [
  '[21-Nov-2026 11:50:18 Europe/Berlin] PHP Fatal error:  no\nStack trace:\n#0 {main}',
  '[21-Nov-2026 10:50:30 UTC] PHP Notice:  two',
];
const merged = [
  access[0],
  json[0],
  json[1],
  php[0],
  // Of one time: those of the log named first come first.
  access[1],
  access[2],
  json[2],
  php[1],
  json[3],
  access[3],
];

let server: TestServer;
let sources: string[];

beforeAll(async () => {
  server = await startTestServer({
    files: {
      'access.log': textOf(access),
      'app.jsonl': textOf(json),
      'php.log.1': `${php[0]?.split('\n#0')[0]}\n`,
      'php.log': `#0 {main}\n${php[1]}\n[21-Nov-2026 10:51:00 UTC] PHP Notice:  may go on\n`,
      'empty.log': '',
      'plain.txt': 'no\ntimes\nat all\n',
    },
  });
  sources = await Promise.all(['access.log', 'app.jsonl', 'php.log', 'empty.log'].map((name) => server.sourceId(name)));
});

const before = { filter: { to: '2026-11-21T10:51:00Z' } };

describe('several logs of different formats', () => {
  test.each([1, 2, 3, 7, 100])('are merged by time, in pages of %i from either end', async (size) => {
    for (const from of ['beginning', 'end'] as const) {
      const pages = await readPages((page) => readLogs(server, sources, { ...page, ...before }), size, from);
      expect(pages.flatMap(rawOf)).toEqual(merged);
    }
  });

  test('go on from the cursor of every edge, in both directions', async () => {
    const { edges } = await readLogs(server, sources, { first: 100, ...before });
    for (const [index, { cursor }] of edges.entries()) {
      const after = await readLogs(server, sources, { first: 100, after: cursor, ...before });
      expect(rawOf(after)).toEqual(merged.slice(index + 1));
      expect(after.pageInfo.hasNextPage).toBe(false);
      const earlier = await readLogs(server, sources, { last: 100, before: cursor, ...before });
      expect(rawOf(earlier)).toEqual(merged.slice(0, index));
    }
    const between = { after: edges[1]?.cursor, before: edges[6]?.cursor, ...before };
    for (const take of [{ first: 100 }, { last: 100 }]) {
      expect(rawOf(await readLogs(server, sources, { ...between, ...take }))).toEqual(merged.slice(2, 6));
    }
  });

  test('are filtered as one is', async () => {
    const filter = { minLevel: 'ERROR', ...before.filter };
    const expected = merged.filter((raw) => /"error"|Fatal|503/.test(raw ?? ''));
    for (const from of ['beginning', 'end'] as const) {
      const pages = await readPages((page) => readLogs(server, sources, { ...page, filter }), 2, from);
      expect(pages.flatMap(rawOf)).toEqual(expected);
    }
  });

  test('tell whether there is more on either side', async () => {
    const page = await readLogs(server, sources, { first: 3, ...before });
    expect(page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const middle = await readLogs(server, sources, { first: 3, after: page.pageInfo.endCursor, ...before });
    expect(middle.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const last = await readLogs(server, sources, { last: 1, ...before });
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  test('come in the order of writing where they have no times, and with empty ones', async () => {
    const ids = [await server.sourceId('plain.txt'), await server.sourceId('empty.log')];
    for (const take of [{ first: 10 }, { last: 10 }]) {
      expect(rawOf(await readLogs(server, ids, take))).toEqual(['no', 'times', 'at all']);
    }
  });

  test('go on with what is written after the end of a page', async () => {
    const ours = await startTestServer({ files: { 'a.log': '2026-11-21T10:50:10Z a\n', 'b.log': '' } });
    const ids = [await ours.sourceId('a.log'), await ours.sourceId('b.log')];
    const { pageInfo } = await readLogs(ours, ids, { last: 10 });
    await ours.append('b.log', '2026-11-21T10:50:00Z b\n');
    // It happened before what was read already, and was written after it. Text may go on for a moment.
    const late = await vi.waitFor(async () => {
      const page = await readLogs(ours, ids, { first: 10, after: pageInfo.endCursor });
      expect(rawOf(page)).toEqual(['2026-11-21T10:50:00Z b']);
      return page;
    });
    expect(rawOf(await readLogs(ours, ids, { first: 10, after: late.pageInfo.endCursor }))).toEqual([]);
  });
});

describe('a wrong request for several logs is refused:', () => {
  const problemsOf = async (ids: string[], page: object) => {
    const { data, errors } = await askLogs(server, ids, page);
    expect(data).toEqual({ logs: null });
    expect(errors).toMatchObject([{ path: ['logs'], extensions: { code: 'INVALID_INPUT' } }]);
    return errors?.[0]?.extensions?.problems?.map(({ path, code }) => [path.join('.'), code]);
  };

  test.each(['after', 'before'])('a cursor as "%s" that says nothing of one of them', async (bound) => {
    const { nodes, edges } = await readLogs(server, sources.slice(0, 2), { first: 1 });
    for (const cursor of [nodes[0]?.cursor, edges[0]?.cursor]) {
      expect(await problemsOf(sources, { [bound]: cursor })).toEqual([[bound, 'CURSOR_FOREIGN']]);
    }
    const all = (await readLogs(server, sources, { first: 1 })).edges[0]?.cursor;
    // One that says more than is asked is as good.
    expect((await askLogs(server, sources.slice(0, 2), { [bound]: all })).errors).toBeUndefined();
  });

  test('no source, a damaged cursor, a wrong size and a wrong filter', async () => {
    expect(await problemsOf([], { first: 1 })).toEqual([['sources', 'EMPTY']]);
    expect(await problemsOf(sources, { after: 'nonsense' })).toEqual([['after', 'CURSOR_DAMAGED']]);
    expect(await problemsOf(sources, { first: -1 })).toEqual([['first', 'NEGATIVE']]);
    expect(await problemsOf(sources, { filter: { matches: '(' } })).toEqual([['filter.matches', 'PATTERN_SYNTAX']]);
  });

  test('a source that is not there', async () => {
    const { errors } = await askLogs(server, [...sources, 'U291cmNlOm5vbmU=']);
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  });
});
