import { beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import type { TestSocket } from '../support/socket.ts';
import { follow } from '../support/tail.ts';
import { accessToken } from '../support/token.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    files: { 'app.log': 'first line\n' },
    limits: { maxTokens: 200 },
  });
});

/** A socket that has a running tail on app.log, to see that what happens to others does not touch it. */
async function streaming(): Promise<{ socket: TestSocket; stillStreams: () => Promise<void> }> {
  const socket = await server.socket();
  const tail = await follow(socket, await server.sourceId('app.log'));
  return {
    socket,
    async stillStreams() {
      const line = `line of ${tail.id}`;
      await server.append('app.log', `${line}\n`);
      expect(await tail.lines(1)).toEqual([line]);
      await socket.close();
    },
  };
}

// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
describe('a socket is closed', () => {
  test('with 4408 when it does not introduce itself in time', async () => {
    const impatient = await startTestServer({ limits: { connectionInitTimeoutMs: 100 } });
    const socket = await impatient.socket({ token: 'raw' });
    expect(await socket.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  test('with 4429 when it introduces itself twice', async () => {
    const socket = await server.socket();
    socket.send({ type: 'connection_init' });
    expect(await socket.closed).toMatchObject({ code: 4429 });
  });

  test('with 4401 when it subscribes before it was acknowledged', async () => {
    const socket = await server.socket({ token: 'raw' });
    socket.subscribe('{ server { version } }');
    expect(await socket.closed).toMatchObject({ code: 4401 });
  });

  test('with 4409 when an id is in use', async () => {
    const { socket } = await streaming();
    const { id } = await follow(socket, await server.sourceId('app.log'));
    socket.subscribe('{ server { version } }', {}, id);
    expect(await socket.closed).toMatchObject({ code: 4409 });
  });

  test.each([
    ['no JSON', 'hello'],
    ['an array', '[]'],
    ['a message without a type', '{}'],
    ['a message of an unknown type', '{"type":"hello"}'],
    ['a subscription without a query', '{"id":"1","type":"subscribe","payload":{}}'],
    ['a subscription without an id', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
  ])('with 4400 for %s', async (_name, message) => {
    const socket = await server.socket();
    socket.send(message);
    expect(await socket.closed).toMatchObject({ code: 4400 });
  });

  test.each([
    ['no subprotocol', {}],
    ['the older subprotocol', { 'sec-websocket-protocol': 'graphql-ws' }],
  ])('with 4406 for %s', async (_name, headers) => {
    const socket = await server.socket({ token: 'raw', protocol: null, headers });
    expect(await socket.closed).toMatchObject({ code: 4406 });
  });

  test.each([
    ['not a token', { authorization: 'Bearer nonsense' }, 'This access token is not valid; sign in again.'],
    ['no Bearer', { Authorization: 'nonsense' }, 'Send one credential, as "Authorization: Bearer TOKEN".'],
    ['an unknown API token', { authorization: `Bearer tql_${'a'.repeat(43)}` }, /token/i],
  ])('with 4403 and what to do for %s', async (_name, payload, reason) => {
    const socket = await server.socket({ token: 'raw' });
    socket.send({ type: 'connection_init', payload });
    expect(await socket.closed).toEqual({
      code: 4403,
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    });
  });

  test('with 4403 for a token that has expired', async () => {
    const token = await accessToken(server, 0);
    const socket = await server.socket({ token: 'raw' });
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Your sign-in has expired; sign in again.' });
  });
});

test('a ping is answered with a pong, also before the introduction', async () => {
  const socket = await server.socket({ token: 'raw' });
  socket.send({ type: 'ping' });
  await socket.take(({ type }) => type === 'pong');
});

test('the server pings, and cuts a socket that does not answer', async () => {
  const pinging = await startTestServer({ limits: { pingIntervalMs: 100 } });
  const [silent, witness] = [await pinging.socket(), await pinging.socket()];
  await new Promise((resolve) => silent.socket.once('ping', resolve));
  // A paused socket reads no pings, so it answers none, and learns that it was cut when it reads again.
  silent.socket.pause();
  for (let pings = 0; pings < 4; pings++) await new Promise((resolve) => witness.socket.once('ping', resolve));
  silent.socket.resume();
  expect(await silent.closed).toMatchObject({ code: 1006 });
});

describe('a socket without a token', () => {
  test('is told about the server and its limits', async () => {
    const socket = await server.socket({ token: null });
    expect(await socket.query('{ server { version } limits { maxPageSize } }')).toEqual({
      data: { server: { version: expect.any(String) }, limits: { maxPageSize: 1000 } },
    });
    await socket.close();
  });

  test.each([
    ['me', '{ me { id } }'],
    ['the sources', '{ sources { totalCount } }'],
    ['a source', '{ source(by: { name: "app.log" }) { id } }'],
    ['a node', `{ node(id: "${Buffer.from('Source:1').toString('base64')}") { id } }`],
    ['a tail', 'subscription { logTail(sources: ["x"]) { __typename } }'],
    ['the changes of sources', 'subscription { sourcesChanged { __typename } }'],
  ])('is refused %s, and lives on', async (_name, document) => {
    const socket = await server.socket({ token: null });
    const { errors } = await socket.query(document);
    expect(errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' }, message: expect.stringMatching(/^Sign in first/) },
    ]);
    expect(await socket.query('{ server { version } }')).toMatchObject({ data: {} });
    await socket.close();
  });
});

describe('one operation that fails does not touch the others on its socket:', () => {
  test.each([
    ['a syntax error', '{ server {', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['too many tokens', `{ ${'__typename '.repeat(300)} }`, 'GRAPHQL_PARSE_FAILED'],
    [
      'a variable of the wrong type',
      'query ($n: Int!) { nodes(ids: []) { id } sources(first: $n) { totalCount } }',
      'BAD_USER_INPUT',
    ],
    ['a fragment that is not used', 'fragment F on Query { __typename } { __typename }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown operation', 'query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
  ])('%s', async (_name, document, code) => {
    const { socket, stillStreams } = await streaming();
    const { errors } = await socket.query(document, { n: 'many' });
    expect(errors).toMatchObject([{ extensions: { code } }]);
    await stillStreams();
  });

  test('an operation that is ended', async () => {
    const { socket, stillStreams } = await streaming();
    const other = await follow(socket, await server.sourceId('app.log'));
    socket.complete(other.id);
    await stillStreams();
    expect(socket.waiting.filter((message) => 'id' in message && message.id === other.id)).toEqual([]);
  });
});

test('a stream ends when its token expires, and the socket lives on', async () => {
  const socket = await server.socket({ token: await accessToken(server, 2) });
  const { id } = await follow(socket, await server.sourceId('app.log'));
  const ending = await socket.next(id);
  const expired = { message: expect.stringMatching(/expired/), extensions: { code: 'UNAUTHENTICATED' } };
  expect(ending).toMatchObject({ type: 'error', payload: [expired] });
  const { errors } = await socket.query('{ sources { totalCount } }');
  expect(errors).toMatchObject([expired]);
  socket.send({ type: 'ping' });
  await socket.take(({ type }) => type === 'pong');
  await socket.close();
});
