import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import { freshDirectory } from '../support/directory.ts';
import { serve, startTestServer, type TestServer } from '../support/server.ts';
import { follow, tailDocument } from '../support/tail.ts';

const run = promisify(execFile);

interface Data {
  source: {
    state: string;
    stateReason: string | null;
    size: string;
    modifiedAt: string | null;
    format: string;
    segments: { name: string }[];
    entries: { nodes: { raw: string }[]; pageInfo: { startCursor: string; endCursor: string } } | null;
  };
}

const document = `
  query ($name: String!) {
    source(by: { name: $name }) {
      state stateReason size modifiedAt format segments { name }
      entries { nodes { raw } pageInfo { startCursor endCursor } }
    }
  }`;

/** Everything that can be asked of a source whose file is not a log. */
async function read(server: TestServer, name: string) {
  const { data, errors } = await server.query<Data>(document, { name });
  for (const { extensions } of errors ?? []) expect(extensions?.code).not.toBe('INTERNAL_ERROR');
  if (!data) throw new Error(JSON.stringify(errors));
  return data.source;
}

const lines = (source: Data['source']) => source.entries?.nodes.map(({ raw }) => raw) ?? [];

/** Permissions mean nothing to root, so root takes off its crown meanwhile. */
async function asNobody<Result>(body: () => Promise<Result>): Promise<Result> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    return await body();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

let directory: string;
let server: TestServer;
const at = (file: string) => join(directory, file);
const fifos = Array.from({ length: 8 }, (_, index) => `fifo ${index}`);

beforeAll(async () => {
  directory = await freshDirectory();
  for (const name of ['logs', 'outside', 'directory.log']) await mkdir(at(name));
  await writeFile(at('outside/secret'), 'root:x:0:0\n');
  await writeFile(at('outside/named.log'), 'named\n');
  await writeFile(at('logs/app-2026.log'), 'current\n');
  await symlink('app-2026.log', at('logs/current.log'));
  await symlink('../outside/secret', at('logs/stolen.log'));
  await symlink(at('outside/named.log'), at('logs/elsewhere.log'));
  await symlink('loop-b.log', at('logs/loop-a.log'));
  await symlink('loop-a.log', at('logs/loop-b.log'));
  await symlink('/dev/zero', at('logs/zero.log'));
  await symlink('nothing', at('logs/dangling.log'));
  for (const name of fifos) await run('mkfifo', [at(name)]);
  const sources = {
    missing: at('logs/missing.log'),
    'below a missing directory': at('none/missing.log'),
    directory: at('directory.log'),
    '/dev/zero': '/dev/zero',
    'link to a device': at('logs/zero.log'),
    current: at('logs/current.log'),
    stolen: at('logs/stolen.log'),
    elsewhere: at('logs/elsewhere.log'),
    named: at('outside/named.log'),
    loop: at('logs/loop-a.log'),
    dangling: at('logs/dangling.log'),
    ...Object.fromEntries(fifos.map((name) => [name, at(name)])),
  };
  server = await startTestServer({
    sources: Object.entries(sources).map(([name, path]) => ({ name, path })),
    limits: { stateIntervalMs: 50, pollIntervalMs: 20 },
  });
});

describe('a configured file that cannot be read says why:', () => {
  test.each([
    ['missing', 'WAITING', 'It does not exist yet; it is read from the start once it does.'],
    ['below a missing directory', 'WAITING', 'It does not exist yet; it is read from the start once it does.'],
    ['dangling', 'WAITING', 'It does not exist yet; it is read from the start once it does.'],
    ['directory', 'UNREADABLE', 'It is a directory; only regular files can be read as logs.'],
    ['fifo 0', 'UNREADABLE', 'It is a FIFO; only regular files can be read as logs.'],
    ['/dev/zero', 'UNREADABLE', 'It is a device; only regular files can be read as logs.'],
    ['link to a device', 'UNREADABLE', 'It is a device; only regular files can be read as logs.'],
    ['loop', 'UNREADABLE', 'Its symbolic links lead in a circle.'],
    ['stolen', 'UNREADABLE', expect.stringContaining('a file that the configuration does not allow')],
  ])('%s', async (name, state, stateReason) => {
    const source = await read(server, name);
    expect(source).toMatchObject({ state, stateReason });
    expect(lines(source)).toEqual([]);
  });

  test('without permission', async () => {
    const path = at('logs/private.log');
    await writeFile(path, 'private\n', { mode: 0 });
    await chmod(directory, 0o755);
    const ours = await startTestServer({ sources: [{ name: 'private', path }] });
    const source = await asNobody(() => read(ours, 'private'));
    expect(source).toMatchObject({ state: 'UNREADABLE', stateReason: 'The server has no permission to read it.' });
    expect(lines(source)).toEqual([]);
    // Permission can be given while the server runs.
    await chmod(path, 0o644);
    expect(lines(await asNobody(() => read(ours, 'private')))).toEqual(['private']);
  });
});

