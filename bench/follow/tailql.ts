// One subscription to the built server over a WebSocket, which goes on by cursor when the socket drops. Arguments: the
// URL, the authorization, the server's process id, and the files, each as "NAME ID".
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { Inbox, type Received } from './inbox.ts';
import type { Item } from './tally.ts';

const [url = '', authorization = '', pid = '', ...sources] = process.argv.slice(2);
const [names, ids] = [0, 1].map((part) => sources.map((source) => source.split(' ')[part] ?? ''));

const delivery = { maxBatch: 200, maxLatencyMs: 0, onLag: 'PAUSE' };
const document = `
  subscription ($sources: [ID!]!, $after: Cursor, $delivery: LogDelivery) {
    logTail(sources: $sources, after: $after, delivery: $delivery) {
      __typename
      ... on LogBatch { cursor entries { raw } }
      ... on LogCaughtUp { cursor }
      ... on LogProgress { cursor }
      ... on LogRotated { cursor possibleLoss source { name } }
      ... on LogGap { cursor: to sources { name } }
      ... on Error { message }
    }
  }
`;

const named = z.object({ name: z.string() });
const cursor = z.string();
const messageSchema = z.object({
  type: z.literal('next'),
  payload: z.object({
    data: z.object({
      logTail: z.discriminatedUnion('__typename', [
        z.object({ __typename: z.literal('LogBatch'), cursor, entries: z.array(z.object({ raw: z.string() })) }),
        z.object({ __typename: z.literal(['LogCaughtUp', 'LogProgress']), cursor }),
        z.object({ __typename: z.literal('LogRotated'), cursor, possibleLoss: z.boolean(), source: named }),
        z.object({ __typename: z.literal('LogGap'), cursor, sources: z.array(named) }),
        z.object({ __typename: z.literal('SourceStateChanged') }),
      ]),
    }),
  }),
});

/** Throws when it is no event of the tail but, say, an error. */
function eventIn(text: string) {
  const { success, data } = messageSchema.safeParse(JSON.parse(text));
  if (!success) throw new Error(`The server sent: ${text}`);
  return data.payload.data.logTail;
}

function* understand(received: Received[]): Generator<Item> {
  for (const { at, text } of received) {
    const event = eventIn(text);
    if (event.__typename === 'LogBatch') for (const { raw } of event.entries) yield { kind: 'line', at, text: raw };
    if (event.__typename === 'LogGap') for (const { name } of event.sources) yield { kind: 'loss', file: name };
    if (event.__typename === 'LogRotated' && event.possibleLoss) yield { kind: 'loss', file: event.source.name };
  }
}

const inbox = new Inbox(names ?? []);
let resumed = -1;
inbox.serve({ pid: Number(pid), understand, resumed: () => resumed });
for (const end of ['SIGTERM', 'disconnect'] as const) process.on(end, () => process.exit());

/** The last event from which a tail can go on. */
let last: string | null = null;
for (;;) {
  resumed++;
  await subscribe(last === null ? null : cursorIn(last));
  await sleep(100);
}

/** By the graphql-transport-ws protocol; resolves when the socket is closed. */
async function subscribe(after: string | null): Promise<void> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  socket.on('error', (error) => console.error(`The socket to the server broke: ${error.message}`));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await once(socket, 'message');
  const variables = { sources: ids, after, delivery };
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: document, variables } }));
  socket.on('message', (data) => {
    const text = String(data);
    if (text.includes('"cursor"')) last = text;
    // No event to go on from: a change of state, or an error, which ends this process.
    else eventIn(text);
    inbox.add(text);
  });
  await closed;
}

function cursorIn(text: string): string | null {
  const event = eventIn(text);
  return 'cursor' in event ? event.cursor : null;
}
