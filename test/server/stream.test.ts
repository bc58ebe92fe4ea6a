import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decodeGlobalID } from '@pothos/plugin-relay';
import fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { databaseUrls } from '../support/databases.ts';
import { type Credentials, registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { eventOf, follow, tailDocument } from '../support/tail.ts';

const problems = '... on InvalidInputError { problems { path code } }';
const createDocument = `mutation ($input: CreateStreamInput!) { outcome: createStream(input: $input) {
  __typename ... on Error { message } ${problems} ... on CreateStreamPayload { source { id kind state format size } } } }`;
const writeDocument = `mutation ($input: WriteLogsInput!) { outcome: writeLogs(input: $input) {
  __typename ... on Error { message } ${problems} ... on WriteLogsPayload { written cursor } } }`;
const auditDocument = `mutation ($input: RecordAuditEventInput!) { outcome: recordAuditEvent(input: $input) {
  __typename ... on Error { message } ${problems}
  ... on RecordAuditEventPayload { entry { cursor timestamp level message logger action metadata } } } }`;
const clearDocument = `mutation ($id: ID!) { outcome: clearSource(id: $id) {
  __typename ... on Error { message } ... on ClearSourcePayload { source { size entries { nodes { message } } } } } }`;
const readDocument = `query ($id: ID!, $filter: LogFilter) { source(by: { id: $id }) { entries(filter: $filter, first: 1000) { nodes {
  message level timestamp raw fields ... on SystemLogEntry { logger module function line } ... on AuditLogEntry { action metadata } } } } }`;

interface Outcome {
  __typename: string;
  message?: string;
  problems?: { path: string[]; code: string }[];
  source?: { id: string };
  written?: number;
  cursor?: string;
  entry?: { cursor: string; message: string };
}
interface Entry {
  message: string;
  level: string;
  timestamp: string;
  raw: string;
  fields: Record<string, unknown>;
}

const wellFormed = (text: string): string => Buffer.from(text).toString();

describe.each(databaseUrls())('streams, on %s', (_kind, freshUrl) => {
  let server: TestServer;
  let ada: Credentials;
  let bob: Credentials;

  beforeAll(async () => {
    const limits = { streamSegmentBytes: 2000, maxBatchWrite: 100, maxRecordBytes: 10_000 };
    server = await startTestServer({ databaseUrl: await freshUrl(), auth: { registration: 'OPEN' }, limits });
    [ada, bob] = [await registered(server, 'ada'), await registered(server, 'bob')];
  });

  const ask = async <Data>(document: string, variables: object, who = ada): Promise<Data> => {
    const answer = await server.query<Data>(document, variables, { token: who.accessToken });
    if (answer.errors || !answer.data) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };
  const run = async (document: string, variables: object, who = ada) =>
    (await ask<{ outcome: Outcome }>(document, variables, who)).outcome;
  const make = async (name: string, format = 'SYSTEM_LOG', who = ada) => {
    const { source, ...outcome } = await run(createDocument, { input: { name, format } }, who);
    if (source === undefined) throw new Error(JSON.stringify(outcome));
    return source.id;
  };
  const write = (source: string, entries: object[], more: object = {}, who = ada) =>
    run(writeDocument, { input: { source, entries, ...more } }, who);
  const read = async (id: string, filter?: object, who = ada) =>
    (await ask<{ source: { entries: { nodes: Entry[] } } | null }>(readDocument, { id, filter }, who)).source?.entries
      .nodes;
  const messages = async (id: string) => (await read(id))?.map(({ message }) => message);
  const post = (name: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/streams/${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ada.accessToken}`, ...headers },
      body: new Uint8Array(Buffer.from(body)),
    });
  const numbered = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ message: `number ${from + index}` }));

  test('are made empty, written to, and read as any other log', async () => {
    expect(await run(createDocument, { input: { name: 'app' } })).toMatchObject({
      source: { kind: 'STREAM', state: 'ACTIVE', format: 'SYSTEM_LOG', size: '0' },
    });
    expect(await run(createDocument, { input: { name: 'app' } })).toMatchObject({ __typename: 'ConflictError' });
    const id = await server.sourceId('app');
    const entry = {
      timestamp: '2026-11-21T10:50:54.123Z',
      level: 'WARN',
      ...{
        logger: 'shop.cart',
        message: 'slow',
        module: 'cart.ts',
        function: 'add',
        line: 42,
        fields: { items: [1, 2] },
      },
    };
    expect(await write(id, [entry, { message: 'plain' }])).toMatchObject({ written: 2, cursor: expect.any(String) });
    expect(await read(id)).toMatchObject([
      { ...entry, fields: { items: [1, 2], logger: 'shop.cart' } },
      { message: 'plain', level: 'INFO', logger: 'root', timestamp: expect.any(String) },
    ]);
    expect(await read(id, { query: 'logger:shop items:2' })).toMatchObject([{ message: 'slow' }]);
  });

  test('of audit records say what was done', async () => {
    const id = await make('trail', 'AUDIT_LOG');
    const input = { source: id, action: 'instance_spawn', metadata: { instance: 'i-1', by: { name: 'ada' } } };
    const { entry } = await run(auditDocument, { input });
    expect(entry).toMatchObject({
      message: 'instance_spawn',
      level: 'INFO',
      action: 'instance_spawn',
      metadata: input.metadata,
    });
    expect(await read(id, { actions: ['instance_spawn'] })).toMatchObject([{ metadata: input.metadata }]);
    const { logEntry } = await ask<{ logEntry: { message: string } }>(
      'query ($cursor: Cursor!) { logEntry(cursor: $cursor) { message } }',
      { cursor: entry?.cursor },
    );
    expect(logEntry.message).toBe('instance_spawn');
  });

  test('keep to what they are for', async () => {
    const [system, audit] = [await make('system only'), await make('audit only', 'AUDIT_LOG')];
    const other = { problems: [{ path: ['source'], code: 'UNSUPPORTED' }] };
    expect(await write(audit, [{ message: 'x' }])).toMatchObject(other);
    expect(await run(auditDocument, { input: { source: system, action: 'x' } })).toMatchObject(other);
    expect(await run(createDocument, { input: { name: 'nginx', format: 'NGINX_ACCESS' } })).toMatchObject({
      problems: [{ path: ['format'], code: 'UNSUPPORTED' }],
    });
    const wrong = async (entries: object[]) => (await write(system, entries)).problems;
    expect(await wrong([])).toEqual([{ path: ['entries'], code: 'OUT_OF_RANGE' }]);
    expect(await wrong(numbered(0, 101))).toEqual([{ path: ['entries'], code: 'OUT_OF_RANGE' }]);
    expect(await wrong([{ message: 'a' }, { message: 'b', fields: { level: 'x' } }])).toEqual([
      { path: ['entries', '1', 'fields', 'level'], code: 'RESERVED_NAME' },
    ]);
    expect(await wrong([{ message: 'a', fields: [] }])).toEqual([
      { path: ['entries', '0', 'fields'], code: 'NOT_AN_OBJECT' },
    ]);
    expect((await wrong([{ message: 'x'.repeat(20_000) }]))?.[0]?.code).toBe('TOO_LONG');
    expect(await messages(system)).toEqual([]);
  });

  test('are nobody else’s to write to', async () => {
    const id = await make('own');
    const missing = await write('none', [{ message: 'x' }], {}, bob);
    expect(missing.__typename).toBe('NotFoundError');
    expect(await write(id, [{ message: 'x' }], {}, bob)).toEqual(missing);
    const share = `mutation ($input: UpdateSourceInput!) { updateSource(input: $input) { __typename } }`;
    await ask(share, { input: { id, sharedWith: { roles: ['MEMBER'] } } });
    expect(await write(id, [{ message: 'x' }], {}, bob)).toEqual(missing);
    expect(await run(clearDocument, { id }, bob)).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await read(id, undefined, bob)).toEqual([]);
  });

  test('no text can pass for a record of its own, and all of it comes back', async () => {
    const id = await make('forged');
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        'a\nb',
        '\r\n{"level":"INFO"}',
        '\u001b[31m',
        '\u2028',
        '\u2029',
        '\0',
        '\uD800',
        '\u0085',
        '\u200b',
        '"},{',
      ),
    );
    const entry = fc.record({
      message: text,
      logger: text,
      fields: fc.dictionary(fc.constantFrom('a', 'b c', '__proto__', 'é'), text),
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 5 }), async (entries) => {
        const { written, cursor } = await write(id, entries);
        expect(written).toBe(entries.length);
        count += entries.length;
        const { nodes } = (
          await ask<{ source: { entries: { nodes: Entry[] } } }>(
            `query ($id: ID!, $last: Int!) { source(by: { id: $id }) { entries(last: $last) { nodes {
              message raw fields ... on SystemLogEntry { logger } } } } }`,
            { id, last: entries.length },
          )
        ).source.entries;
        expect(cursor).toBeDefined();
        expect(nodes.length).toBe(entries.length);
        for (const [index, node] of nodes.entries()) {
          // GraphQL carries no half of a character.
          expect(wellFormed(node.message)).toBe(wellFormed(entries[index]?.message ?? ''));
          expect(/[\p{Cc}\u2028\u2029]/u.test(node.raw)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
    const { source } = await ask<{ source: { histogram: { buckets: { total: string }[] } } }>(
      'query ($id: ID!) { source(by: { id: $id }) { histogram(buckets: 1) { buckets { total } } } }',
      { id },
    );
    expect(source.histogram.buckets.reduce((sum, { total }) => sum + Number(total), 0)).toBe(count);
  });

  test('go on in another file, and are one log over all of them', async () => {
    const id = await make('rotated');
    for (let from = 0; from < 100; from += 10) await write(id, numbered(from, 10));
    const directory = join(server.config.dataDir, 'streams', decodeGlobalID(id).id);
    expect((await readdir(directory)).length).toBeGreaterThan(3);
    expect(await messages(id)).toEqual(numbered(0, 100).map(({ message }) => message));
  });

  test('fifty who write at the same time are written one after the other, each batch as a whole', async () => {
    const id = await make('crowded');
    const batches = Array.from({ length: 50 }, (_, writer) =>
      Array.from({ length: 5 }, (_, index) => ({ message: `writer ${writer} line ${index}` })),
    );
    await Promise.all(batches.map((entries) => write(id, entries)));
    const found = (await messages(id)) ?? [];
    expect(found.length).toBe(250);
    const order = Array.from({ length: 50 }, (_, index) => found.slice(5 * index, 5 * index + 5));
    expect(new Set(order.map((batch) => batch.join('|')))).toEqual(
      new Set(batches.map((batch) => batch.map(({ message }) => message).join('|'))),
    );
  });

  test('what is written under a key is written once', async () => {
    const id = await make('keyed');
    const key = { idempotencyKey: 'k1' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => write(id, numbered(0, 2), key)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await write(id, numbered(1, 2), key)).toMatchObject({ __typename: 'ConflictError' });
    await write(id, numbered(2, 40), { idempotencyKey: 'k2' });
    // By now the file has another name.
    await write(id, numbered(42, 40));
    expect(await write(id, numbered(0, 2), key)).toMatchObject({ written: 2 });
    expect(await messages(id)).toEqual(numbered(0, 82).map(({ message }) => message));
    expect((await write(id, [{ message: 'x' }], { idempotencyKey: '' })).problems).toEqual([
      { path: ['idempotencyKey'], code: 'OUT_OF_RANGE' },
    ]);
  });

  test('a tail goes on at the cursor of a writing, live, over system and audit records side by side', async () => {
    const [system, audit] = [await make('dual system'), await make('dual audit', 'AUDIT_LOG')];
    const { cursor } = await write(system, numbered(0, 3));
    await write(system, numbered(3, 2));
    const socket = await server.socket({ token: ada.accessToken });
    onTestFinished(() => socket.close());
    const operation = socket.subscribe(tailDocument, { sources: [system], after: cursor });
    const batch = eventOf(await socket.result(operation));
    expect(batch.entries?.map(({ raw }) => JSON.parse(raw).message)).toEqual(['number 3', 'number 4']);
    const both = await follow(socket, system, audit);
    await write(system, numbered(5, 1));
    await run(auditDocument, { input: { source: audit, action: 'state_change' } });
    await write(system, numbered(6, 30));
    const raw = await both.lines(32);
    const told = raw.map((line) => JSON.parse(line).message);
    expect(told.filter((message) => message !== 'state_change')).toEqual(numbered(5, 31).map(({ message }) => message));
    expect(told).toContain('state_change');
  });

  test('are emptied on purpose, of which a reader that comes back is told', async () => {
    const id = await make('cleared');
    const { cursor } = await write(id, numbered(0, 5));
    await write(id, numbered(5, 5));
    expect(await run(clearDocument, { id })).toMatchObject({ source: { size: '0', entries: { nodes: [] } } });
    await write(id, numbered(10, 2));
    expect(await messages(id)).toEqual(['number 10', 'number 11']);
    const socket = await server.socket({ token: ada.accessToken });
    onTestFinished(() => socket.close());
    const document = `subscription ($id: ID!, $after: Cursor) { logTail(sources: [$id], after: $after) { __typename
      ... on LogGap { reason } ... on LogBatch { entries { message } } } }`;
    const operation = socket.subscribe(document, { id, after: cursor });
    const event = async () => (await socket.result(operation)).data?.logTail;
    expect(await event()).toEqual({ __typename: 'LogGap', reason: 'CLEARED' });
    expect(await event()).toMatchObject({ entries: [{ message: 'number 10' }, { message: 'number 11' }] });
    const upload =
      'mutation { createUpload(input: { name: "x.log", size: 4 }) { ... on CreateUploadPayload { source { id } } } }';
    const { createUpload } = await ask<{ createUpload: { source: { id: string } } }>(upload, {});
    expect(await run(clearDocument, { id: createUpload.source.id })).toMatchObject({ __typename: 'ConflictError' });
  });

  test('are removed with their files', async () => {
    const id = await make('removed');
    await write(id, numbered(0, 1));
    await ask('mutation ($id: ID!) { deleteSource(id: $id) { __typename } }', { id });
    expect(await readdir(join(server.config.dataDir, 'streams'))).not.toContain(decodeGlobalID(id).id);
    expect((await write(id, numbered(0, 1))).__typename).toBe('NotFoundError');
  });

  describe('by POST of JSON lines', () => {
    test('are written to, and what cannot be used is told line by line', async () => {
      const id = await make('posted');
      const lines = [
        '{"message":"one","level":"ERROR","extra":{"a":1}}',
        '',
        'no json',
        '[1]',
        '{"msg":"x"}',
        '{"message":"two"}',
      ];
      const response = await post('posted', lines.join('\r\n'));
      expect([response.status, await response.json()]).toEqual([
        200,
        {
          written: 2,
          failed: 3,
          problems: [
            expect.objectContaining({ line: 3, code: 'NOT_JSON' }),
            expect.objectContaining({ line: 4, code: 'NOT_AN_OBJECT' }),
            expect.objectContaining({ line: 5, code: 'MISSING', path: ['message'] }),
          ],
        },
      ]);
      expect(await read(id)).toMatchObject([
        { message: 'one', level: 'ERROR', fields: { extra: { a: 1 } } },
        { message: 'two' },
      ]);
    });

    test('take any number of records, gzipped as well', async () => {
      const id = await make('many');
      const text = numbered(0, 950)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join('');
      const response = await post('many', gzipSync(text), { 'content-encoding': 'gzip' });
      expect(await response.json()).toEqual({ written: 950, failed: 0, problems: [] });
      expect(await messages(id)).toEqual(numbered(0, 950).map(({ message }) => message));
      const damaged = await post('many', gzipSync(text).subarray(0, 500), { 'content-encoding': 'gzip' });
      expect(damaged.status).toBe(400);
    });

    test('lines that are too long are told, however they come', async () => {
      const id = await make('long');
      const response = await post('long', `{"message":"${'x'.repeat(50_000)}"}\n{"message":"short"}\n`);
      expect(await response.json()).toMatchObject({ written: 1, failed: 1, problems: [{ line: 1, code: 'TOO_LONG' }] });
      expect(await messages(id)).toEqual(['short']);
    });

    test('are refused to others, and by other names', async () => {
      await make('refused');
      const asBob = await post('refused', '{"message":"x"}', { authorization: `Bearer ${bob.accessToken}` });
      expect(asBob.status).toBe(404);
      expect((await post('none', '{}')).status).toBe(404);
      expect((await post('refused', '{}', { authorization: '' })).status).toBe(401);
      expect((await fetch(`${server.url}/streams/refused`)).status).toBe(405);
    });
  });
});
