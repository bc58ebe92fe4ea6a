import type { Client } from 'graphql-ws';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSocket } from '../../examples/socket.ts';
import { startTestServer } from '../support/server.ts';
import { Network } from './network.ts';

interface Event {
  logTail: { cursor?: string; entries?: { raw: string }[] };
}

/** The lines of a tail, as they come. */
function follow(client: Client, variables: Record<string, unknown>): string[] {
  const received: string[] = [];
  const query = `subscription ($sources: [ID!]!, $after: Cursor, $last: Int) {
    logTail(sources: $sources, after: $after, last: $last) { ... on LogBatch { cursor entries { raw } } }
  }`;
  const stop = client.subscribe<Event>(
    { query, variables },
    {
      next: ({ data }) => received.push(...(data?.logTail.entries ?? []).map(({ raw }) => raw)),
      error: (error) => received.push(`failed: ${error}`),
      complete: () => received.push('completed'),
    },
  );
  onTestFinished(stop);
  return received;
}

test('several tails on one socket each go on where they were, also one that began with the newest entries', async () => {
  const server = await startTestServer({ files: { 'a.log': '1\n2\n3\n', 'b.log': '4\n5\n6\n' } });
  const network = await Network.open(server.url);
  const client = openSocket({ url: network.url, token: () => server.token });
  const a = follow(client, { sources: [await server.sourceId('a.log')], last: 2 });
  const b = follow(client, { sources: [await server.sourceId('b.log')], last: 1 });
  const until = (lines: string[][]) => vi.waitFor(() => expect([a, b]).toEqual(lines), { timeout: 30_000 });

  await until([['2', '3'], ['6']]);
  network.cut();
  await server.append('a.log', 'a\n');
  await server.append('b.log', 'b\n');
  await until([
    ['2', '3', 'a'],
    ['6', 'b'],
  ]);
  network.cut();
  await server.append('b.log', 'c\n');
  await until([
    ['2', '3', 'a'],
    ['6', 'b', 'c'],
  ]);
});

test('a token that cannot be had ends the tail with the reason', async () => {
  const server = await startTestServer({ files: { 'a.log': '1\n' } });
  const client = openSocket({
    url: `${server.url}/graphql`,
    token: () => {
      throw new Error('nobody is signed in');
    },
  });
  const received = follow(client, { sources: [await server.sourceId('a.log')], last: 2 });
  await vi.waitFor(() => expect(received).toEqual(['failed: Error: nobody is signed in']));
});
