import type { Sql } from '../db/sql.ts';
import type { EngineEvents } from '../events.ts';
import { changeLog, holdLog, minutesFromAt, readLog } from './action-log.ts';
import type { Archives } from './archive.ts';
import type { Lease } from './lease.ts';
import { lastBefore, removeThrough } from './removal.ts';
import { rememberedMs } from './request.ts';
import { levels, rollupKey } from './rollup-key.ts';

/** Time (ms) from the start to the first look at what is to be done, and between two of them. */
const [firstMs, everyMs] = [5000, 60_000];

/** Rollups and keys deleted in one transaction. */
const stepSize = 1000;

/**
 * What is done with the log by and by: archives each day when it is over, removes what is older than it is kept, and
 * forgets what is needed for some days only. All of it goes by what is in the database, so after a restart it goes on,
 * and nothing is done twice.
 */
export class Keeper {
  readonly #sql: Sql;
  readonly #archives: Archives;
  readonly #lease: Lease;
  readonly #options: { retentionDays: number; events: EngineEvents };
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout;
  #working: Promise<void> = Promise.resolve();

  constructor(
    { sql, archives, lease }: { sql: Sql; archives: Archives; lease: Lease },
    options: { retentionDays: number; events: EngineEvents },
  ) {
    this.#sql = sql;
    this.#archives = archives;
    this.#lease = lease;
    this.#options = options;
    this.#timer = setTimeout(() => this.#work(), firstMs).unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#over.abort(new Error('The server stops.'));
    await this.#working;
  }

  /** Does what is due at a time (ms since 1970, UTC), unless another process is at it. */
  async keep(now: number): Promise<void> {
    await this.#lease.hold(async (lost) => {
      const signal = AbortSignal.any([lost, this.#over.signal]);
      await this.#archives.sweep();
      await this.#archives.create(await lastBefore(this.#sql, startOfDay(now)), signal);
      const { archivedThrough } = await readLog(this.#sql);
      const expired = await lastBefore(this.#sql, now - this.#options.retentionDays * levels[2]);
      await removeThrough(this.#sql, { through: Math.min(expired, archivedThrough), reason: 'retention', signal });
      await this.#forgetMinutes(now, signal);
      await this.#forgetRequests(now, signal);
    });
  }

  #work(): void {
    this.#working = this.keep(Date.now())
      .catch((error: unknown) => {
        if (!this.#over.signal.aborted) this.#options.events.failed({ doing: 'keep the action log in order', error });
      })
      .finally(() => {
        if (!this.#over.signal.aborted) this.#timer = setTimeout(() => this.#work(), everyMs).unref();
      });
  }

  /** First nobody writes or reads them any more, then they are deleted. */
  async #forgetMinutes(now: number, signal: AbortSignal): Promise<void> {
    const minutesFrom = minutesFromAt(now);
    await this.#sql.write(function* () {
      const log = yield* holdLog();
      if (log.minutesFrom < minutesFrom) yield* changeLog({ minutesFrom });
    });
    await this.#deleteSome('ActionRollup', 'key', `"key" < $1`, rollupKey(0, minutesFrom, 0), signal);
  }

  async #forgetRequests(now: number, signal: AbortSignal): Promise<void> {
    await this.#deleteSome('ActionRequest', 'key', `"recordedAt" < $1`, now - rememberedMs, signal);
  }

  async #deleteSome(table: string, key: string, condition: string, bound: number, signal: AbortSignal): Promise<void> {
    for (let count = stepSize; count === stepSize; ) {
      signal.throwIfAborted();
      const text = `DELETE FROM "${table}" WHERE "${key}" IN
        (SELECT "${key}" FROM "${table}" WHERE ${condition} LIMIT ${stepSize}) RETURNING 1`;
      count = await this.#sql.write(function* () {
        return (yield { text, values: [bound] }).length;
      });
    }
  }
}

const startOfDay = (time: number): number => Math.floor(time / levels[2]) * levels[2];
