import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ServerProcess } from '../rotation/server-process.ts';
import { temporaryDirectory } from '../support/engine.ts';

const kills = Number(process.env.TAILQL_TEST_KILLS ?? 5);

interface Page {
  nodes: { raw: string; message: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

/** A server of its own, and what can be asked of it. */
async function prepare() {
  const dataDir = join(await temporaryDirectory(), 'data');
  const directory = join(dataDir, 'streams');
  mkdirSync(directory, { recursive: true });
  const server = await ServerProcess.prepare(dataDir, []);
  let base = '';
  const ask = async (query: string, variables: object = {}) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.token}` };
    const response = await fetch(`${base}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  return {
    server,
    directory,
    ask,
    async start(wrapper: string[] = []) {
      base = await server.start(wrapper);
    },
    async make(name: string): Promise<string> {
      const document =
        'mutation ($name: String!) { createStream(input: { name: $name }) { ... on CreateStreamPayload { source { id } } } }';
      return (await ask(document, { name })).createStream.source.id;
    },
    async write(source: string, message: string, key?: string): Promise<{ written?: number; message?: string }> {
      const document = `mutation ($source: ID!, $message: String!, $key: String) {
        writeLogs(input: { source: $source, entries: [{ message: $message }], idempotencyKey: $key }) {
          ... on WriteLogsPayload { written } ... on Error { message } ... on LimitReachedError { retryAfterMs } } }`;
      return (await ask(document, { source, message, key })).writeLogs;
    },
    async messages(id: string): Promise<string[]> {
      const found: string[] = [];
      for (let after: string | null = null; ; ) {
        const document = `query ($id: ID!, $after: Cursor) { source(by: { id: $id }) { entries(first: 1000, after: $after) {
          nodes { raw message } pageInfo { hasNextPage endCursor } } } }`;
        const { nodes, pageInfo }: Page = (await ask(document, { id, after })).source.entries;
        for (const { raw, message } of nodes) {
          expect(JSON.parse(raw)).toMatchObject({ message });
          found.push(message);
        }
        if (!pageInfo.hasNextPage) return found;
        after = pageInfo.endCursor;
      }
    },
  };
}

test(`a server that is killed ${kills} times has every acknowledged record once, and no half of one`, {
  timeout: 30_000 + 20_000 * kills,
}, async () => {
  const { server, start, make, write, messages } = await prepare();
  await start();
  const id = await make('killed');
  const acknowledged: string[] = [];
  let number = 0;
  for (let kill = 0; kill < kills; kill++) {
    let isOver = false;
    // Each writes what it did not get an answer for again, under the same key, when the server is back.
    const writers = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const message = `record ${number++} ${'x'.repeat(number % 5000)}`;
        for (let isWritten = false; !isWritten; ) {
          isWritten = await write(id, message, `key ${message.slice(0, 20)}`).then(
            ({ written }) => written === 1,
            () => false,
          );
          if (!isWritten) await sleep(20);
        }
        acknowledged.push(message);
      }
    });
    await sleep(50 + 37 * (kill % 10));
    await server.kill();
    isOver = true;
    await start();
    await Promise.all(writers);
  }
  const found = await messages(id);
  expect(found.length).toBe(new Set(found).size);
  expect([...found].sort()).toEqual([...acknowledged].sort());
});

// Skipped, and said so, where no file system can be mounted. In CI that is a failure.
const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!mayMount && process.env.CI === 'true') throw new Error('CI must not skip the test of a full disk.');
if (!mayMount) process.stderr.write('Skipping the test of a full disk: no file system can be mounted.\n');

test.skipIf(!mayMount)(
  'a disk that is full is told, loses nothing that was acknowledged, and can be read',
  {
    timeout: 60_000,
  },
  async () => {
    const { start, make, write, messages, directory, ask } = await prepare();
    const script = 'directory=$1; shift; mount -t tmpfs -o size=1m none "$directory" && exec "$@"';
    await start(['unshare', '-rm', 'sh', '-c', script, 'sh', directory]);
    const [id, other] = [await make('full'), await make('other')];
    const acknowledged: string[] = [];
    for (let number = 0; ; number++) {
      const message = `${number} ${'x'.repeat(100_000)}`;
      const outcome = await write(id, message);
      if (outcome.written !== 1) {
        expect(outcome).toMatchObject({
          message: expect.stringContaining('disk of the server is full'),
          retryAfterMs: 5000,
        });
        break;
      }
      acknowledged.push(message);
    }
    expect(acknowledged.length).toBeGreaterThan(5);
    expect(await messages(id)).toEqual(acknowledged);
    await ask('mutation ($id: ID!) { deleteSource(id: $id) { __typename } }', { id });
    expect(await write(other, 'there is room again')).toEqual({ written: 1 });
    expect(await messages(other)).toEqual(['there is room again']);
  },
);
