// Many WebSocket subscribers in one process, of which the first stops reading for a while. Arguments: address, how many,
// what to introduce them with and what to ask, as JSON. Tells its parent what each has got and skipped.
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { connect, openAll } from '../fanout/sockets.ts';
import { now } from '../latency/stamp.ts';
import { lineBytes, numberedIn } from './line.ts';

const [address = '', count = '', init = '', payload = ''] = process.argv.slice(2);

const message = z.object({
  type: z.string(),
  payload: z
    .object({
      data: z.object({
        logTail: z.union([
          z.object({ __typename: z.literal('LogBatch'), entries: z.array(z.object({ raw: z.string() })) }),
          z.object({ __typename: z.literal('LogGap'), skippedBytes: z.string() }),
          z.object({ __typename: z.string() }),
        ]),
      }),
    })
    .optional(),
});

/** What a message brings: lines from one number up to another, with when the last was written; or the lack of some. */
type News = { kind: 'lines'; first: number; last: number; writtenAt: bigint } | { kind: 'gap'; lines: number } | null;

class Reader {
  readonly socket: WebSocket;
  /** The line that comes next; null until it has got one. */
  next: number | null = null;
  got = 0;
  skipped = 0;
  begin = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  take(news: News): void {
    if (news?.kind === 'gap') {
      this.skipped += news.lines;
      if (this.next !== null) this.next += news.lines;
    } else if (news?.kind === 'lines') {
      this.begin = this.next === null ? news.first : this.begin;
      if (this.next !== null && news.first !== this.next) problem ??= `instead of line ${this.next} came ${news.first}`;
      this.next = news.last + 1;
      this.got += news.last + 1 - news.first;
    }
  }
}

/** Of how many it is noted when each message came. */
const timed = 50;

const readers: Reader[] = [];
let latencies: number[] = [];
let problem: string | null = null;
/** Most messages are the same for all of them: what the latest bring is known. Some are a few messages behind. */
const mostKnown = 50;
const latest: { bytes: Buffer; news: News }[] = [];

function newsOf(bytes: Buffer): News {
  const known = latest.find((one) => one.bytes.length === bytes.length && one.bytes.equals(bytes));
  if (known !== undefined) return known.news;
  const news = understood(bytes);
  latest.unshift({ bytes: Buffer.from(bytes), news });
  latest.length = Math.min(latest.length, mostKnown);
  return news;
}

function understood(bytes: Buffer): News {
  const { type, payload } = message.parse(JSON.parse(bytes.toString()));
  if (payload === undefined) {
    problem ??= `a message of type ${type}`;
    return null;
  }
  const { logTail: event } = payload.data;
  if ('skippedBytes' in event) return { kind: 'gap', lines: Number(event.skippedBytes) / lineBytes };
  if (!('entries' in event)) return null;
  const lines = event.entries.map(({ raw }) => numberedIn(raw));
  const [first, last] = [lines[0], lines.at(-1)];
  if (!first || !last) throw new Error('A batch without lines.');
  if (lines.some((line, index) => line?.number !== first.number + index)) problem ??= 'lines are missing in a batch';
  return { kind: 'lines', first: first.number, last: last.number, writtenAt: last.writtenAt };
}

async function open(index: number): Promise<void> {
  const socket = await connect(address, init);
  const reader = new Reader(socket);
  readers[index] = reader;
  socket.on('message', (bytes: Buffer) => {
    const news = newsOf(bytes);
    reader.take(news);
    if (news?.kind === 'lines' && index > 0 && index <= timed) latencies.push(Number(now() - news.writtenAt) / 1e6);
  });
  socket.on('close', (code, reason) => {
    problem ??= `a socket was closed: ${code} ${reason}`;
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: JSON.parse(payload) }));
}

await openAll(Number(count), open);

const order = z.enum(['report', 'pause', 'resume']);
process.on('message', (what) => {
  const [stalled] = readers;
  switch (order.parse(what)) {
    case 'pause':
      stalled?.socket.pause();
      latencies = [];
      break;
    case 'resume':
      stalled?.socket.resume();
      break;
    case 'report':
      process.send?.({
        problem,
        latencies,
        readers: readers.map(({ begin, next, got, skipped }) => ({ begin, next, got, skipped })),
      });
  }
});
process.on('SIGTERM', () => process.exit(0));
process.send?.('ready');
