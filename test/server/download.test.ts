import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApiToken } from '../../src/access/api-token.ts';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { begin, forgedLink, linkTo, open, rest } from '../support/download.ts';
import { openIn } from '../support/open-files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { accessToken } from '../support/token.ts';

/** The raw text of all entries, page by page. */
async function rawEntries(server: TestServer, name: string, filter: object): Promise<string[]> {
  interface Data {
    source: { entries: { nodes: { raw: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
  }
  const all: string[] = [];
  for (let after: string | null = null; ; ) {
    const data: Data = await server.data<Data>(
      `query ($name: String!, $filter: LogFilter, $after: Cursor) {
        source(by: { name: $name }) {
          entries(filter: $filter, first: 1000, after: $after) { nodes { raw } pageInfo { hasNextPage endCursor } }
        }
      }`,
      { name, filter, after },
    );
    const { nodes, pageInfo } = data.source.entries;
    all.push(...nodes.map(({ raw }) => raw));
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}

/** Lines of a log whose entries have several lines now and then, from line `from` on. */
const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => {
    const n = from + index;
    const level = n % 7 === 0 ? 'ERROR' : 'INFO';
    const time = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
    return `${time} ${level} request ${n} took ${n % 97} ms\n${n % 7 === 0 ? `  at line one of ${n}\n  at line two\n` : ''}`;
  }).join('');

/** Lines of 10,000 bytes. */
const longLines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `request ${from + index} `.padEnd(9999, 'x'))
    .join('\n')
    .concat('\n');

describe('the text of a log', () => {
  let server: TestServer;
  const [oldest, older, newest] = [lines(0, 15_000), lines(15_000, 15_000), lines(30_000, 100)];

  beforeAll(async () => {
    server = await startTestServer({
      files: { 'app.log.1': older, 'app.log': `${newest}not yet a who`, 'empty.log': '' },
    });
    await writeFile(server.path('app.log.2.gz'), gzipSync(oldest));
  });

  test('without a filter has the bytes of its files, compressed ones unpacked, as they are', async () => {
    const { status, headers, body, complete } = await open(await linkTo(server, 'app.log'));
    expect({ status, complete }).toEqual({ status: 200, complete: true });
    expect(body.equals(Buffer.from(`${oldest}${older}${newest}not yet a who`))).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="app.log"; filename*=UTF-8''app.log`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['content-encoding']).toBeUndefined();
  });

  test.each([
    ['a level', { minLevel: 'ERROR' }],
    ['a text', { contains: 'took 3 MS' }],
    ['a search', { query: 'level:error "at line two" -/one of 7\\d/' }],
    ['a time', { from: '2026-01-01T06:00:00Z', to: '2026-01-01T20:00:00Z' }],
    ['almost everything', { not: { contains: 'request 17 ' } }],
    ['nothing', { levels: [] }],
    ['a combination', { or: [{ contains: '96 ms' }, { and: [{ minLevel: 'WARN' }, { matches: '[05]0 took' }] }] }],
  ])('with a filter has the records that fulfil it: %s', async (_what, filter) => {
    const { body, complete } = await open(await linkTo(server, 'app.log', filter));
    const expected = (await rawEntries(server, 'app.log', filter)).map((raw) => `${raw}\n`).join('');
    expect(complete).toBe(true);
    expect(body.toString() === expected).toBe(true);
  });

  test('with a filter that is no condition has everything', async () => {
    const { body } = await open(await linkTo(server, 'app.log', {}));
    expect(body.toString().endsWith('not yet a who')).toBe(true);
  });

  test('of an empty log is empty', async () => {
    for (const filter of [undefined, { contains: 'x' }]) {
      const { status, body, complete } = await open(await linkTo(server, 'empty.log', filter));
      expect({ status, complete, body: body.toString() }).toEqual({ status: 200, complete: true, body: '' });
    }
  });

  test.each([
    ['gzip', true],
    ['br, GZIP;q=0.5', true],
    ['*', true],
    ['gzip;q=0, *', false],
    ['gzip;q=0.5, identity', false],
    ['br', false],
  ])('is compressed for who accepts that: %s', async (accepted, isCompressed) => {
    const { headers, body } = await open(await linkTo(server, 'app.log', { minLevel: 'ERROR' }), {
      headers: { 'accept-encoding': accepted },
    });
    expect(headers.vary).toBe('accept-encoding');
    expect(headers['content-encoding']).toBe(isCompressed ? 'gzip' : undefined);
    const text = (isCompressed ? gunzipSync(body) : body).toString();
    expect(text).toContain('ERROR request 7 took 7 ms\n  at line one of 7\n  at line two\n');
  });

  test('answers HEAD without a body, and refuses other methods', async () => {
    const url = await linkTo(server, 'app.log');
    const head = await open(url, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(head.headers['content-disposition']).toMatch(/^attachment/);
    expect(await open(url, { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });
});

describe('a link', () => {
  let server: TestServer;
  let database: Database;

  beforeAll(async () => {
    server = await startTestServer({ files: { 'app.log': 'one\n', 'gone.log': 'two\n' } });
    database = await openDatabase(server.config.databaseUrl);
  });

  afterAll(() => database.close());

  const refused = async (url: string, status: number, sentence: RegExp) => {
    const answer = await open(url);
    expect(answer).toMatchObject({
      status,
      headers: { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    });
    const { error } = JSON.parse(answer.body.toString());
    expect(error).toMatch(sentence);
    expect(answer.body.toString()).not.toMatch(/\.ts|stack|jose/i);
    return error;
  };

  const notValid = /^This download link is not valid; ask for a new one/;
  const tokenOf = (url: string) => new URL(url).searchParams.get('token') ?? '';

  test('that is forged, or none at all, is refused', async () => {
    const token = tokenOf(await linkTo(server, 'app.log'));
    const [head, payload = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const other = Buffer.from(JSON.stringify({ ...claims, filter: 'x' })).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none","typ":"download+jwt"}').toString('base64url');
    const forged = [`${head}.${other}.${signature}`, `${unsigned}.${payload}.`, token.slice(0, -2), 'x', ''];
    for (const text of forged) await refused(`${server.url}/download?token=${text}`, 401, notValid);
    await refused(`${server.url}/download`, 401, notValid);
    await refused(`${server.url}/download?token=${'x'.repeat(9000)}`, 401, notValid);
  });

  test('that has expired is refused', async () => {
    const source = await server.sourceId('app.log');
    const { id: userId } = await database.client.user.findUniqueOrThrow({ where: { username: 'admin' } });
    const url = await forgedLink(server, { userId, source, now: Date.now() - 301_000 });
    await refused(url, 401, /^This download link has expired; ask for a new one/);
    const fresh = await forgedLink(server, { userId, source, now: Date.now() - 200_000 });
    expect(await open(fresh)).toMatchObject({ status: 200 });
  });

  test('does not outlive the token it was asked for with', async () => {
    const query = '{ source(by: { name: "app.log" }) { download { expiresAt } } }';
    interface Data {
      source: { download: { expiresAt: string } };
    }
    const [before, token] = [Date.now(), await accessToken(server, 60)];
    const short = await server.query<Data>(query, {}, { token });
    const lasting = await server.query<Data>(query);
    const left = ({ data }: { data?: Data }) => Date.parse(data?.source.download.expiresAt ?? '') - before;
    expect(left(short)).toBeLessThanOrEqual(65_000);
    expect(left(lasting)).toBeGreaterThan(290_000);
  });

  test('is no access token, and an access token is no link', async () => {
    const token = tokenOf(await linkTo(server, 'app.log'));
    const asked = await server.query('{ me { username } }', {}, { token });
    expect(asked.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    await refused(`${server.url}/download?token=${await accessToken(server, 60)}`, 401, notValid);
    await refused(`${server.url}/download?token=${server.token}`, 401, notValid);
  });

  test('to what its person may not read is as one to what is not there', async () => {
    const { client } = database;
    const { id: userId } = await client.user.create({ data: { username: 'ada' } });
    const source = await server.sourceId('app.log');
    const foreign = await refused(await forgedLink(server, { userId, source }), 404, /^There is no such source/);
    const missing = await forgedLink(server, { userId, source: Buffer.from('Source:nothing').toString('base64') });
    expect(await refused(missing, 404, /./)).toBe(foreign);
    await client.source.update({ where: { id: decodeGlobalID(source).id }, data: { ownerId: userId } });
    expect(await open(await forgedLink(server, { userId, source }))).toMatchObject({ status: 200 });
    await client.source.update({ where: { id: decodeGlobalID(source).id }, data: { ownerId: null } });
  });

  test('is worth nothing when its person was disabled or deleted meanwhile', async () => {
    const { client } = database;
    const user = await client.user.create({ data: { username: 'eve', role: 'ADMIN' } });
    const { secret: token } = await createApiToken(client, user, { name: 'test', scopes: ['LOGS_READ'] });
    interface Data {
      source: { download: { url: string } };
    }
    const answer = await server.query<Data>('{ source(by: { name: "app.log" }) { download { url } } }', {}, { token });
    const url = answer.data?.source.download.url ?? '';
    expect(await open(url)).toMatchObject({ status: 200 });
    await client.user.update({ where: { id: user.id }, data: { disabled: true } });
    await refused(url, 401, /^Your account is disabled or was deleted/);
    await client.user.delete({ where: { id: user.id } });
    await refused(url, 401, /^Your account is disabled or was deleted/);
  });

  test('to a source that went away meanwhile leads nowhere', async () => {
    const url = await linkTo(server, 'gone.log');
    await database.client.source.updateMany({ where: { name: 'gone.log' }, data: { retiredAt: new Date() } });
    await refused(url, 404, /^There is no such source/);
  });

  test('with a wrong filter, or one too long for a URL, is not made', async () => {
    const ask = (filter: object) =>
      server.query('query ($f: LogFilter) { source(by: { name: "app.log" }) { download(filter: $f) { url } } }', {
        f: filter,
      });
    const long = { or: ['a', 'b', 'c', 'd'].map((letter) => ({ contains: letter.repeat(900) })) };
    expect(await ask(long)).toMatchObject({
      data: { source: { download: null } },
      errors: [{ extensions: { code: 'INVALID_INPUT', problems: [{ path: ['filter'], code: 'TOO_LONG' }] } }],
    });
    const wrong = await ask({ matches: '(' });
    expect(wrong.errors).toMatchObject([{ extensions: { problems: [{ path: ['filter', 'matches'] }] } }]);
  });

  test('leads to where its request came', async () => {
    const ask = async (headers: { [name: string]: string }) => {
      const response = await begin(`${server.url}/graphql?query={source(by:{name:"app.log"}){download{url}}}`, {
        headers: { authorization: `Bearer ${server.token}`, accept: 'application/json', ...headers },
      });
      return new URL(JSON.parse((await rest(response)).body.toString()).data.source.download.url).origin;
    };
    expect(await ask({})).toBe(server.url);
    expect(await ask({ host: 'logs.example.com:8080' })).toBe('http://logs.example.com:8080');
    expect(await ask({ host: 'logs.example.com', origin: 'https://logs.example.com' })).toBe(
      'https://logs.example.com',
    );
    expect(await ask({ host: 'logs.example.com', origin: 'https://evil.example' })).toBe('http://logs.example.com');
    expect(await ask({ host: 'user@logs.example.com' })).toBe('http://logs.example.com');
    const socket = await server.socket();
    const { data } = await socket.query('{ source(by: { name: "app.log" }) { download { url } } }');
    expect(JSON.stringify(data)).toContain(`"${server.url}/download?token=`);
  });

  test('leads to the address of the configuration, whatever the request says', async () => {
    const proxied = await startTestServer({ files: { 'app.log': '' }, publicUrl: 'https://logs.example.com' });
    expect(await linkTo(proxied, 'app.log')).toMatch(/^https:\/\/logs\.example\.com\/download\?token=/);
  });

  test.each([
    ['web', 'web.log', 'web.log'],
    ['Größe 50%.log', 'Gr__e 50_.log', 'Gr%C3%B6%C3%9Fe%2050%25.log'],
    ['a/../b"c\\d.txt', 'a-..-b-c-d.txt', 'a-..-b-c-d.txt'],
    ['../.hidden', 'hidden.log', 'hidden.log'],
    ["it's (old)*.log.1.gz", "it's (old)-.log.1", 'it%27s%20%28old%29-.log.1'],
    ['\u202egol.exe', 'gol.exe', 'gol.exe'],
    ['///', 'log.txt', 'log.txt'],
  ])('of the source %j has a browser save a safe name', async (name, plain, escaped) => {
    const named = await startTestServer({ sources: [{ name, path: '/nonexistent/x' }] });
    const { headers } = await open(await linkTo(named, name));
    expect(headers['content-disposition']).toBe(`attachment; filename="${plain}"; filename*=UTF-8''${escaped}`);
  });

  test('that is opened is in the audit log, and its token in no log', async () => {
    const own = await startTestServer({ files: { 'app.log': 'one\n' } });
    const urls = [await linkTo(own, 'app.log'), await linkTo(own, 'app.log', { contains: 'o' })];
    for (const url of urls) await open(url);
    await open(urls[0] ?? '', { method: 'HEAD' });
    await open(`${urls[0]}x`);
    const broken = await openDatabase(own.config.databaseUrl);
    await broken.client.$executeRawUnsafe('ALTER TABLE "Source" RENAME TO "Lost"');
    await broken.close();
    const fault = await open(urls[0] ?? '');
    expect(fault.status).toBe(500);
    expect(fault.body.toString()).not.toMatch(/prisma|Lost|stack/i);
    const directory = join(own.config.dataDir, 'log');
    const logs = await Promise.all((await readdir(directory)).map((file) => readFile(join(directory, file), 'utf8')));
    const records = logs.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line));
    const downloads = records.filter(({ action }) => action === 'log_download');
    expect(downloads.map(({ metadata }) => metadata)).toMatchObject([
      { username: 'admin', source: 'app.log', part: 'all' },
      { username: 'admin', source: 'app.log', part: 'filtered' },
    ]);
    expect(records).toContainEqual(expect.objectContaining({ level: 'ERROR', path: '/download' }));
    for (const url of urls)
      for (const part of tokenOf(url).split('.').slice(1)) expect(logs.join('')).not.toContain(part);
  });
});

