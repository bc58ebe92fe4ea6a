import { decodeGlobalID } from '@pothos/plugin-relay';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase, type PrismaClient } from '../../src/db/client.ts';
import { databaseUrls } from '../support/databases.ts';
import { type Credentials, registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { streamOf } from '../support/stream.ts';
import { follow } from '../support/tail.ts';

const updateDocument = `mutation ($input: UpdateSourceInput!) { outcome: updateSource(input: $input) {
  __typename ... on Error { message } ... on InvalidInputError { problems { path code } }
  ... on UpdateSourcePayload { source { name timezone sharedWith { roles users { username } } } } } }`;
const deleteDocument = `mutation ($id: ID!) { outcome: deleteSource(id: $id) {
  __typename ... on Error { message } ... on DeleteSourcePayload { deletedId source { id name kind } } } }`;
const readDocument =
  'query ($id: ID!) { source(by: { id: $id }) { name state format size sharedWith { roles } entries { nodes { message } } } }';

interface Outcome {
  __typename: string;
  message?: string;
  problems?: { path: string[]; code: string }[];
  source?: { name: string; timezone: string; sharedWith: { roles: string[]; users: { username: string }[] } | null };
}
interface Read {
  source: { name: string; sharedWith: { roles: string[] } | null; entries: { nodes: { message: string }[] } } | null;
}

describe.each(databaseUrls())('sources that people own, on %s', (_kind, freshUrl) => {
  let server: TestServer;
  let client: PrismaClient;
  let ada: Credentials;
  let bob: Credentials;
  let eve: Credentials;

  beforeAll(async () => {
    server = await startTestServer({
      databaseUrl: await freshUrl(),
      auth: { registration: 'OPEN' },
      files: { 'for-all.log': 'a\n', 'for-carol.log': 'b\n', 'for-none.log': 'c\n' },
    });
    const database = await openDatabase(server.config.databaseUrl);
    client = database.client;
    [ada, bob, eve] = [
      await registered(server, 'ada'),
      await registered(server, 'bob'),
      await registered(server, 'eve'),
    ];
    return () => database.close();
  });

  const stream = (owner: Credentials, name: string) =>
    streamOf(server, client, { ownerId: decodeGlobalID(owner.user.id).id, name });
  const ask = async <Data>(who: Credentials | null, document: string, variables: object): Promise<Data> => {
    const answer = await server.query<Data>(document, variables, { token: who?.accessToken ?? server.token });
    if (answer.errors || !answer.data) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };
  const update = async (who: Credentials | null, input: object) =>
    (await ask<{ outcome: Outcome }>(who, updateDocument, { input })).outcome;
  const remove = async (who: Credentials | null, id: string) =>
    (await ask<{ outcome: Outcome }>(who, deleteDocument, { id })).outcome;
  const read = async (who: Credentials | null, id: string) => (await ask<Read>(who, readDocument, { id })).source;
  const lines = async (who: Credentials | null, id: string) =>
    (await read(who, id))?.entries.nodes.map(({ message }) => message) ?? null;

  test('are there for their owner and for administrators, and for nobody else', async () => {
    const { globalId: id, append } = await stream(ada, 'private');
    await append('one', 'two');
    expect(await lines(ada, id)).toEqual(['one', 'two']);
    expect(await lines(null, id)).toEqual(['one', 'two']);
    expect(await lines(bob, id)).toBeNull();
    for (const [outcome] of [[await update(bob, { id, name: 'x' })], [await remove(bob, id)]]) {
      expect(outcome).toMatchObject({ __typename: 'NotFoundError' });
    }
    expect(await update(bob, { id: 'none' })).toEqual(await update(bob, { id }));
    expect((await read(ada, id))?.name).toBe('private');
  });

  test('are shared with people and with roles, to be read and no more', async () => {
    const { globalId: id, append } = await stream(ada, 'shared');
    await append('one');
    const sharedWith = { users: [bob.user.id] };
    expect(await update(ada, { id, sharedWith })).toMatchObject({
      source: { sharedWith: { roles: [], users: [{ username: 'bob' }] } },
    });
    expect(await lines(bob, id)).toEqual(['one']);
    expect(await lines(eve, id)).toBeNull();
    expect((await read(bob, id))?.sharedWith).toBeNull();
    await client.user.updateMany({ where: { username: 'ada' }, data: { email: 'ada@example.com' } });
    const owner = async (who: Credentials | null) =>
      (
        await ask<{ source: { owner: object } }>(
          who,
          'query ($id: ID!) { source(by: { id: $id }) { owner { username email } } }',
          { id },
        )
      ).source.owner;
    expect(await owner(bob)).toEqual({ username: 'ada', email: null });
    for (const who of [ada, null]) expect(await owner(who)).toEqual({ username: 'ada', email: 'ada@example.com' });
    expect(await update(bob, { id, name: 'mine' })).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await remove(bob, id)).toMatchObject({ __typename: 'ForbiddenError' });
    await update(ada, { id, sharedWith: { roles: ['MEMBER'] } });
    expect(await lines(eve, id)).toEqual(['one']);
    await update(ada, { id, name: 'renamed' });
    expect((await read(eve, id))?.name).toBe('renamed');
    await update(ada, { id, sharedWith: null });
    expect([await lines(bob, id), await lines(eve, id)]).toEqual([null, null]);
  });

  test('are lists and counts of what one may see', async () => {
    const { globalId: id } = await stream(eve, 'listed');
    const list = async (who: Credentials | null) => {
      const document = '{ sources(nameContains: "listed") { totalCount nodes { id state size segments { name } } } }';
      return (await ask<{ sources: { totalCount: number; nodes: { id: string }[] } }>(who, document, {})).sources;
    };
    expect(await list(bob)).toEqual({ totalCount: 0, nodes: [] });
    await update(eve, { id, sharedWith: { users: [bob.user.id] } });
    for (const who of [bob, eve, null]) expect(await list(who)).toMatchObject({ totalCount: 1, nodes: [{ id }] });
  });

  test('one of a name is found by it: mine first, then what is shared with me', async () => {
    const [theirs, mine] = [await stream(ada, 'same'), await stream(bob, 'same')];
    await update(ada, { id: theirs.globalId, sharedWith: { roles: ['MEMBER'] } });
    const find = async (who: Credentials) =>
      (await ask<{ source: { id: string } }>(who, '{ source(by: { name: "same" }) { id } }', {})).source.id;
    expect(await find(bob)).toBe(mine.globalId);
    expect(await find(eve)).toBe(theirs.globalId);
    expect(await find(ada)).toBe(theirs.globalId);
  });

  test('refuse what they cannot become, and say why', async () => {
    const { globalId: id } = await stream(ada, 'checked');
    await stream(ada, 'taken');
    expect(await update(ada, { id, name: 'taken' })).toMatchObject({ __typename: 'ConflictError' });
    const problems = async (input: object) => (await update(ada, { id, ...input })).problems;
    expect(await problems({ name: ' ' })).toEqual([{ path: ['name'], code: 'INVALID_NAME' }]);
    expect(await problems({ name: 'a\u0000b' })).toEqual([{ path: ['name'], code: 'INVALID_NAME' }]);
    expect(await problems({ timezone: 'Mars/Base', format: 'SYSLOG' })).toEqual([
      { path: ['format'], code: 'UNSUPPORTED' },
      { path: ['timezone'], code: 'UNKNOWN' },
    ]);
    expect(await problems({ retention: { maxAgeDays: 0 } })).toEqual([
      { path: ['retention', 'maxAgeDays'], code: 'OUT_OF_RANGE' },
    ]);
    expect(await problems({ retention: { maxBytes: `1${'0'.repeat(30)}` } })).toEqual([
      { path: ['retention', 'maxBytes'], code: 'OUT_OF_RANGE' },
    ]);
    expect(await problems({ sharedWith: { users: ['nobody'] } })).toEqual([
      { path: ['sharedWith', 'users'], code: 'UNKNOWN' },
    ]);
    // What was asked before does not hold any longer.
    await read(ada, id);
    expect(await update(ada, { id, timezone: 'Europe/Paris', retention: { maxAgeDays: 7 } })).toMatchObject({
      source: { name: 'checked', timezone: 'Europe/Paris', sharedWith: { roles: [], users: [] } },
    });
  });

  test('of the configuration are changed there alone', async () => {
    const id = await server.sourceId('for-none.log');
    expect(await update(null, { id, name: 'mine' })).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await remove(null, id)).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await remove(ada, id)).toMatchObject({ __typename: 'NotFoundError' });
  });

  test('a tail ends for whom it is no longer shared with, and for all when the source is deleted', async () => {
    const { globalId: id, append } = await stream(ada, 'followed');
    await append('one');
    await update(ada, { id, sharedWith: { users: [bob.user.id, eve.user.id] } });
    const tails = await Promise.all(
      [ada, bob, eve].map(async ({ accessToken: token }) => {
        const socket = await server.socket({ token });
        onTestFinished(() => socket.close());
        return { socket, tail: await follow(socket, id) };
      }),
    );
    const [hers, his, lost] = tails;
    if (!hers || !his || !lost) throw new Error('Three tails.');
    await append('two');
    for (const { tail } of tails) expect((await tail.event()).__typename).toBe('LogBatch');
    await update(ada, { id, sharedWith: { users: [bob.user.id] } });
    expect((await lost.tail.event()).__typename).toBe('NotFoundError');
    expect((await lost.socket.next(lost.tail.id)).type).toBe('complete');
    await append('three');
    for (const { tail } of [hers, his]) expect((await tail.event()).__typename).toBe('LogBatch');
    expect(await remove(ada, id)).toMatchObject({ deletedId: id, source: { id, name: 'followed', kind: 'STREAM' } });
    for (const { tail } of [hers, his]) expect((await tail.event()).__typename).toBe('NotFoundError');
    expect(lost.socket.waiting).toEqual([]);
    expect(await read(ada, id)).toBeNull();
    expect(await remove(ada, id)).toMatchObject({ __typename: 'NotFoundError' });
  });

  test('sourcesChanged tells those who may see it, and those who no longer may', async () => {
    const { globalId: id } = await stream(ada, 'told');
    const document = `subscription { sourcesChanged { __typename
      ... on SourceAdded { source { name } } ... on SourceStateChanged { source { name } } ... on SourceRemoved { id } } }`;
    const listen = async ({ accessToken: token }: Credentials) => {
      const socket = await server.socket({ token });
      onTestFinished(() => socket.close());
      const operation = socket.subscribe(document);
      // What is answered after the subscription began is answered after it listens.
      await socket.query('{ me { username } }');
      return async () => (await socket.result(operation)).data?.sourcesChanged;
    };
    const [hers, his] = [await listen(ada), await listen(bob)];
    await update(ada, { id, sharedWith: { users: [bob.user.id] } });
    expect(await hers()).toEqual({ __typename: 'SourceStateChanged', source: { name: 'told' } });
    expect(await his()).toEqual({ __typename: 'SourceAdded', source: { name: 'told' } });
    await update(ada, { id, name: 'told again' });
    expect(await his()).toEqual({ __typename: 'SourceStateChanged', source: { name: 'told again' } });
    await update(ada, { id, sharedWith: null });
    expect(await his()).toEqual({ __typename: 'SourceRemoved', id });
    await remove(ada, id);
    // Of several changes of one source that wait, the last is kept.
    for (let event = await hers(); ; event = await hers()) {
      if (JSON.stringify(event) === JSON.stringify({ __typename: 'SourceRemoved', id })) break;
    }
  });

  test('a token that is kept to some sources changes no others', async () => {
    const [one, other] = [await stream(ada, 'kept to'), await stream(ada, 'kept from')];
    const document = `mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) {
      ... on CreateApiTokenPayload { secret } } }`;
    const input = { name: 'keeper', scopes: ['LOGS_READ', 'SOURCES_WRITE'], sources: [one.globalId] };
    const { createApiToken } = await ask<{ createApiToken: { secret: string } }>(ada, document, { input });
    const keeper = { ...ada, accessToken: createApiToken.secret };
    expect(await update(keeper, { id: one.globalId, name: 'kept' })).toMatchObject({ source: { name: 'kept' } });
    expect(await remove(keeper, other.globalId)).toMatchObject({ __typename: 'NotFoundError' });
  });
});

