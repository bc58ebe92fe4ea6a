import { fileURLToPath } from 'node:url';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { RecentEntriesDocument, SourcesDocument, TailDocument } from '../operations.ts';
import { program, type TailOptions } from '../program.ts';
import { type Connection, openSocket } from '../socket.ts';

/** What an application makes once, and keeps. */
function connect({ url, token }: Connection) {
  const socket = openSocket({ url, token });
  const signedIn = new SetContextLink(({ headers }) => ({
    headers: { ...headers, authorization: `Bearer ${token()}` },
  }));
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      signedIn.concat(new HttpLink({ uri: url })),
    ),
    cache: new InMemoryCache(),
  });
  return { client, socket };
}

/** The sources you may see. */
export async function listSources(connection: Connection) {
  const { data } = await connect(connection).client.query({ query: SourcesDocument });
  return data?.sources.nodes ?? [];
}

/** Resolves when `signal` says so; rejects with the server's sentence when it cannot go on. */
export async function tail({ source, search, onEntries, onLoss, signal, ...connection }: TailOptions): Promise<void> {
  const { client, socket } = connect(connection);
  try {
    // Entries stay out of the cache: it would grow with the log, and needs to be told of interfaces (`possibleTypes`).
    const { data } = await client.query({
      query: RecentEntriesDocument,
      variables: { source, search, last: 20 },
      fetchPolicy: 'no-cache',
    });
    const page = data?.source?.entries;
    if (page && page.nodes.length > 0) onEntries(page.nodes);

    // A page has an end even when it is empty, so nothing is lost or doubled between it and the tail.
    const live = client.subscribe({
      query: TailDocument,
      variables: { source, search, after: page?.pageInfo.endCursor },
      fetchPolicy: 'no-cache',
    });
    await new Promise<void>((resolve, reject) => {
      const subscription = live.subscribe(({ data, error }) => {
        if (error) return reject(error);
        const event = data?.logTail;
        if (event?.__typename === 'LogBatch') onEntries(event.entries);
        if (event?.__typename === 'LogGap') onLoss(event.reason);
        // What a caller can cause and fix is an event, too: of whichever type, it has a message.
        if (event && 'message' in event) reject(new Error(event.message));
      });
      signal.addEventListener('abort', () => resolve(subscription.unsubscribe()), { once: true });
      if (signal.aborted) resolve();
    });
  } finally {
    client.stop();
    await socket.dispose();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await program({ listSources, tail });
