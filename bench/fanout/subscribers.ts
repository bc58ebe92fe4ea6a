// Many WebSocket subscribers in one process. Arguments: address, how many, what to introduce them with and what to ask, as
// JSON. Tells its parent, in the round that it is told, how far the slowest has come, and at last what they have seen.
import { z } from 'zod';
import { now } from '../latency/stamp.ts';
import { spanOf } from './entry.ts';
import { connect, openAll } from './sockets.ts';

const [address = '', count = '', init = '', payload = ''] = process.argv.slice(2);

/** Of how many it is noted when each message came: enough for a quantile, and few enough to cost nothing. */
const timed = 20;

/** Time (ms) between two reports. */
const everyMs = 2;

let run = '';
/** The entry that each has come to. */
let reached = none();
let latencies: number[] = [];
let problem: string | null = null;

async function open(index: number): Promise<void> {
  const socket = await connect(address, init);
  socket.on('message', (message: Buffer) => {
    const span = spanOf(run, message);
    if (span === null) {
      if (message.includes('"errors"') || message.includes('"error"')) problem ??= String(message);
      return;
    }
    const { first, last, writtenAt } = span;
    // What is written before all are there, some do not get.
    const isBeginning = run.startsWith('warm-up') && reached[index] === -1;
    if (!isBeginning && first !== (reached[index] ?? -1) + 1) problem ??= `after entry ${reached[index]} came ${first}`;
    reached[index] = last;
    if (index < timed) latencies.push(Number(now() - writtenAt) / 1e6);
  });
  socket.on('close', (code, reason) => {
    problem ??= `a socket was closed: ${code} ${reason}`;
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: JSON.parse(payload) }));
}

await openAll(Number(count), open);

let told = -1;
setInterval(() => {
  const slowest = reached.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
  if (slowest === told && problem === null) return;
  told = slowest;
  process.send?.({ slowest, problem });
}, everyMs);

const order = z.union([z.object({ begin: z.string() }), z.object({ end: z.literal(true) })]);
process.on('message', (message) => {
  const what = order.parse(message);
  if ('end' in what) process.send?.({ latencies });
  else {
    run = what.begin;
    reached = none();
    latencies = [];
    told = -1;
    process.send?.({ begun: true });
  }
});
process.on('SIGTERM', () => process.exit(0));
process.send?.({ begun: true });

function none(): number[] {
  return Array.from({ length: Number(count) }, () => -1);
}
