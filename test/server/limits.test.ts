import { type IncomingMessage, request } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createToken } from '../../server/token-command.ts';
import { startTestServer } from '../support/server.ts';
import { follow, tailDocument } from '../support/tail.ts';

const files = { 'app.log': 'first line\n' };
const sourcesChanged = 'subscription { sourcesChanged { __typename } }';

describe('the limit of subscriptions on a connection', () => {
  test('refuses one more in words, keeps the others, and counts those that ended no more', async () => {
    const server = await startTestServer({ files, limits: { maxSubscriptionsPerConnection: 2 } });
    const source = await server.sourceId('app.log');
    const socket = await server.socket();
    const [first, second] = [await follow(socket, source), await follow(socket, source)];
    expect((await socket.query(sourcesChanged)).errors).toEqual([
      {
        message: 'One connection may run at most 2 operations; end one first.',
        extensions: { code: 'LIMIT_REACHED', limit: '2', retryAfterMs: 1000 },
      },
    ]);
    await server.append('app.log', 'second line\n');
    expect(await first.lines(1)).toEqual(['second line']);
    socket.complete(first.id);
    const third = await follow(socket, source);
    await server.append('app.log', 'third line\n');
    expect(await third.lines(1)).toEqual(['third line']);
    expect(await second.lines(2)).toEqual(['second line', 'third line']);
    await socket.close();
  });
});

describe('the limit of subscriptions of a user', () => {
  test('holds over all sockets and server-sent events together', async () => {
    const server = await startTestServer({ files, limits: { maxSubscriptionsPerUser: 2 } });
    const source = await server.sourceId('app.log');
    const [one, other] = [await server.socket(), await server.socket()];
    const first = await follow(one, source);
    await follow(other, source);
    const refused = {
      message: 'You have 2 subscriptions open, which is the most; end one first.',
      extensions: { code: 'LIMIT_REACHED', limit: '2', retryAfterMs: 1000 },
    };
    expect((await one.query(sourcesChanged)).errors).toMatchObject([refused]);

    // Another token of the same user is still the same user.
    const headers = {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${await createToken(server.config, 'another', ['LOGS_READ'])}`,
    };
    const body = JSON.stringify({ query: tailDocument, variables: { sources: [source] } });
    const stream = () => fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
    expect(await (await stream()).text()).toContain(refused.message);

    one.complete(first.id);
    const streamed = (await stream()).body?.getReader();
    const { value } = (await streamed?.read()) ?? {};
    expect(new TextDecoder().decode(value)).not.toContain(refused.message);
    expect((await one.query(sourcesChanged)).errors).toMatchObject([refused]);

    // A client that is gone gives back what it had; the server notices when its connection closes.
    await streamed?.cancel();
    await expect.poll(() => follow(one, source).then(() => 'live', String), { timeout: 30_000 }).toBe('live');
    await Promise.all([one.close(), other.close()]);
  });

  test('counts a subscription no more whose socket is gone', async () => {
    const server = await startTestServer({ files, limits: { maxSubscriptionsPerUser: 1 } });
    const source = await server.sourceId('app.log');
    const socket = await server.socket();
    await follow(socket, source);
    socket.socket.terminate();
    const next = await server.socket();
    await expect.poll(() => follow(next, source).then(() => 'live', String), { timeout: 30_000 }).toBe('live');
    await next.close();
  });

  test('counts none that could not be opened', async () => {
    const server = await startTestServer({ files, limits: { maxSubscriptionsPerUser: 1 } });
    const socket = await server.socket();
    const unknown = { sources: ['nothing'] };
    for (let i = 0; i < 3; i++) {
      expect(await socket.query(tailDocument, unknown)).toMatchObject({
        data: { logTail: { __typename: 'NotFoundError' } },
      });
    }
    await follow(socket, await server.sourceId('app.log'));
    await socket.close();
  });
});

describe('the limit of connections', () => {
  test('of a user closes one more with 4429, after which clients do not try again, and says so; others may come', async () => {
    const server = await startTestServer({ limits: { maxConnectionsPerUser: 2 } });
    const first = await server.socket();
    await server.socket();
    const third = await server.socket({ token: 'raw' });
    third.send({ type: 'connection_init', payload: { authorization: `Bearer ${server.token}` } });
    expect(await third.closed).toEqual({
      code: 4429,
      reason: 'You have 2 connections open, which is the most; close one.',
    });
    await server.socket({ token: null });
    await first.close();
    await expect.poll(() => server.socket().then(() => 'open', String), { timeout: 30_000 }).toBe('open');
  });

  test('of an address refuses the upgrade with 429, until one has gone', async () => {
    const server = await startTestServer({ limits: { maxConnectionsPerAddress: 2 } });
    const first = await server.socket({ token: 'raw' });
    await server.socket();
    await expect(server.socket()).rejects.toThrow('HTTP 429');
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    const refused = await new Promise<IncomingMessage>((resolve, reject) =>
      request(`${server.url}/graphql`, { headers: upgrade }).on('response', resolve).on('error', reject).end(),
    );
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
    await first.close();
    await expect.poll(() => server.socket().then(() => 'open', String), { timeout: 30_000 }).toBe('open');
    await expect(server.socket()).rejects.toThrow('HTTP 429');
  });
});

describe('the limit of bytes', () => {
  test('of a message closes the socket with 1009', async () => {
    const server = await startTestServer({ limits: { maxMessageBytes: 1000 } });
    const written = vi.spyOn(console, 'error');
    onTestFinished(() => written.mockRestore());
    const socket = await server.socket();
    const message = { type: 'ping', payload: { text: '' } };
    const fill = (bytes: number) => {
      message.payload.text = '';
      message.payload.text = 'x'.repeat(bytes - JSON.stringify(message).length);
      return message;
    };
    socket.send(fill(1000));
    await socket.take(({ type }) => type === 'pong');
    socket.send(fill(1001));
    expect(await socket.closed).toMatchObject({ code: 1009 });
    // What clients do wrong is no news on the standard error of the server.
    expect(written).not.toHaveBeenCalled();
  });

  test.each(['with its length', 'in chunks'])('of a request refuses one that is sent %s with 413', async (how) => {
    const server = await startTestServer({ limits: { maxRequestBytes: 2000 } });
    const send = (bytes: number): Promise<number | undefined> => {
      const text = JSON.stringify({ query: '{ server { version } }' }).padEnd(bytes);
      const length = how === 'in chunks' ? {} : { 'content-length': String(bytes) };
      const headers = { 'content-type': 'application/json', accept: 'application/json', ...length };
      return new Promise((resolve, reject) => {
        const sent = request(`${server.url}/graphql`, { method: 'POST', headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject);
        // Without a length, node:http sends each piece as a chunk.
        sent.write(text.slice(0, 1000));
        sent.end(text.slice(1000));
      });
    };
    expect(await send(2000)).toBe(200);
    expect(await send(2001)).toBe(413);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});