describe('a download', () => {
  /** More than sockets hold on their way. Few records, so that little time is spent on them. */
  const large = longLines(0, 4000);

  test.each([undefined, { contains: 'request' }])('stops when its client goes away, with filter %j', async (filter) => {
    const server = await startTestServer({ files: { 'app.log': large }, limits: { maxDownloadsPerUser: 1 } });
    const url = await linkTo(server, 'app.log', filter);
    const response = await begin(url);
    await new Promise((resolve) => response.once('readable', resolve));
    const refused = await open(url);
    expect(refused).toMatchObject({ status: 429 });
    expect(refused.body.toString()).toContain('You have 1 downloads under way');
    response.destroy();
    await vi.waitFor(async () => {
      expect(openIn(server.path('app.log'))).toEqual([]);
      expect((await open(url, { method: 'HEAD' })).status).toBe(200);
    });
    expect(await open(url)).toMatchObject({ complete: true });
  });

  test.each([undefined, { contains: 'request' }])(
    'ends where the log ended when it began, with filter %j',
    async (filter) => {
      const server = await startTestServer({ files: { 'app.log': large } });
      const response = await begin(await linkTo(server, 'app.log', filter));
      await server.append('app.log', longLines(4000, 100));
      const { body, complete } = await rest(response);
      expect(complete).toBe(true);
      expect(body.equals(Buffer.from(large))).toBe(true);
    },
  );
});
