import { fileURLToPath } from 'node:url';
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core';
import { RecentEntriesDocument, SourcesDocument, TailDocument } from '../operations.ts';
import { program, type TailOptions } from '../program.ts';
import { type Connection, openSocket } from '../socket.ts';

/** What an application makes once, and keeps. */
function connect({ url, token }: Connection) {
  const socket = openSocket({ url, token });
  const client = new Client({
    url,
    preferGetMethod: false,
    fetchOptions: () => ({ headers: { authorization: `Bearer ${token()}` } }),
    exchanges: [
      // The document cache keeps whole answers, so entries need nothing. With @urql/exchange-graphcache, say that they
      // have no key: `keys: { TextLogEntry: () => null, … }` for each of their types.
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  return { client, socket };
}

/** The sources you may see. */
export async function listSources(connection: Connection) {
  const { data, error } = await connect(connection).client.query(SourcesDocument, {}).toPromise();
  if (error) throw error;
  return data?.sources.nodes ?? [];
}

/** Resolves when `signal` says so; rejects with the server's sentence when it cannot go on. */
export async function tail({ source, search, onEntries, onLoss, signal, ...connection }: TailOptions): Promise<void> {
  const { client, socket } = connect(connection);
  try {
    // From the server, not from the cache: a log moves on.
    const recent = client.query(RecentEntriesDocument, { source, search, last: 20 }, { requestPolicy: 'network-only' });
    const { data, error } = await recent.toPromise();
    if (error) throw error;
    const page = data?.source?.entries;
    if (page && page.nodes.length > 0) onEntries(page.nodes);

    // A page has an end even when it is empty, so nothing is lost or doubled between it and the tail.
    const live = client.subscription(TailDocument, { source, search, after: page?.pageInfo.endCursor });
    await new Promise<void>((resolve, reject) => {
      const { unsubscribe } = live.subscribe(({ data, error }) => {
        if (error) return reject(error);
        const event = data?.logTail;
        if (event?.__typename === 'LogBatch') onEntries(event.entries);
        if (event?.__typename === 'LogGap') onLoss(event.reason);
        // What a caller can cause and fix is an event, too: of whichever type, it has a message.
        if (event && 'message' in event) reject(new Error(event.message));
      });
      signal.addEventListener('abort', () => resolve(unsubscribe()), { once: true });
      if (signal.aborted) resolve();
    });
  } finally {
    await socket.dispose();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await program({ listSources, tail });
