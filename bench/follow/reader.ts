import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import type { Stage } from '../bench.ts';
import { start, stop } from '../child.ts';
import type { Order } from './inbox.ts';
import { answer, ask } from './stress.ts';

const count = z.number();
const outcomeSchema = z.object({
  received: count,
  missing: count,
  repeated: count,
  outOfOrder: count,
  garbled: count,
  announced: count,
  falseAlarms: count,
  resumed: count,
  // NaN, when nothing came, is null on the way.
  p50Ms: count.nullable(),
  p99Ms: count.nullable(),
  maxMs: count.nullable(),
  readerCpuSeconds: count,
  receiverCpuSeconds: count,
});
/** How a reader did in a stretch. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** One of those compared: a process that receives what a reader reads, and starts the reader unless it is the server. */
export class Reader {
  readonly name: string;
  readonly #receiver: ChildProcess;

  constructor(stage: Stage, name: string, program: string, ...args: string[]) {
    this.name = name;
    this.#receiver = start(stage, `./follow/${program}.ts`, ...args);
  }

  /** Resolves when it has got a line of every file. Call before such lines are written. */
  async ready(): Promise<void> {
    z.literal('ready').parse(await answer(this.#receiver));
  }

  begin(stretch: string): void {
    this.#receiver.send({ kind: 'begin', stretch } satisfies Order);
  }

  async end(count: number): Promise<Outcome> {
    return outcomeSchema.parse(await ask(this.#receiver, { kind: 'end', count } satisfies Order));
  }

  stop(): Promise<void> {
    return stop(this.#receiver);
  }
}
