import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startS3 } from '../storage/s3.ts';
import { databaseUrls } from '../support/databases.ts';
import { type Credentials, registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { eventOf, follow, tailDocument } from '../support/tail.ts';

const createDocument = `mutation ($input: CreateUploadInput!) { outcome: createUpload(input: $input) {
  __typename ... on Error { message } ... on InvalidInputError { problems { path code } } ... on LimitReachedError { limit }
  ... on CreateUploadPayload { uploadUrl method headers { name value } expiresAt source { id state stateReason } } } }`;
const readDocument = `query ($id: ID!, $filter: LogFilter) { source(by: { id: $id }) {
  kind state stateReason format size segments { name compressed } entries(filter: $filter) { nodes { message } } } }`;

interface Outcome {
  __typename: string;
  message?: string;
  problems?: { path: string[]; code: string }[];
  uploadUrl?: string;
  source?: { id: string; state: string };
}
interface Read {
  kind: string;
  state: string;
  stateReason: string | null;
  format: string;
  size: string;
  segments: { name: string; compressed: boolean }[];
  entries: { nodes: { message: string }[] };
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `INFO line ${index}\n`).join('');

const { directory: s3Directory, ...s3 } = await startS3();
const places = databaseUrls().flatMap(([database, freshUrl]) => [
  { database, freshUrl, keptOn: 'a disk', storage: {} },
  { database, freshUrl, keptOn: 'an object store', storage: { s3: { ...s3, prefix: `${database}/` } } },
]);

describe.each(places)('uploads, on $database, kept on $keptOn', ({ freshUrl, storage, keptOn }) => {
  let server: TestServer;
  let ada: Credentials;
  let bob: Credentials;
  const limits = { maxUploadBytes: 1_000_000, maxUploadedBytesPerUser: 3_000_000 };

  beforeAll(async () => {
    const auth = { registration: 'OPEN' as const };
    server = await startTestServer({ databaseUrl: await freshUrl(), auth, limits, storage });
    [ada, bob] = [await registered(server, 'ada'), await registered(server, 'bob')];
  });

  const ask = async <Data>(document: string, variables: object, who = ada): Promise<Data> => {
    const answer = await server.query<Data>(document, variables, { token: who.accessToken });
    if (answer.errors || !answer.data) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };
  const create = async (name: string, size: number, who = ada) =>
    (await ask<{ outcome: Outcome }>(createDocument, { input: { name, size } }, who)).outcome;
  const ticket = async (name: string, size: number, who = ada) => {
    const { uploadUrl: url, source, ...outcome } = await create(name, size, who);
    if (url === undefined || source === undefined) throw new Error(JSON.stringify(outcome));
    return { url, id: source.id };
  };
  const send = (url: string, body: string | Buffer) =>
    fetch(url, { method: 'PUT', body: new Uint8Array(Buffer.from(body)) });
  const read = async (id: string, who = ada, filter?: object) =>
    (await ask<{ source: Read | null }>(readDocument, { id, filter }, who)).source;
  /** Names of what is kept, whole or in part. */
  const stored = async () => {
    const directory = keptOn === 'a disk' ? `${server.config.dataDir}/uploads` : s3Directory;
    const names = await readdir(directory, { recursive: true });
    return names.filter((name) => (keptOn === 'a disk' ? name.includes('.log') : name.endsWith('_S3rver_object')));
  };

  test('are announced, sent, and read as any other log', async () => {
    const text = lines(500);
    const { url, id } = await ticket('app.log', text.length);
    expect(await read(id)).toMatchObject({ kind: 'UPLOAD', state: 'UPLOADING', entries: { nodes: [] } });
    const response = await send(url, text);
    expect([response.status, await response.json()]).toEqual([201, { name: 'app.log' }]);
    expect(await read(id, ada, { contains: 'line 499' })).toMatchObject({
      state: 'ACTIVE',
      stateReason: null,
      size: `${text.length}`,
      segments: [{ compressed: false }],
      entries: { nodes: [{ message: expect.stringContaining('line 499') }] },
    });
    const socket = await server.socket({ token: ada.accessToken });
    onTestFinished(() => socket.close());
    await follow(socket, id);
    const { source } = await ask<{ source: { download: { url: string } } }>(
      'query ($id: ID!) { source(by: { id: $id }) { download { url } } }',
      { id },
    );
    expect(await (await fetch(source.download.url)).text()).toBe(text);
  });

  test('are whole: the last line is one, also without its line end, and in the moment it came', async () => {
    const text = `${lines(3)}INFO the last`;
    const { url, id } = await ticket('cut.log', text.length);
    const socket = await server.socket({ token: ada.accessToken });
    onTestFinished(() => socket.close());
    await send(url, text);
    const messages = (await read(id))?.entries.nodes.map(({ message }) => message);
    expect(messages).toEqual(['INFO line 0', 'INFO line 1', 'INFO line 2', 'INFO the last']);
    expect((await read(id, ada, { contains: 'last' }))?.entries.nodes).toHaveLength(1);
    const tail = socket.subscribe(tailDocument, { sources: [id], last: 2 });
    const events = [eventOf(await socket.result(tail)), eventOf(await socket.result(tail))];
    expect(events.map(({ __typename }) => __typename)).toEqual(['LogBatch', 'LogCaughtUp']);
    expect(events[0]?.entries?.map(({ raw }) => raw)).toEqual(['INFO line 2', 'INFO the last']);
    socket.complete(tail);
    const again = socket.subscribe(tailDocument, { sources: [id], after: events[0]?.entries?.[0]?.cursor });
    expect(eventOf(await socket.result(again)).entries?.map(({ raw }) => raw)).toEqual(['INFO the last']);
  });

  // From an object store they are fetched for whoever asks by then.
  if (keptOn === 'a disk') {
    test('come to whoever has waited for them, to their last line', async () => {
      const text = `${lines(3)}INFO the last`;
      const { url, id } = await ticket('awaited.log', text.length);
      const socket = await server.socket({ token: ada.accessToken });
      onTestFinished(() => socket.close());
      const tail = await follow(socket, id);
      await send(url, text);
      expect(await tail.lines(4)).toEqual(['INFO line 0', 'INFO line 1', 'INFO line 2', 'INFO the last']);
    });
  }

  test('compressed with gzip are read unpacked, whatever they are called', async () => {
    const bytes = gzipSync(lines(100));
    const { url, id } = await ticket('packed.txt', bytes.length);
    expect((await send(url, bytes)).status).toBe(201);
    const source = await read(id);
    expect(source?.entries.nodes.length).toBe(50);
    expect(source?.segments).toEqual([{ name: expect.any(String), compressed: true }]);
  });

  test('in UTF-16 are text', async () => {
    const bytes = Buffer.from(`\ufeff${lines(3)}`, 'utf16le');
    const { url, id } = await ticket('windows.txt', bytes.length);
    expect((await send(url, bytes)).status).toBe(201);
    expect((await read(id))?.entries.nodes.length).toBe(3);
  });

  test.each([
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d4948445200000010000000100806000000', 'hex')],
    ['a program', Buffer.from('7f454c46020101000000000000000000020003000100000000000000', 'hex')],
    ['zeros in gzip', gzipSync(Buffer.from(Array.from({ length: 999 }, (_, index) => index % 7)))],
    ['damaged gzip', Buffer.from('1f8b0800ffffffffffffffffffff', 'hex')],
  ])('refuse %s, whatever it is called', async (what, bytes) => {
    const { url, id } = await ticket(`${what}.log`, bytes.length);
    const response = await send(url, bytes);
    expect(response.status).toBe(415);
    const { error } = (await response.json()) as { error: string };
    expect(await read(id)).toMatchObject({ state: 'FAILED', stateReason: error });
    expect((await stored()).filter((name) => name.startsWith('.') || name.includes('.part'))).toEqual([]);
  });

  test('refuse names and sizes that cannot be', async () => {
    expect(await create('run.exe', 5)).toMatchObject({ problems: [{ path: ['name'], code: 'UNSUPPORTED' }] });
    expect(await create('a\nb.log', 5)).toMatchObject({ problems: [{ path: ['name'], code: 'INVALID_NAME' }] });
    expect(await create('empty.log', 0)).toMatchObject({ problems: [{ path: ['size'], code: 'OUT_OF_RANGE' }] });
    expect(await create('large.log', 1_000_001)).toMatchObject({ __typename: 'LimitReachedError', limit: '1000000' });
    await ticket('once.log', 5);
    expect(await create('once.log', 5)).toMatchObject({ __typename: 'ConflictError' });
    await ticket('once.log', 5, bob);
  });

  test('take exactly what was announced, once', async () => {
    const { url, id } = await ticket('exact.log', 10);
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(url, 'abcdefghi\n')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
    expect((await read(id))?.entries.nodes).toEqual([{ message: 'abcdefghi' }]);
    const short = await ticket('short.log', 10);
    expect((await send(short.url, 'abc\n')).status).toBe(400);
    expect(await read(short.id)).toMatchObject({ state: 'FAILED' });
    const long = await ticket('long.log', 10);
    expect((await send(long.url, lines(10))).status).toBe(413);
    // What failed gives way to another try, and does not count.
    expect((await send((await ticket('long.log', 4)).url, 'abc\n')).status).toBe(201);
  });

  test('whose sender says nothing of the length are cut as soon as more comes', async () => {
    const { url, id } = await ticket('chunked.log', 100_000);
    const chunk = 'x'.repeat(9999).concat('\n');
    let sent = 0;
    const status = await new Promise<number>((resolve, reject) => {
      const outgoing = httpRequest(url, { method: 'PUT' }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      // It is cut off in the end.
      outgoing.on('error', reject);
      const write = () => {
        while (!outgoing.destroyed && outgoing.write(chunk)) sent += chunk.length;
        sent += chunk.length;
        if (sent < 50_000_000) outgoing.once('drain', write);
      };
      write();
    });
    expect(status).toBe(413);
    expect(sent).toBeLessThan(50_000_000);
    expect(await read(id)).toMatchObject({ state: 'FAILED' });
    await vi.waitFor(async () => expect((await stored()).join()).not.toContain('.part'));
  });

  test('whose sender goes away leave nothing', async () => {
    const before = await stored();
    const { url, id } = await ticket('gone.log', 500_000);
    const outgoing = httpRequest(url, { method: 'PUT', headers: { 'content-length': 500_000 } });
    outgoing.on('error', () => {});
    await new Promise((resolve) => outgoing.write(lines(10_000), resolve));
    outgoing.destroy();
    await vi.waitFor(async () => expect((await read(id))?.state).toBe('FAILED'));
    expect(await stored()).toEqual(before);
  });

  test('are nobody else’s, and their links are good for nothing else', async () => {
    const { url, id } = await ticket('mine.log', 4);
    expect(await read(id, bob)).toBeNull();
    for (const token of ['', 'x'.repeat(9000), ada.accessToken]) {
      expect((await fetch(`${server.url}/upload?token=${token}`, { method: 'PUT', body: 'abc\n' })).status).toBe(401);
    }
    const { searchParams } = new URL(url);
    const bearer = await server.query('{ me { username } }', {}, { token: searchParams.get('token') });
    expect(bearer.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    expect((await fetch(`${server.url}/download?${searchParams}`)).status).toBe(401);
    await ask('mutation ($id: ID!) { deleteSource(id: $id) { __typename } }', { id });
    expect((await send(url, 'abc\n')).status).toBe(404);
  });

  test('are removed with their bytes', async () => {
    const { url, id } = await ticket('removed.log', 4);
    await send(url, 'abc\n');
    const before = await stored();
    await ask('mutation ($id: ID!) { deleteSource(id: $id) { __typename } }', { id });
    expect((await stored()).length).toBe(before.length - 1);
    expect(await read(id)).toBeNull();
  });

  test('that fifty people’s worth of requests announce at once stay within what one may have', async () => {
    const eve = await registered(server, 'eve');
    const tries = Array.from({ length: 50 }, (_, index) => create(`many-${index}.log`, 100_000, eve));
    const outcomes = (await Promise.all(tries)).map(({ __typename }) => __typename);
    expect(outcomes.filter((name) => name === 'CreateUploadPayload').length).toBe(30);
    expect(outcomes.filter((name) => name === 'LimitReachedError').length).toBe(20);
  });

  test('are told to their owner as they come', async () => {
    const socket = await server.socket({ token: ada.accessToken });
    onTestFinished(() => socket.close());
    const operation = socket.subscribe(`subscription { sourcesChanged { __typename
      ... on SourceAdded { source { name state } } ... on SourceStateChanged { source { name state } }
      ... on SourceRemoved { id } } }`);
    await socket.query('{ me { username } }');
    const { url } = await ticket('told.log', 4);
    const event = async () => (await socket.result(operation)).data?.sourcesChanged;
    expect(await event()).toEqual({ __typename: 'SourceAdded', source: { name: 'told.log', state: 'UPLOADING' } });
    await send(url, 'abc\n');
    expect(await event()).toEqual({ __typename: 'SourceStateChanged', source: { name: 'told.log', state: 'ACTIVE' } });
    const failed = await ticket('replaced.log', 4);
    await event();
    await send(failed.url, 'abcdef\n');
    await event();
    await ticket('replaced.log', 4);
    expect(await event()).toEqual({ __typename: 'SourceRemoved', id: failed.id });
    expect(await event()).toMatchObject({ __typename: 'SourceAdded', source: { name: 'replaced.log' } });
  });
});
