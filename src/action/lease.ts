import { randomUUID } from 'node:crypto';
import type { PrismaClient } from '../db/client.ts';

/** How long a lease holds (ms) that is not renewed: after a crash its work goes on by then. */
const validMs = 60_000;

/** Time (ms) between two renewals. */
const renewMs = 15_000;

/** Work that is done by one at a time, in all processes that share a database. */
export class Lease {
  readonly #client: PrismaClient;
  readonly #name: string;

  constructor(client: PrismaClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /**
   * Does the work if nobody else does such work now, else resolves to null.
   *
   * @param work its signal is aborted when the lease is lost
   */
  async hold<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<{ result: Result } | null> {
    const holder = randomUUID();
    if (!(await this.#take(holder))) return null;
    const lost = new AbortController();
    const timer = setInterval(() => {
      this.#take(holder)
        .then((held) => held || lost.abort(new Error('Somebody else took over.')))
        .catch((error: unknown) => lost.abort(error));
    }, renewMs).unref();
    try {
      return { result: await work(lost.signal) };
    } finally {
      clearInterval(timer);
      await this.#client.lease.updateMany({
        where: { name: this.#name, holder },
        data: { until: new Date(0) },
      });
    }
  }

  /** Takes it when it is free, or holds it for longer. */
  async #take(holder: string): Promise<boolean> {
    const now = Date.now();
    const until = new Date(now + validMs);
    const { count } = await this.#client.lease.updateMany({
      where: { name: this.#name, OR: [{ holder }, { until: { lt: new Date(now) } }] },
      data: { holder, until },
    });
    if (count > 0) return true;
    if ((await this.#client.lease.count({ where: { name: this.#name } })) > 0) return false;
    try {
      await this.#client.lease.create({ data: { name: this.#name, holder, until } });
      return true;
    } catch (error) {
      // Of several at the same moment, one has made it.
      if (error instanceof Error && 'code' in error && error.code === 'P2002') return false;
      throw error;
    }
  }
}
