import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Connection, SharedText, sendShared } from '../../server/frame.ts';

let server: WebSocketServer;
let client: WebSocket;
let connection: Connection;

beforeAll(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
  const opened = once(server, 'connection');
  client = new WebSocket(`ws://127.0.0.1:${address.port}`);
  const [socket, request] = await opened;
  connection = { socket, request };
});

afterAll(() => {
  client.terminate();
  server.close();
});

/** What comes to the client, until `count` messages have. */
async function received(count: number): Promise<string[]> {
  const messages: string[] = [];
  await new Promise<void>((resolve) => {
    client.on('message', (data) => {
      if (messages.push(String(data)) === count) resolve();
    });
  });
  client.removeAllListeners('message');
  return messages;
}

/** Around each length at which a frame, or the way it is written, changes. */
const lengths = [0, 1, 125, 126, 127, 128, 255, 256, 16_379, 16_380, 16_381, 65_534, 65_535, 65_536];

test('messages of any length and text come whole and in order, between those that ws sends', async () => {
  const text = fc
    .tuple(fc.constantFrom(...lengths), fc.constantFrom('a', '\u007f', '\u0080', 'é', '漢', '😀', '\n'))
    .map(([length, character]) => character.repeat(length));
  const message = fc.record({ beginning: fc.constantFrom('', 'a'), text, by: fc.constantFrom('us', 'ws') });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 10 }), async (messages) => {
      const all = received(messages.length);
      for (const { beginning, text, by } of messages) {
        if (by === 'us') sendShared(connection, beginning, new SharedText(text));
        else connection.socket.send(beginning + text);
      }
      expect(await all).toEqual(messages.map(({ beginning, text }) => beginning + text));
    }),
  );
});

test('one text goes to many, each with a beginning of its own', async () => {
  for (const text of ['short', 'ünï', 'a'.repeat(100_000)]) {
    const all = received(3);
    const shared = new SharedText(text);
    for (const beginning of ['1', '22', '333']) sendShared(connection, beginning, shared);
    expect(await all).toEqual(['1', '22', '333'].map((beginning) => beginning + text));
  }
});

test('it is told when a message has been written, or never will be', async () => {
  const all = received(2);
  for (const text of ['short', 'é']) await sent(text);
  expect(await all).toEqual(['short', 'é']);
  const closed = once(connection.socket, 'close');
  client.terminate();
  await closed;
  for (const text of ['short', 'é']) await sent(text);
});

const sent = (text: string) =>
  new Promise<void>((resolve) => sendShared(connection, '', new SharedText(text), resolve));