describe.each(databaseUrls())('logs of the configuration, on %s', (_kind, freshUrl) => {
  test('are for administrators, and for the roles and people it names, whether or not they have come', async () => {
    const names = ['for-all.log', 'for-carol.log', 'for-none.log'];
    const databaseUrl = await freshUrl();
    const first = await startTestServer({ files: Object.fromEntries(names.map((name) => [name, `${name}\n`])) });
    const readers = [{ roles: ['MEMBER' as const] }, { users: ['Carol', 'nobody'] }, undefined];
    const files = names.map((name) => ({ name, path: first.path(name) }));
    const sources = files.map((file, index) => ({ ...file, readers: readers[index] }));
    const server = await startTestServer({ databaseUrl, auth: { registration: 'OPEN' }, sources });
    const [carol, dan] = [await registered(server, 'carol'), await registered(server, 'dan')];
    const seen = async (token: string, asked = server) => {
      const document =
        '{ sources { nodes { name entries { nodes { raw } } sharedWith { roles users { username } } } } }';
      const { data, errors } = await asked.query<{ sources: { nodes: { name: string }[] } }>(document, {}, { token });
      if (!data) throw new Error(JSON.stringify(errors));
      return data.sources.nodes;
    };
    const of = (nodes: { name: string }[]) =>
      nodes.map(({ name }) => name).filter((name) => !name.startsWith('tailql'));
    expect(of(await seen(carol.accessToken))).toEqual(['for-all.log', 'for-carol.log']);
    expect(of(await seen(dan.accessToken))).toEqual(['for-all.log']);
    expect((await seen(server.token)).slice(2)).toMatchObject([
      { name: 'for-all.log', sharedWith: { roles: ['MEMBER'], users: [] } },
      { name: 'for-carol.log', sharedWith: { roles: [], users: [{ username: 'carol' }] } },
      { name: 'for-none.log', sharedWith: { roles: [], users: [] } },
    ]);
    await server.stop();
    const changed = files.map((file, index) => ({ ...file, readers: index === 0 ? { users: ['dan'] } : undefined }));
    const again = await startTestServer({ databaseUrl, sources: changed });
    const token = async (username: string) => {
      const document = `mutation { login(input: { username: "${username}", password: "correct horse battery" }) {
        ... on LoginPayload { credentials { accessToken } } } }`;
      const { login } = await again.data<{ login: { credentials: { accessToken: string } } }>(document);
      return login.credentials.accessToken;
    };
    expect(of(await seen(await token('carol'), again))).toEqual([]);
    expect(of(await seen(await token('dan'), again))).toEqual(['for-all.log']);
  });
});
