import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { expect, test } from 'vitest';
import { ServerProcess } from '../rotation/server-process.ts';
import { type Head, verifyFiles } from '../support/audit-files.ts';
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
    async make(name: string, format = 'SYSTEM_LOG'): Promise<string> {
      const document = `mutation ($name: String!, $format: LogFormat!) { createStream(input: { name: $name, format: $format }) {
        ... on CreateStreamPayload { source { id } } } }`;
      return (await ask(document, { name, format })).createStream.source.id;
    },
    async write(source: string, message: string, key?: string): Promise<{ written?: number; message?: string }> {
      const document = `mutation ($source: ID!, $message: String!, $key: String) {
        writeLogs(input: { source: $source, entries: [{ message: $message }], idempotencyKey: $key }) {
          ... on WriteLogsPayload { written } ... on Error { message } ... on LimitReachedError { retryAfterMs } } }`;
      return (await ask(document, { source, message, key })).writeLogs;
    },
    async record(source: string, message: string, key: string): Promise<{ entry?: { message: string } }> {
      const document = `mutation ($source: ID!, $message: String!, $key: String) { recordAuditEvent(
        input: { source: $source, action: "state_change", message: $message, idempotencyKey: $key }) {
          ... on RecordAuditEventPayload { entry { message } } } }`;
      return (await ask(document, { source, message, key })).recordAuditEvent;
    },
    /** As the API answers it. */
    async head(id: string): Promise<Head | null> {
      const document =
        'query ($id: ID!) { source(by: { id: $id }) { auditHead { sequence hash signedAt signature publicKey } } }';
      return (await ask(document, { id })).source.auditHead;
    },
    async verification(id: string, head: Head | null): Promise<object> {
      const document = `query ($id: ID!, $head: AuditHeadInput) { source(by: { id: $id }) {
        auditVerification(head: $head) { intact complete problems { sequence message } } } }`;
      return (await ask(document, { id, head })).source.auditVerification;
    },
    /** Files of a stream, oldest first. */
    files(id: string): string[] {
      const own = join(directory, decodeGlobalID(id).id);
      return readdirSync(own)
        .sort()
        .map((name) => join(own, name));
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

const intact = { intact: true, complete: true, problems: [] };

test(`a server that is killed ${kills} times has every acknowledged record once, no half of one, and its audit trail is whole`, {
  timeout: 30_000 + 20_000 * kills,
}, async () => {
  const { server, start, make, write, record, messages, head, verification, files } = await prepare();
  await start();
  const [system, trail] = [await make('killed'), await make('trail', 'AUDIT_LOG')];
  const streams = [
    { id: system, send: async (text: string, key: string) => (await write(system, text, key)).written === 1 },
    { id: trail, send: async (text: string, key: string) => (await record(trail, text, key)).entry?.message === text },
  ].map((stream) => ({ ...stream, acknowledged: [] as string[] }));
  const headFile = join(await temporaryDirectory(), 'head.json');
  let kept: Head | null = null;
  let number = 0;
  for (let kill = 0; kill < kills; kill++) {
    let isOver = false;
    // Each writes what it did not get an answer for again, under the same key, when the server is back.
    const writers = streams.flatMap(({ send, acknowledged }) =>
      Array.from({ length: 4 }, async () => {
        while (!isOver) {
          const text = `record ${number++} ${'x'.repeat(number % 5000)}`;
          while (!(await send(text, `key ${text.slice(0, 20)}`).catch(() => false))) await sleep(20);
          acknowledged.push(text);
        }
      }),
    );
    // Heads of any moment: what they were signed for has to be there.
    const watching = (async () => {
      while (!isOver) kept = (await head(trail).catch(() => null)) ?? kept;
    })();
    await sleep(50 + 37 * (kill % 10));
    isOver = true;
    await server.kill();
    await watching;
    if (kept !== null) {
      writeFileSync(headFile, JSON.stringify(kept));
      const { status, output } = verifyFiles(...files(trail), '--head', headFile, '--stream', decodeGlobalID(trail).id);
      expect([status, output]).toEqual([0, expect.stringContaining('intact')]);
    }
    await start();
    expect(await verification(trail, kept)).toEqual(intact);
    await Promise.all(writers);
    expect(await verification(trail, kept)).toEqual(intact);
  }
  expect(kept).not.toBeNull();
  for (const { id, acknowledged } of streams) {
    const found = await messages(id);
    expect(found.length).toBe(new Set(found).size);
    expect([...found].sort()).toEqual([...acknowledged].sort());
    // A torn line would be gone from what is read, but not from the file.
    for (const line of files(id).flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1)))
      expect(JSON.parse(line)).toHaveProperty('message');
  }
});

test('half a record that a killed server left in the file of a day is no part of the audit trail that goes on', async () => {
  const { server, start, make, record, messages, head, verification, files } = await prepare();
  await start();
  const trail = await make('trail', 'AUDIT_LOG');
  await record(trail, 'yesterday', 'key 1');
  const kept = await head(trail);
  await server.kill();
  const [today = ''] = files(trail);
  const yesterday = today.replace(/\d{8}\.jsonl$/, '20251124.jsonl');
  renameSync(today, yesterday);
  appendFileSync(yesterday, '{"timestamp":"2025-11-24T23:59:59.999Z","le');
  const { status, output } = verifyFiles(yesterday);
  expect([status, output]).toEqual([0, expect.stringMatching(/ends within a record.*\n1 records, intact/)]);
  await start();
  expect(await verification(trail, kept)).toEqual(intact);
  await record(trail, 'today', 'key 2');
  expect(await verification(trail, kept)).toEqual(intact);
  expect(await messages(trail)).toEqual(['yesterday', 'today']);
  expect(verifyFiles(...files(trail)).output).toMatch(/^2 records, intact/);
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
