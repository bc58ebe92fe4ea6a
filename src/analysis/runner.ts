import { randomUUID } from 'node:crypto';
import type { PrismaClient } from '../db/client.ts';
import type { Analysis } from '../db/sqlite/client.ts';
import { DomainError, NotFoundError } from '../errors.ts';
import type { EngineEvents } from '../events.ts';
import { compileFilter } from '../filter/compile.ts';
import type { FilterInput } from '../filter/input.ts';
import type { Limits } from '../limits.ts';
import type { ScanPool } from '../scan/pool.ts';
import type { Catalog } from '../source/catalog.ts';
import { analyseLog, type Progress } from './log-analysis.ts';
import type { Summariser } from './summariser.ts';

/** How long a claim holds (ms) that is not renewed: after a crash its run is begun again by then. */
const leaseMs = 15_000;

/** Time (ms) between two renewals, which also put down the progress, and notice that the run was called off. */
const beatMs = 250;

/** Time (ms) between two looks for runs that other processes left. */
const lookMs = 5000;

/** Times that a run is begun: one that takes the process down with it would do so for ever. */
const mostAttempts = 2;

export interface RunnerSurroundings {
  client: PrismaClient;
  catalog: Catalog;
  pool: ScanPool;
  events: EngineEvents;
  limits: Limits;
  summariser: Summariser | null;
}

/** Why a run is called off that has taken too long; any other reason stands in its row. */
const tooLong = Symbol('too long');

/** `finishedAt` of a run that ends now: not before its beginning, whatever other processes' clocks say. */
export const endOf = ({ startedAt }: Pick<Analysis, 'startedAt'>): Date =>
  new Date(Math.max(Date.now(), startedAt?.getTime() ?? 0));

/** Does what was asked for, one run after the other: each uses all threads. */
export class Runner {
  readonly #our: RunnerSurroundings;
  readonly #holder = randomUUID();
  readonly #timer: NodeJS.Timeout;
  #closing: Promise<void> | null = null;
  #work: Promise<void> | null = null;
  #again = false;
  /** Calls off the run that this process is at. */
  #current: AbortController | null = null;

  constructor(surroundings: RunnerSurroundings) {
    this.#our = surroundings;
    this.#timer = setInterval(() => this.look(), lookMs).unref();
    this.look();
  }

