import { beforeAll, describe, expect, test } from 'vitest';
import { databaseUrls } from '../support/databases.ts';
import { readEntries, textOf } from '../support/entries.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);

describe.each(databaseUrls())('one entry, on %s,', (_kind, freshUrl) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({
      databaseUrl: await freshUrl(),
      files: { 'long.log': textOf(lines), 'growing.log': textOf(['one', 'two']), 'empty.log': '' },
    });
  });

  const entries = (name: string, page: object = {}) => readEntries(server, name, page);

  const entry = 'query ($cursor: Cursor!) { logEntry(cursor: $cursor) { raw source { name } } }';

  test('is found by its cursor, also after more was appended', async () => {
    const { nodes } = await entries('growing.log', { first: 1 });
    const cursor = nodes[0]?.cursor;
    const found = { logEntry: { raw: 'one', source: { name: 'growing.log' } } };
    expect(await server.data(entry, { cursor })).toEqual(found);
    await server.append('growing.log', textOf(Array.from({ length: 100 }, (_, index) => `appended ${index}`)));
    expect(await server.data(entry, { cursor })).toEqual(found);
  });

  test('is null for a place between entries, and without a token nothing', async () => {
    for (const file of ['empty.log', 'long.log']) {
      const { pageInfo } = await entries(file, { first: 0 });
      expect(await server.data(entry, { cursor: pageInfo.startCursor })).toEqual({ logEntry: null });
    }
    const cursor = (await entries('long.log')).nodes[0]?.cursor;
    const { data, errors } = await server.query(entry, { cursor }, { token: null });
    expect(data).toEqual({ logEntry: null });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test.each(['', 'nonsense', '/etc/passwd', 'AQ'])('is INVALID_INPUT for a damaged cursor ("%s")', async (cursor) => {
    const { data, errors } = await server.query(entry, { cursor });
    expect(data).toEqual({ logEntry: null });
    const problems = [{ path: ['cursor'], code: 'CURSOR_DAMAGED' }];
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT', problems } }]);
  });

  test('has its surroundings', async () => {
    const surrounding = `query ($cursor: Cursor!, $before: Int! = 5, $after: Int! = 5) {
      logEntry(cursor: $cursor) { surrounding(before: $before, after: $after) { before { raw } after { raw } } }
    }`;
    const around = async (index: number, count: object = {}) => {
      const { nodes } = await entries('long.log', { first: index + 1 });
      const data = await server.data<{
        logEntry: { surrounding: { before: { raw: string }[]; after: { raw: string }[] } };
      }>(surrounding, { cursor: nodes[index]?.cursor, ...count });
      const { before, after } = data.logEntry.surrounding;
      return [before.map(({ raw }) => raw), after.map(({ raw }) => raw)];
    };
    expect(await around(20)).toEqual([lines.slice(15, 20), lines.slice(21, 26)]);
    expect(await around(20, { before: 1, after: 2 })).toEqual([lines.slice(19, 20), lines.slice(21, 23)]);
    expect(await around(20, { before: 0, after: 0 })).toEqual([[], []]);
    expect(await around(2)).toEqual([lines.slice(0, 2), lines.slice(3, 8)]);

    const { nodes } = await entries('long.log', { first: 1 });
    for (const count of [{ before: -1 }, { after: -1 }, { before: 101 }, { after: 1_000_000 }]) {
      const { errors } = await server.query(surrounding, { cursor: nodes[0]?.cursor, ...count });
      expect(errors, JSON.stringify(count)).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }]);
    }
  });
});
