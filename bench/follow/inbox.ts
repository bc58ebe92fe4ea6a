import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { now } from '../latency/stamp.ts';
import { cpuSeconds } from './cpu.ts';
import { roundOf } from './line.ts';
import { type Item, tally } from './tally.ts';

/** What came at once, and when (ns). */
export interface Received {
  at: bigint;
  text: string;
}

/** A reader from where its lines come out. */
export interface Outlet {
  /** Process id of what follows the files. */
  pid: number;
  /** What it gave, understood after the stretch, so that nobody waits for that. */
  understand(received: Received[]): Iterable<Item>;
  /** How often it had to begin anew from where it was. */
  resumed(): number;
}

/** What the bench says to a receiver: a stretch begins now, or so many lines of each file were written. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begin'), stretch: z.string() }),
  z.object({ kind: z.literal('end'), count: z.number() }),
]);
export type Order = z.infer<typeof orderSchema>;

/** Time (ms) without a line after which those that have not come are given up. */
const patienceMs = 1500;

/**
 * What a receiver has got, and its talk with the bench: says `ready` when the first line of every file is here, and
 * answers `end` with how the reader did.
 */
export class Inbox {
  readonly #files: string[];
  readonly #silent: Set<string>;
  readonly #received: Received[] = [];

  constructor(files: string[]) {
    this.#files = files;
    this.#silent = new Set(files);
  }

  add(text: string): void {
    this.#received.push({ at: now(), text });
    if (this.#silent.size === 0) return;
    for (const file of this.#silent) if (text.includes(`order ${roundOf(file, 'ready')}:`)) this.#silent.delete(file);
    if (this.#silent.size === 0) process.send?.('ready');
  }

  /** Obeys the bench, until it closes the channel. */
  serve(outlet: Outlet): void {
    let stretch = '';
    const before = { reader: 0, receiver: 0 };
    process.on('message', async (message) => {
      const order = orderSchema.parse(message);
      if (order.kind === 'begin') {
        stretch = order.stretch;
        Object.assign(before, { reader: cpuSeconds(outlet.pid), receiver: cpuSeconds(process.pid) });
        return;
      }
      const receiver = cpuSeconds(process.pid) - before.receiver;
      const count = () => tally(outlet.understand(this.#received), stretch, this.#files, order.count);
      let result = count();
      // Counting takes time, in which nothing is received: so it is followed by a wait, and not the other way round.
      for (let known = -1; result.missing > 0 && known < this.#received.length; result = count()) {
        known = this.#received.length;
        await sleep(patienceMs);
      }
      const reader = cpuSeconds(outlet.pid) - before.reader;
      process.send?.({ ...result, readerCpuSeconds: reader, receiverCpuSeconds: receiver, resumed: outlet.resumed() });
    });
  }
}

/** The whole lines in what came in pieces; each came when its end did. */
export function* linesIn(received: Received[]): Generator<Item> {
  let rest = '';
  for (const { at, text } of received) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield { kind: 'line', at, text: line };
  }
}
