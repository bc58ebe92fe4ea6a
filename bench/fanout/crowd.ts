import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import type { Stage } from '../bench.ts';
import { start, stop } from '../child.ts';

const news = z.union([
  z.object({ slowest: z.number(), problem: z.string().nullable() }),
  z.object({ latencies: z.array(z.number()) }),
  z.object({ begun: z.literal(true) }),
]);
type News = z.output<typeof news>;

/** How to subscribe to a server. */
export interface Subscription {
  address: string;
  init: object;
  query: string;
  variables: object;
}

/** Time (ms) without any progress after which it will not come any more. */
const patienceMs = 20_000;

/** Many subscribers, in a process of their own. */
export class Crowd {
  readonly #child: ChildProcess;
  #slowest = -1;
  #news: (one: News) => void = () => {};
  #fail: (error: Error) => void = () => {};

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => {
      const one = news.parse(message);
      if ('slowest' in one) {
        if (one.problem !== null) this.#fail(new Error(`A subscriber missed something: ${one.problem}.`));
        this.#slowest = one.slowest;
      }
      this.#news(one);
    });
  }

  static async of(stage: Stage, count: number, { address, init, query, variables }: Subscription): Promise<Crowd> {
    const hello = JSON.stringify({ type: 'connection_init', payload: init });
    const args = [address, String(count), hello, JSON.stringify({ query, variables })];
    const child = start(stage, './fanout/subscribers.ts', ...args);
    await once(child, 'message');
    return new Crowd(child);
  }

  /** From now on what counts is this round. */
  async begin(run: string): Promise<void> {
    this.#slowest = -1;
    this.#child.send({ begin: run });
    await this.#until((one) => 'begun' in one);
  }

  /** Entries that all have got. */
  get got(): number {
    return this.#slowest + 1;
  }

  /** Until all have got so many entries. */
  async reach(count: number): Promise<void> {
    while (this.got < count) await this.#until((one) => 'slowest' in one);
  }

  /** Time (ms) from writing an entry until it was here, of the last one in each message to some of them. */
  async latencies(): Promise<number[]> {
    this.#child.send({ end: true });
    const one = await this.#until((answer) => 'latencies' in answer);
    return 'latencies' in one ? one.latencies : [];
  }

  leave(): Promise<void> {
    return stop(this.#child);
  }

  #until(wanted: (one: News) => boolean): Promise<News> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('Nothing comes any more.')), patienceMs);
      this.#fail = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      this.#news = (one) => {
        if (!wanted(one)) return;
        clearTimeout(timer);
        this.#news = () => {};
        resolve(one);
      };
    });
  }
}