describe('a symbolic link may lead', () => {
  test('to a file beside it', async () => {
    const source = await read(server, 'current');
    expect([source.state, ...lines(source)]).toEqual(['ACTIVE', 'current']);
  });

  test('to a file that the configuration names', async () => {
    const source = await read(server, 'elsewhere');
    expect([source.state, ...lines(source)]).toEqual(['ACTIVE', 'named']);
  });
});

test('FIFOs and devices do not keep the server from answering, whoever reads and follows them', async () => {
  const socket = await server.socket();
  const names = [...fifos, '/dev/zero', 'link to a device', 'directory'];
  const ids = await Promise.all(names.map((name) => server.sourceId(name)));
  for (const id of ids) socket.subscribe(tailDocument, { sources: [id], last: 10 });
  const reading = Promise.all(names.flatMap((name) => [read(server, name), read(server, name)]));
  for (let i = 0; i < 20; i++) expect((await fetch(`${server.url}/health`)).status).toBe(200);
  for (const source of await reading) expect(source.state).toBe('UNREADABLE');
  // The files of others go on.
  const tail = await follow(socket, await server.sourceId('named'));
  await writeFile(at('outside/named.log'), 'another\n', { flag: 'a' });
  expect(await tail.lines(1)).toEqual(['another']);
  await socket.close();
});

test('a missing file is told when it appears, read from its start, and told when it goes', async () => {
  const socket = await server.socket();
  const changes = socket.subscribe(`subscription {
    sourcesChanged {
      __typename
      ... on SourceStateChanged { source { name state stateReason } }
    }
  }`);
  // Once the subscription answers to a ping, the server has begun it: messages are handled in order.
  const tail = await follow(socket, await server.sourceId('missing'));
  await writeFile(at('logs/missing.log'), 'first\n');
  expect(await tail.lines(1)).toEqual(['first']);
  const change = (state: string, stateReason: unknown) => ({
    data: { sourcesChanged: { __typename: 'SourceStateChanged', source: { name: 'missing', state, stateReason } } },
  });
  expect(await socket.result(changes)).toEqual(change('ACTIVE', null));
  expect(lines(await read(server, 'missing'))).toEqual(['first']);
  await unlink(at('logs/missing.log'));
  expect(await socket.result(changes)).toEqual(change('WAITING', expect.stringContaining('does not exist')));
  await socket.close();
});

describe('a pattern', () => {
  test('stands for the files that come and go', async () => {
    const path = await freshDirectory();
    await writeFile(join(path, 'a.log'), 'a\n');
    const ours = await startTestServer({
      sources: [{ name: 'app', path: join(path, '*.log') }],
      limits: { stateIntervalMs: 50 },
    });
    const socket = await ours.socket();
    const changes = socket.subscribe(`subscription {
      sourcesChanged { __typename ... on SourceAdded { source { name } } ... on SourceRemoved { id } }
    }`);
    await follow(socket, await ours.sourceId('app/a.log'));
    await writeFile(join(path, 'b.log'), 'b\n');
    expect(await socket.result(changes)).toEqual({
      data: { sourcesChanged: { __typename: 'SourceAdded', source: { name: 'app/b.log' } } },
    });
    const id = await ours.sourceId('app/b.log');
    await unlink(join(path, 'b.log'));
    expect(await socket.result(changes)).toEqual({ data: { sourcesChanged: { __typename: 'SourceRemoved', id } } });
    expect(await ours.data('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
    await socket.close();
  });

  test('that covers the data directory gives away neither the database nor the secret', async () => {
    const path = await freshDirectory();
    await mkdir(join(path, 'logs'));
    await writeFile(join(path, 'logs/app.log'), 'app\n');
    // By a link that is allowed to be followed, if its target is.
    await symlink('../data/secret', join(path, 'logs/secret.log'));
    const sourceConfig = [
      { path: `${path}/**` },
      { name: 'database', path: `${path}/data/tailql.db` },
      { name: 'linked', path: `${path}/logs/secret.log` },
    ];
    const covered = await serve(defaultConfig({ port: 0, dataDir: `${path}/data`, sources: sourceConfig }), path);
    const { sources } = await covered.data<{
      sources: { nodes: { name: string; state: string; stateReason: string }[] };
    }>('{ sources(first: 100) { nodes { name state stateReason } } }');
    const states = Object.fromEntries(sources.nodes.map(({ name, state }) => [name.replace(`${path}/`, ''), state]));
    expect(states).toMatchObject({
      'logs/app.log': 'ACTIVE',
      linked: 'UNREADABLE',
      'data/secret': 'UNREADABLE',
      database: 'UNREADABLE',
    });
    for (const { name } of sources.nodes) {
      if (!/secret|tailql\.db|^database|^linked/.test(name)) continue;
      const source = await read(covered, name);
      expect([name, source.state, lines(source)]).toEqual([name, 'UNREADABLE', []]);
    }
  });
});
