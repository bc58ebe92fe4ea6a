import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage } from '../bench.ts';
import { start } from '../child.ts';
import { startServer } from '../server.ts';
import type { Subscription } from './crowd.ts';
import { entryFields, lineOf } from './entry.ts';

/** A server that sends entries to subscribers. */
export interface Target {
  name: 'raw ws' | 'stock' | 'tailql';
  pid: number;
  /** @param batch entries in a message */
  subscription(batch: number): Subscription;
  /** Lets entries of a round come, up to this number, a batch at a time. */
  allow(run: string, batch: number, upTo: number): void;
}

const document = `
  subscription ($sources: [ID!]!, $delivery: LogDelivery) {
    logTail(sources: $sources, delivery: $delivery) { ... on LogBatch { entries { ${entryFields} } } }
  }`;

/** So many sockets from one address, of one user. */
export const manySockets = {
  maxConnectionsPerAddress: 10_000,
  maxConnectionsPerUser: 10_000,
  maxSubscriptionsPerUser: 10_000,
};

export async function startTailql(stage: Stage): Promise<Target> {
  const path = join(stage.directory, 'access.log');
  await writeFile(path, '');
  const logs = [{ name: 'access', path, format: 'NGINX_ACCESS' }];
  const server = await startServer(stage, logs, [], { limits: manySockets });
  const sources = [await server.sourceId('access')];
  const address = new URL(server.url);
  address.protocol = 'ws:';
  const file = openSync(path, 'a');
  stage.defer(() => closeSync(file));
  let [current, next] = ['', 0];
  return {
    name: 'tailql',
    pid: server.pid,
    subscription: (batch) => ({
      address: address.href,
      init: { authorization: server.authorization },
      query: document,
      // Nothing waits for more, and a message has as many entries as those of the others.
      variables: { sources, delivery: { maxLatencyMs: 0, maxBatch: batch, onLag: 'PAUSE' } },
    }),
    allow(run, batch, upTo) {
      if (run !== current) [current, next] = [run, 0];
      for (; next < upTo; next += batch) {
        writeSync(file, Array.from({ length: batch }, (_, index) => lineOf(run, next + index)).join(''));
      }
    },
  };
}

export async function startPeer(stage: Stage, name: 'raw ws' | 'stock'): Promise<Target> {
  const child = start(stage, name === 'stock' ? './fanout/stock.ts' : './fanout/raw.ts');
  const [port] = await once(child, 'message');
  const query = document.replace(', $delivery: LogDelivery', '').replace(', delivery: $delivery', '');
  return {
    name,
    pid: child.pid ?? 0,
    subscription: () => ({
      address: `ws://127.0.0.1:${port}/graphql`,
      init: {},
      query,
      variables: { sources: ['1'] },
    }),
    allow: (run, batch, upTo) => child.send({ run, batch, upTo }),
  };
}