  /** Takes up what waits, if there is something. */
  look(): void {
    if (this.#closing !== null) return;
    if (this.#work !== null) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#work = this.#workOff()
      .catch((error: unknown) => this.#our.events.failed({ doing: 'look for analyses', error }))
      .finally(() => {
        this.#work = null;
        if (this.#again) this.look();
      });
  }

  /** What is under way is left to whoever starts next. Once is enough: later the database may be closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#current?.abort();
    await this.#work;
    await this.#our.client.analysis.updateMany({
      where: { holder: this.#holder, status: 'RUNNING' },
      data: { status: 'QUEUED', holder: null, heldUntil: null, attempts: { decrement: 1 } },
    });
  }

  async #workOff(): Promise<void> {
    for (let run = await this.#claim(); run !== null; run = await this.#claim()) await this.#perform(run);
  }

  /** The first run that waits, or that somebody left; null when there is none. */
  async #claim(): Promise<Analysis | null> {
    const { client } = this.#our;
    while (this.#closing === null) {
      const now = new Date();
      const left = { status: 'RUNNING' as const, heldUntil: { lt: now } };
      const waiting = await client.analysis.findFirst({
        where: { OR: [{ status: 'QUEUED' }, left] },
        orderBy: { id: 'asc' },
      });
      if (waiting === null) return null;
      const { id, status, attempts, startedAt } = waiting;
      // Nobody else has taken it meanwhile.
      const where = { id, status, attempts };
      if (attempts >= mostAttempts) {
        await this.#fail(waiting, where, `The server stopped ${mostAttempts} times while it was at it.`);
        continue;
      }
      const claim = { status: 'RUNNING' as const, holder: this.#holder, heldUntil: new Date(now.getTime() + leaseMs) };
      const { count } = await client.analysis.updateMany({
        where,
        data: { ...claim, attempts: attempts + 1, startedAt: startedAt ?? now, bytesRead: 0, entries: 0 },
      });
      if (count === 1) return client.analysis.findUnique({ where: { id } });
    }
    return null;
  }

  async #perform(run: Analysis): Promise<void> {
    const { limits, events } = this.#our;
    const calledOff = new AbortController();
    const timer = setTimeout(() => calledOff.abort(tooLong), limits.analysisMs);
    this.#current = calledOff;
    const progress: Progress = { bytesRead: 0, bytesTotal: 0, entries: 0, fromCursor: null, toCursor: null };
    const beat = this.#beat(run, progress, calledOff);
    try {
      const report = await this.#report(run, progress, calledOff.signal);
      await this.#succeed(run, progress, report);
    } catch (error) {
      const { aborted, reason: why } = calledOff.signal;
      const isOver = aborted && why === tooLong;
      // Then its row says already what became of it.
      if (aborted && !isOver) return;
      const reason = isOver ? `It took longer than ${limits.analysisMs / 1000} s; narrow it with a filter.` : null;
      const failed = await this.#fail(run, this.#held(run), reason ?? reasonOf(error));
      // One whose source was just deleted may fail by that, before the next beat notices.
      if (failed && !isOver && !(error instanceof DomainError)) {
        events.failed({ doing: `analyse a log (${run.id})`, error });
      }
    } finally {
      clearTimeout(timer);
      this.#current = null;
      await beat.stop();
    }
  }

  async #report(run: Analysis, progress: Progress, signal: AbortSignal): Promise<string> {
    const { client, catalog, pool, limits, summariser } = this.#our;
    const source = await client.source.findUnique({ where: { id: run.sourceId } });
    const log = source === null ? undefined : await catalog.log(source);
    if (log === undefined) throw new NotFoundError('The source is not there any more.');
    const input: FilterInput | null = run.filter === null ? null : JSON.parse(run.filter);
    const sought = { filter: compileFilter(input, limits, ['filter']), input, signal };
    const report = await analyseLog(log, sought, pool, progress);
    return summariser === null ? report : summariser.summarised(report, signal);
  }

  /** Renews the claim until it is stopped; calls the run off when it is not this process's any more. */
  #beat(run: Analysis, progress: Progress, calledOff: AbortController): { stop(): Promise<void> } {
    const { client, events } = this.#our;
    let under: Promise<void> | null = null;
    const renew = async () => {
      const data = { ...progressOf(progress), heldUntil: new Date(Date.now() + leaseMs) };
      const { count } = await client.analysis.updateMany({ where: this.#held(run), data });
      if (count === 0) calledOff.abort();
    };
    const timer = setInterval(() => {
      under ??= renew()
        .catch((error: unknown) => events.failed({ doing: 'put down the progress of an analysis', error }))
        .finally(() => {
          under = null;
        });
    }, beatMs);
    return {
      async stop() {
        clearInterval(timer);
        await under;
      },
    };
  }

  /** The report first: a run that has succeeded has one. */
  async #succeed(run: Analysis, progress: Progress, report: string): Promise<void> {
    const { client } = this.#our;
    const analysisId = run.id;
    await client.analysisResult.upsert({
      where: { analysisId },
      create: { analysisId, report },
      update: { report },
    });
    const done = { status: 'SUCCEEDED' as const, finishedAt: endOf(run), activeSourceId: null };
    const { count } = await client.analysis.updateMany({
      where: this.#held(run),
      data: { ...progressOf(progress), ...done, holder: null, heldUntil: null },
    });
    if (count === 0)
      await client.analysisResult.deleteMany({ where: { analysisId, analysis: { status: { not: 'SUCCEEDED' } } } });
  }

  /** Whether it was still to fail: not canceled, deleted or taken by somebody else. */
  async #fail(run: Analysis, where: { id: string }, error: string): Promise<boolean> {
    const { count } = await this.#our.client.analysis.updateMany({
      where,
      data: {
        ...{ status: 'FAILED', error, activeSourceId: null, holder: null, heldUntil: null },
        startedAt: run.startedAt ?? new Date(),
        finishedAt: endOf(run),
      },
    });
    return count > 0;
  }

  #held({ id }: Analysis) {
    return { id, holder: this.#holder, status: 'RUNNING' as const };
  }
}

const progressOf = ({ bytesRead, bytesTotal, entries, fromCursor, toCursor }: Progress) => ({
  ...{ bytesRead, bytesTotal, entries, fromCursor, toCursor },
});

/** Why a run failed, in a sentence that tells nothing of the server. */
function reasonOf(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'It took more memory than there is for it; narrow it with a filter.';
  return 'It failed for a reason that is the server’s; ask its operator, and try again.';
}
