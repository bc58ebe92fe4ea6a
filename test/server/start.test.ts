import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ending, start as launch, run, type Start } from '../config/process.ts';
import { freshDirectory } from '../support/directory.ts';
import { openSocket } from '../support/socket.ts';

const environment = { TAILQL_SOURCES: '[]', TAILQL_PORT: '0' };

/** Starts the command line; a test that fails leaves no process behind. */
function start(args: string[], options: Start): ChildProcessWithoutNullStreams {
  const child = launch(args, options);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Runs the server, which is expected to give up. */
const give = (directory: string, ...args: string[]) => run(args, { directory, environment });

/** One sentence that names `what`, and nothing else: no stack, no prefix. */
function expectSentence({ stdout, stderr, code }: { stdout: string; stderr: string; code: unknown }, what: string) {
  expect(stderr).toContain(what);
  expect(stderr).toMatch(/^[A-Z/][^\n]*\n$/);
  expect(stderr).not.toMatch(/internal error/);
  expect([stdout, code]).toEqual(['', 1]);
}

describe('the server says in one sentence why it cannot start, and ends with 1:', () => {
  test('the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expectSentence(
      await give(await freshDirectory(), '--port', String(port)),
      `port ${port}: something else listens there`,
    );
    other.close();
  });

  test('the host is not of this machine', async () => {
    expectSentence(await give(await freshDirectory(), '--host', '203.0.113.1'), 'this machine has no such address');
  });

  test('a file is in the place of the data directory', async () => {
    const directory = await freshDirectory();
    writeFileSync(join(directory, 'data'), 'a file');
    expectSentence(await give(directory), `the data directory ${join(directory, 'data')}`);
  });

  test('the data directory is below a file', async () => {
    const directory = await freshDirectory();
    writeFileSync(join(directory, 'file'), 'a file');
    expectSentence(await give(directory, '--data-dir', join(directory, 'file/data')), 'the data directory');
  });

  test('a file is in the place of the directory of its logs', async () => {
    const directory = await freshDirectory();
    mkdirSync(join(directory, 'data'));
    writeFileSync(join(directory, 'data/log'), 'a file');
    expectSentence(await give(directory), join(directory, 'data'));
  });

  test('the database is damaged', async () => {
    const directory = await freshDirectory();
    mkdirSync(join(directory, 'data'));
    const database = join(directory, 'data/tailql.db');
    writeFileSync(database, 'this is no database, and long enough to be looked at: '.repeat(100));
    expectSentence(await give(directory), `${database} is not a database`);
    expect(readFileSync(database, 'utf8')).toContain('this is no database');
  });

  test('PostgreSQL is not there', async () => {
    const url = 'postgresql://tailql:hunter2@127.0.0.1:1/tailql';
    const result = await give(await freshDirectory(), '--database-url', url);
    expectSentence(result, 'PostgreSQL cannot be reached at 127.0.0.1:1');
    expect(result.stderr).not.toContain('hunter2');
  });

  test('others may read the key', async () => {
    const directory = await freshDirectory();
    mkdirSync(join(directory, 'data'));
    writeFileSync(join(directory, 'data/secret'), 'x'.repeat(43), { mode: 0o644 });
    expectSentence(await give(directory), `chmod 600 ${join(directory, 'data/secret')}`);
  });
});

/** The base of the server's URLs, once the banner is complete. */
function started(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve, reject) => {
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      const [, url] = /^GraphQL +(http\S+)\/graphql$/m.exec(shown) ?? [];
      if (url !== undefined && /^Sign in.*\n/m.test(shown)) resolve(url);
    });
    child.once('close', () => reject(new Error(`It ended: ${shown}`)));
  });
}

test('a running server stops within 8 s on SIGTERM, whatever is connected, and tells sockets to come back', async () => {
  const directory = await freshDirectory();
  const child = start([], { directory, environment });
  const ended = ending(child);
  const url = await started(child);
  const wsUrl = `${url.replace('http', 'ws')}/graphql`;
  const [healthy, silent, stuck] = [await openSocket(wsUrl), await openSocket(wsUrl), await openSocket(wsUrl)];
  await healthy.introduce();
  await stuck.introduce();
  // It does not read any more, so it never answers the closing.
  stuck.socket.pause();
  const stopping = performance.now();
  child.kill('SIGTERM');
  expect(await healthy.closed).toMatchObject({ code: 1001 });
  expect(await silent.closed).toMatchObject({ code: 1001 });
  expect(await ended).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(8000);
  stuck.socket.terminate();
});

test('connections that say nothing, or never let go of a refused upgrade, do not keep it from stopping', async () => {
  const child = start([], { directory: await freshDirectory(), environment });
  const ended = ending(child);
  const url = await started(child);
  const open = () => connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  const [silent, refused] = [open(), open()];
  for (const socket of [silent, refused]) socket.on('error', () => {});
  await new Promise((resolve) => silent.once('connect', resolve));
  refused.write('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await new Promise((resolve) => refused.once('data', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  silent.destroy();
  refused.destroy();
});

test('a stream of server-sent events does not keep the server from stopping', async () => {
  const directory = await freshDirectory();
  const child = start([], { directory, environment });
  const ended = ending(child);
  const url = await started(child);
  const { stdout: token } = await run(['token', 'create', 'test', '--scope', 'LOGS_READ'], { directory, environment });
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${token.trim()}`,
    },
    body: JSON.stringify({ query: 'subscription { sourcesChanged { __typename } }' }),
  });
  expect(response.status).toBe(200);
  const stopping = performance.now();
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(8000);
});

test('only the owner may look into the data directory, and only the owner may use the key', async () => {
  const directory = await freshDirectory();
  const child = start([], { directory, environment });
  const ended = ending(child);
  await started(child);
  const mode = (path: string) => (statSync(join(directory, path)).mode & 0o777).toString(8);
  expect([mode('data'), mode('data/secret')]).toEqual(['700', '600']);
  child.kill('SIGTERM');
  await ended;
});
