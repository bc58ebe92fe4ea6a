import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Report, Stage } from '../bench.ts';
import { now } from '../latency/stamp.ts';
import { quantile, rounded } from '../sample.ts';
import { type Server, startServer } from '../server.ts';
import { below } from './goal.ts';
import { atPace } from './pace.ts';
import { report as reportOf } from './sample.ts';

/** 5,000 actions a second. */
const [batchSize, everyMs] = [100, 20];

const document = `mutation ($input: RecordActionsInput!) { recordActions(input: $input) { __typename } }`;

const subscription = `subscription {
  actionRecorded { ... on ActionBatch { cursor actions { id timestamp service action status durationMs error metadata } } }
}`;

/** From the call that records an action until a subscriber has it. */
export async function live(stage: Stage): Promise<Report> {
  const seconds = stage.length === 'quick' ? 5 : 30;
  const server = await startServer(stage, []);
  const { socket, latencies } = await subscriber(server);
  stage.defer(() => socket.close());
  stage.say('live');
  const started = performance.now();
  let sent = 0;
  await atPace(
    everyMs,
    () => performance.now() - started > seconds * 1000,
    async () => {
      const actions = Array.from({ length: batchSize }, () => ({ ...reportOf(sent++), metadata: `${now()}` }));
      await server.query(document, { input: { actions } });
    },
  );
  const patience = performance.now() + 10_000;
  while (latencies.length < sent && performance.now() < patience) await sleep(10);
  const p99Ms = rounded(quantile(latencies, 0.99));
  return {
    rows: [
      {
        live: `${(1000 / everyMs) * batchSize} actions/s`,
        'p50 ms': rounded(quantile(latencies, 0.5)),
        'p99 ms': p99Ms,
        'max ms': rounded(quantile(latencies, 1)),
      },
    ],
    goals: [below('from write to subscriber, p99 ms', p99Ms, 100)],
    problems: latencies.length === sent ? [] : [`${sent} actions were recorded, and ${latencies.length} came.`],
  };
}

/** Gets all actions; how long each took, in ms. */
async function subscriber({ url, authorization }: Server): Promise<{ socket: WebSocket; latencies: number[] }> {
  const address = new URL(url);
  address.protocol = 'ws:';
  const socket = new WebSocket(address, 'graphql-transport-ws', { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscription } }));
  const latencies: number[] = [];
  socket.on('message', (data) => {
    const received = now();
    for (const [, written = ''] of String(data).matchAll(/"metadata":"(\d+)"/g)) {
      latencies.push(Number(received - BigInt(written)) / 1e6);
    }
  });
  // Nothing tells that it has begun; it begins within a round trip.
  await sleep(500);
  return { socket, latencies };
}
