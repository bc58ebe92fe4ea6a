import { createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { PrismaClient } from '../db/client.ts';
import type { Sql } from '../db/sql.ts';
import type { ActionArchive } from '../db/sqlite/client.ts';
import type { Action } from './action.ts';
import { changeLog, holdLog, readLog } from './action-log.ts';
import { readRange } from './row.ts';
import type { SeriesCatalog } from './series.ts';

export type { ActionArchive } from '../db/sqlite/client.ts';

/** Actions read at once. */
const pageSize = 1000;

/** Files of actions, gzipped JSON lines as `POST /actions` takes them; one row of the database for each. */
export class Archives {
  readonly #directory: string;
  readonly #sql: Sql;
  readonly #catalog: SeriesCatalog;
  readonly #client: PrismaClient;

  constructor(directory: string, { sql, catalog, client }: { sql: Sql; catalog: SeriesCatalog; client: PrismaClient }) {
    this.#directory = directory;
    this.#sql = sql;
    this.#catalog = catalog;
    this.#client = client;
  }

  /**
   * Archives what is in no archive yet, up to an id. Null: there is nothing. One at a time: whoever calls holds the lease.
   *
   * @throws the signal's reason when it is aborted; then there is no archive
   */
  async create(through: number, signal: AbortSignal): Promise<ActionArchive | null> {
    const after = await this.#archivedThrough();
    if (through <= after) return null;
    const path = this.#path(after);
    await mkdir(this.#directory, { recursive: true });
    try {
      const bounds = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
      const lines = Readable.from(this.#lines(after, through, bounds));
      await pipeline(lines, createGzip(), createWriteStream(`${path}.part`), { signal });
      const size = await synced(`${path}.part`);
      await rename(`${path}.part`, path);
      const archive = await this.#client.actionArchive.create({
        data: {
          from: new Date(bounds.from),
          to: new Date(bounds.to),
          count: BigInt(through - after),
          size: BigInt(size),
          afterId: BigInt(after),
        },
      });
      await this.#sql.write(function* () {
        yield* holdLog();
        yield* changeLog({ archivedThrough: through });
      });
      return archive;
    } catch (error) {
      await rm(`${path}.part`, { force: true });
      throw error;
    }
  }

  /** The bytes of an archive. Throws when its file is gone. */
  async read({ afterId }: ActionArchive): Promise<ReadStream> {
    return (await open(this.#path(afterId))).createReadStream();
  }

  /** The row first: a file without one is swept away. */
  async remove({ id, afterId }: ActionArchive): Promise<void> {
    await this.#client.actionArchive.deleteMany({ where: { id } });
    await rm(this.#path(afterId), { force: true });
  }

  /** Removes files that a crash has left without a row. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names) {
      const [, afterId] = /^(\d+)\.ndjson\.gz$/.exec(name) ?? [];
      const where = afterId === undefined ? null : { afterId: BigInt(afterId) };
      if (where === null || (await this.#client.actionArchive.count({ where })) === 0)
        await rm(join(this.#directory, name), { force: true });
    }
  }

  /** Up to where everything is in an archive, or was removed. */
  async #archivedThrough(): Promise<number> {
    const { archivedThrough, removedThrough } = await readLog(this.#sql);
    // After a crash there may be one of which the log does not know.
    const last = await this.#client.actionArchive.findFirst({ orderBy: { afterId: 'desc' } });
    return Math.max(archivedThrough, removedThrough, last === null ? 0 : Number(last.afterId + last.count));
  }

  async *#lines(after: number, through: number, bounds: { from: number; to: number }): AsyncGenerator<string> {
    for (let at = after; at < through; ) {
      const end = Math.min(at + pageSize, through);
      const actions = await readRange(this.#sql, this.#catalog, at, end);
      for (const { timestamp } of actions) {
        bounds.from = Math.min(bounds.from, timestamp);
        bounds.to = Math.max(bounds.to, timestamp);
      }
      yield actions.map(lineOf).join('');
      at = end;
    }
  }

  #path(afterId: number | bigint): string {
    return join(this.#directory, `${afterId}.ndjson.gz`);
  }
}

/** Its size in bytes, once it is on the disk: afterwards the actions may be removed. */
async function synced(path: string): Promise<number> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return (await stat(path)).size;
}

function lineOf({ id, series, timestamp, recordedAt, durationUs, error, metadata }: Action): string {
  const { service, action, status } = series;
  const [happened, recorded] = [timestamp, recordedAt].map((time) => new Date(time).toISOString());
  const durationMs = durationUs / 1000;
  const head = { id, timestamp: happened, recordedAt: recorded, service, action, status, durationMs };
  const text = JSON.stringify(error === null ? head : { ...head, error });
  return metadata === null ? `${text}\n` : `${text.slice(0, -1)},"metadata":${metadata}}\n`;
}
