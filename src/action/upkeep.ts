import type { ReadStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditAction } from '../access/audit.ts';
import { type Principal, requireScope, type SignedIn } from '../access/principal.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/client.ts';
import type { ActionArchive, Prisma } from '../db/sqlite/client.ts';
import type { JsonObject } from '../entry.ts';
import { LimitReachedError, NotFoundError } from '../errors.ts';
import type { ActionSurroundings } from './actions.ts';
import { Archives } from './archive.ts';
import { Keeper } from './keeper.ts';
import { Lease } from './lease.ts';
import { lastBefore, removeThrough } from './removal.ts';
import type { SeriesCatalog } from './series.ts';

/** The query that @pothos/plugin-prisma makes of a GraphQL selection. */
type ArchiveQuery = Pick<Prisma.ActionArchiveFindManyArgs, 'cursor' | 'take' | 'skip'>;

/** How long to wait for others to be done with the log, and between two looks, in ms. */
const [patienceMs, retryMs] = [10_000, 200];

/** The archives of the action log, and clearing it: by administrators, and by and by. */
export class Upkeep {
  readonly #database: Database;
  readonly #surroundings: ActionSurroundings;
  readonly #archives: Archives;
  readonly #lease: Lease;
  readonly #keeper: Keeper;
  readonly #over = new AbortController();
  readonly #working = new Set<Promise<unknown>>();

  constructor({ dataDir, actions }: Config, surroundings: ActionSurroundings, catalog: SeriesCatalog) {
    this.#surroundings = surroundings;
    this.#database = surroundings.database;
    const { sql, client } = surroundings.database;
    this.#archives = new Archives(join(dataDir, 'actions'), { sql, catalog, client });
    this.#lease = new Lease(client, 'actions');
    this.#keeper = new Keeper(
      { sql, archives: this.#archives, lease: this.#lease },
      { retentionDays: actions.retentionDays, events: surroundings.events },
    );
  }

  /**
   * Removes what was recorded before a time, for ever but for what is in an archive.
   *
   * @throws {LimitReachedError} when the log is being archived or cleared already
   */
  async clear(
    principal: Principal,
    { before, archive }: { before: Date; archive: boolean },
  ): Promise<{ cleared: number; archive: ActionArchive | null }> {
    const who = requireScope(principal, 'ADMIN');
    return this.#alone(async (signal) => {
      const { sql } = this.#database;
      const through = await lastBefore(sql, before.getTime());
      const made = archive ? await this.#archives.create(through, signal) : null;
      const cleared = await removeThrough(sql, { through, reason: 'cleared', signal });
      const metadata = { before: before.toISOString(), cleared, archived: archive ? 'yes' : 'no' };
      this.#note(who, 'actions_clear', 'Actions were cleared', metadata);
      return { cleared, archive: made };
    });
  }

  /**
   * Archives what was recorded before a time and is in no archive yet, and leaves it in the log. Null: there is nothing.
   *
   * @throws {LimitReachedError} when the log is being archived or cleared already
   */
  async archive(principal: Principal, before: Date): Promise<ActionArchive | null> {
    const who = requireScope(principal, 'ADMIN');
    return this.#alone(async (signal) => {
      const through = await lastBefore(this.#database.sql, before.getTime());
      const archive = await this.#archives.create(through, signal);
      if (archive !== null) this.#note(who, 'actions_archive', 'Actions were archived', { archiveId: archive.id });
      return archive;
    });
  }

  /** In the order of their creation. */
  async list(principal: Principal, query: ArchiveQuery): Promise<ActionArchive[]> {
    requireScope(principal, 'ACTIONS_READ');
    // Ids say when they were made, one after the other.
    return this.#database.client.actionArchive.findMany({ ...query, orderBy: { id: 'asc' } });
  }

  /** Null: there is none. */
  async find(principal: Principal, id: string): Promise<ActionArchive | null> {
    requireScope(principal, 'ACTIONS_READ');
    return this.#database.client.actionArchive.findUnique({ where: { id } });
  }

  /** @throws {NotFoundError} when there is none */
  async delete(principal: Principal, id: string): Promise<void> {
    const who = requireScope(principal, 'ADMIN');
    const archive = await this.find(principal, id);
    if (archive === null) throw unknownArchive();
    await this.#archives.remove(archive);
    this.#note(who, 'actions_archive_delete', 'An archive of actions was deleted', { archiveId: id });
  }

  /**
   * The bytes of an archive: gzipped JSON lines.
   * @throws {NotFoundError} when there is none, or its file is gone
   */
  async read(principal: Principal, id: string): Promise<{ archive: ActionArchive; bytes: ReadStream }> {
    const archive = await this.find(principal, id);
    if (archive === null) throw unknownArchive();
    try {
      return { archive, bytes: await this.#archives.read(archive) };
    } catch (error) {
      this.#surroundings.events.failed({ doing: `read the archive ${id} of actions`, error });
      throw unknownArchive();
    }
  }

  /** What is done by and by, done now, as if it were that time (ms since 1970, UTC). */
  keep(now: number): Promise<void> {
    return this.#keeper.keep(now);
  }

  async close(): Promise<void> {
    this.#over.abort(new Error('The server stops.'));
    await Promise.allSettled(this.#working);
    await this.#keeper.close();
  }

  /** When nobody else is at it; waits for that a while. */
  async #alone<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const until = performance.now() + patienceMs;
    do {
      const working = this.#lease.hold((lost) => work(AbortSignal.any([lost, this.#over.signal])));
      this.#working.add(working);
      try {
        const done = await working;
        if (done !== null) return done.result;
      } finally {
        this.#working.delete(working);
      }
      await sleep(retryMs, undefined, { signal: this.#over.signal });
    } while (performance.now() < until);
    const message = 'The action log is being archived or cleared already; try again in a minute.';
    throw new LimitReachedError(message, { retryAfterMs: 60_000 });
  }

  /** What was done stays done when the disk is full; that the record is missing is reported. */
  #note({ userId, username }: SignedIn, action: AuditAction, message: string, metadata: JsonObject): void {
    const { audit, events } = this.#surroundings;
    const logger = 'tailql.actions';
    try {
      audit.record({ level: 'INFO', logger, message, action, metadata: { userId, username, ...metadata } });
    } catch (error) {
      events.failed({ doing: 'write the audit log', error });
    }
  }
}

const unknownArchive = () => new NotFoundError('There is no such archive; list them with Query.actionArchives.');
