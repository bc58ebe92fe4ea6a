import { rm } from 'node:fs/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as apollo from '../../examples/apollo/main.ts';
import type { Entry } from '../../examples/operations.ts';
import type { TailOptions } from '../../examples/program.ts';
import * as urql from '../../examples/urql/main.ts';
import { createToken } from '../../server/token-command.ts';
import { openDatabase } from '../../src/db/client.ts';
import { serve, startTestServer, type TestServer } from '../support/server.ts';
import { accessToken } from '../support/token.ts';
import { Network } from './network.ts';

/** With 100, some 100,000 lines are written meanwhile. */
const cuts = Number(process.env.TAILQL_TEST_CUTS ?? 20);

/** `first` to `last`, as a log has them. */
const lines = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, index) => `line ${first + index}\n`).join('');

const lineOf = ({ message }: Entry): string => `${message}\n`;

/** Waits until it is as expected. */
const until = (expectation: () => void) => vi.waitFor(expectation, { timeout: 30_000, interval: 5 });

describe.each([
  ['urql', urql],
  ['Apollo Client', apollo],
])('the example for %s', (_client, example) => {
  /** Runs the example until the test is finished. */
  function start(server: TestServer, options: Pick<TailOptions, 'source'> & Partial<TailOptions>) {
    const received: Entry[] = [];
    const losses: string[] = [];
    const finished = new AbortController();
    const ended = example.tail({
      url: `${server.url}/graphql`,
      token: () => server.token,
      onEntries: (entries) => received.push(...entries),
      onLoss: (reason) => losses.push(reason),
      signal: finished.signal,
      ...options,
    });
    // Who awaits it sees the error; who does not is not to be ended by it.
    ended.catch(() => {});
    onTestFinished(() => finished.abort());
    return {
      received,
      losses,
      ended,
      stop: () => finished.abort(),
      text: () => received.map(lineOf).join(''),
      /** Resolves when this line came over the socket: it is written when those before it came as history. */
      async live(line: number) {
        await until(() => expect(received).toHaveLength(line - 1));
        await server.append('app.log', lines(line, line));
        await until(() => expect(received).toHaveLength(line));
      },
    };
  }

  test('lists the sources', async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 1) } });
    const connection = { url: `${server.url}/graphql`, token: () => server.token };
    const [source] = (await example.listSources(connection)).filter(({ name }) => name === 'app.log');
    expect(source).toMatchObject({ id: await server.sourceId('app.log'), name: 'app.log', state: 'ACTIVE' });
  });

  test('gives the last 20 entries, then what is written, until it is stopped', async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 30) } });
    const tail = start(server, { source: await server.sourceId('app.log') });
    await until(() => expect(tail.text()).toBe(lines(11, 30)));
    await server.append('app.log', lines(31, 40));
    await until(() => expect(tail.text()).toBe(lines(11, 40)));
    tail.stop();
    await expect(tail.ended).resolves.toBeUndefined();
  });

  test('begins with an empty log, and misses nothing of it', async () => {
    const server = await startTestServer({ files: { 'app.log': '' } });
    const tail = start(server, { source: await server.sourceId('app.log') });
    await server.append('app.log', lines(1, 5));
    await until(() => expect(tail.text()).toBe(lines(1, 5)));
  });

  test.each([
    [
      'NGINX_ACCESS',
      '192.0.2.1 - - [21/Nov/2026:10:50:54 +0000] "GET /cart HTTP/1.1" 503 12 "-" "curl/8.5"',
      { __typename: 'AccessLogEntry', method: 'GET', path: '/cart', status: 503, remoteAddress: '192.0.2.1' },
    ],
    [
      'NGINX_ERROR',
      '2026/11/21 10:50:54 [error] 7#7: *1 no upstream, client: 192.0.2.1, server: web, request: "GET /cart HTTP/1.1"',
      { __typename: 'ErrorLogEntry', level: 'ERROR', client: '192.0.2.1', request: 'GET /cart HTTP/1.1' },
    ],
    [
      'SYSLOG',
      'Nov 21 10:50:54 web-1 sshd[712]: Server listening on port 22.',
      {
        __typename: 'SyslogLogEntry',
        host: 'web-1',
        process: 'sshd',
        pid: 712,
        message: 'Server listening on port 22.',
      },
    ],
    [
      'SYSTEM_LOG',
      '{"timestamp":"2026-11-21T10:50:54.123Z","level":"ERROR","logger":"shop","message":"No stock","module":"cart","function":"add","line":7}',
      { __typename: 'SystemLogEntry', level: 'ERROR', logger: 'shop', module: 'cart', function: 'add', line: 7 },
    ],
    [
      'AUDIT_LOG',
      '{"timestamp":"2026-11-21T10:50:54.123Z","level":"INFO","logger":"shop","message":"Signed in","action":"sign_in","metadata":{"user":"eve"}}',
      { __typename: 'AuditLogEntry', action: 'sign_in', metadata: { user: 'eve' } },
    ],
    ['TEXT', 'out of paper', { __typename: 'TextLogEntry', level: 'UNKNOWN', timestamp: null, raw: 'out of paper' }],
  ] as const)('gives the fields of an entry in %s, from history and live alike', async (_format, line, entry) => {
    const server = await startTestServer({ files: { 'app.log': `${line}\n` } });
    const tail = start(server, { source: await server.sourceId('app.log') });
    await until(() => expect(tail.received).toHaveLength(1));
    await server.append('app.log', `${line}\n`);
    await until(() => expect(tail.received).toHaveLength(2));
    expect(tail.received).toMatchObject([entry, entry]);
  });

  test('gives a query that took long as one entry of several lines', async () => {
    const query = [
      '# Time: 2026-11-21T10:50:54.123456Z',
      '# User@Host: app[app] @ web-1 [192.0.2.1]  Id:    12',
      '# Query_time: 2.500000  Lock_time: 0.000100 Rows_sent: 1  Rows_examined: 40000',
      'SELECT name',
      'FROM customers;\n',
    ].join('\n');
    const server = await startTestServer({ files: { 'app.log': query } });
    const tail = start(server, { source: await server.sourceId('app.log') });
    await until(() => expect(tail.received).toHaveLength(1));
    await server.append('app.log', query);
    await until(() => expect(tail.received).toHaveLength(2));
    const entry = { __typename: 'SlowQueryLogEntry', queryTimeMs: 2500, rowsExamined: '40000' };
    expect(tail.received).toMatchObject([entry, entry]);
    expect(tail.received.map((entry) => 'sql' in entry && entry.sql)).toEqual(
      Array(2).fill(expect.stringMatching(/^SELECT name\nFROM customers;?$/)),
    );
  });

  test('gives what a search finds, from history and live, also after the network was cut', async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 2000) } });
    const network = await Network.open(server.url);
    const [source, search] = [await server.sourceId('app.log'), '/[05]0$/ -"line 50"'];
    const tail = start(server, { source, search, url: network.url });
    const found = (last: number) =>
      lines(1, last)
        .split('\n')
        .filter((line) => /[05]0$/.test(line) && !line.includes('line 50'));
    await until(() => expect(tail.received.map(({ message }) => message)).toEqual(found(2000).slice(-20)));
    await server.append('app.log', lines(2001, 2100));
    await until(() => expect(tail.received).toHaveLength(22));
    network.cut();
    await server.append('app.log', lines(2101, 2200));
    const all = [...found(2000).slice(-20), ...found(2200).filter((line) => Number(line.slice(5)) > 2000)];
    await until(() => expect(tail.received.map(({ message }) => message)).toEqual(all));
  });

  test('ends with the place of what is wrong with a search', async () => {
    const server = await startTestServer({ files: { 'app.log': '' } });
    const tail = start(server, { source: await server.sourceId('app.log'), search: 'a (b' });
    await expect(tail.ended).rejects.toThrow(/\)/);
  });

  test(`gives every line once and in order while the network is cut ${cuts} times`, {
    timeout: 60_000 + 3000 * cuts,
  }, async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 20) } });
    const network = await Network.open(server.url);
    const tail = start(server, { source: await server.sourceId('app.log'), url: network.url });
    await until(() => expect(tail.received).toHaveLength(20));

    let written = 20;
    for (let cut = 1; cut <= cuts; cut++) {
      network.cutAfter(1 + Math.floor(Math.random() * 2500 * cuts));
      while (network.cuts < cut) {
        const next = written + 1 + Math.floor(Math.random() * 50);
        await server.append('app.log', lines(written + 1, next));
        written = next;
        await until(() => expect(network.cuts === cut || tail.received.length > written - 200).toBe(true));
      }
    }
    const last = Math.max(written, 1000 * cuts) + 1000;
    await server.append('app.log', lines(written + 1, last));
    await until(() => expect(tail.received.length).toBeGreaterThanOrEqual(last));
    expect(tail.text()).toBe(lines(1, last));
    expect(tail.losses).toEqual([]);
  });

  test('goes on after a restart of the server with what was written meanwhile', async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 5) } });
    const network = await Network.open(server.url);
    const tail = start(server, { source: await server.sourceId('app.log'), url: network.url });
    await tail.live(6);
    await server.stop();
    await server.append('app.log', lines(7, 500));
    // It tries, and finds nobody there.
    const { connections } = network;
    await until(() => expect(network.connections).toBeGreaterThan(connections));
    network.target = Number(new URL((await serve(server.config, server.directory)).url).port);
    await until(() => expect(tail.text()).toBe(lines(1, 500)));
  });

  test('signs in with the newest token when it connects again', async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 5) } });
    const network = await Network.open(server.url);
    let { token } = server;
    const tail = start(server, { source: await server.sourceId('app.log'), url: network.url, token: () => token });
    await tail.live(6);
    await revokeTokens(server);
    token = await createToken(server.config, 'newer', ['ADMIN']);
    network.cut();
    await server.append('app.log', lines(7, 30));
    await until(() => expect(tail.text()).toBe(lines(1, 30)));
  });

  test('ends with the reason when its token is refused', async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 5) } });
    const network = await Network.open(server.url);
    const tail = start(server, { source: await server.sourceId('app.log'), url: network.url });
    await tail.live(6);
    await revokeTokens(server);
    network.cut();
    await expect(tail.ended).rejects.toThrow('This API token is not valid');
  });

  test('goes on with the newest token when the one it began with expires', async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 5) } });
    const expiring = await accessToken(server, 6);
    let token = expiring;
    const asked: string[] = [];
    const tail = start(server, {
      source: await server.sourceId('app.log'),
      token: () => {
        asked.push(token);
        return token;
      },
    });
    await tail.live(6);
    token = server.token;
    await until(() => expect(asked).toContain(server.token));
    await server.append('app.log', lines(7, 30));
    await until(() => expect(tail.text()).toBe(lines(1, 30)));
    // For the query, for the socket, and for the socket after it.
    expect(asked).toEqual([expiring, expiring, server.token]);
  });

  test('ends with the sentence of the server when there is no such source', async () => {
    const server = await startTestServer();
    const tail = start(server, { source: 'U291cmNlOm5vbmU=' });
    await expect(tail.ended).rejects.toThrow(/^There is no such source/);
  });

  test('ends with the reason when nobody is signed in', async () => {
    const server = await startTestServer({ files: { 'app.log': '' } });
    const tail = start(server, { source: await server.sourceId('app.log'), token: () => 'none' });
    await expect(tail.ended).rejects.toThrow('token');
  });

  test('tells of entries that were deleted before it could read them', async () => {
    const server = await startTestServer({ files: { 'app.log': lines(1, 5) } });
    const network = await Network.open(server.url);
    const tail = start(server, { source: await server.sourceId('app.log'), url: network.url });
    await tail.live(6);
    await server.stop();
    await rm(server.path('app.log'));
    await server.append('app.log', lines(101, 103));
    network.target = Number(new URL((await serve(server.config, server.directory)).url).port);
    await until(() => expect(tail.text()).toBe(lines(1, 6) + lines(101, 103)));
    expect(tail.losses).toEqual(['CURSOR_EXPIRED']);
  });
});

async function revokeTokens(server: TestServer): Promise<void> {
  const database = await openDatabase(server.config.databaseUrl);
  await database.client.apiToken.deleteMany();
  await database.close();
}
