import type { Access } from '../access/access.ts';
import type { Journal } from '../access/journal.ts';
import { type Principal, requireScope } from '../access/principal.ts';
import type { Database } from '../db/client.ts';
import { insert, numberOf, query, type Work } from '../db/sql.ts';
import type { Upload } from '../db/sqlite/client.ts';
import {
  ConflictError,
  type InputProblem,
  InsufficientTokenError,
  InvalidInputError,
  LimitReachedError,
  NotFoundError,
} from '../errors.ts';
import type { EngineEvents } from '../events.ts';
import type { Limits } from '../limits.ts';
import { type Storage, StorageError, storageKey } from '../storage/storage.ts';
import type { Catalog } from './catalog.ts';
import type { SourceWatch } from './change.ts';
import { incoming, RefusedUploadError } from './incoming.ts';
import { putSource, sourceNameProblem } from './new-source.ts';
import { newRow } from './row.ts';
import { granteesOf } from './sharing.ts';
import type { Source } from './source.ts';

/** What somebody is about to upload. */
export interface NewUpload {
  /** What it will be called: with one of the extensions that are allowed. */
  name: string;
  /** Bytes. */
  size: bigint;
}

/** The bytes of an upload, as they come. */
export interface Incoming {
  content: AsyncIterable<Uint8Array>;
  /** How many are said to come; null: nothing was said. */
  declared: number | null;
  remoteAddress: string;
}

/** An upload that waits for its bytes. */
export interface UploadTicket {
  source: Source;
  /** For the link to which the bytes are sent. */
  token: string;
  expiresAt: Date;
}

export interface UploadSurroundings {
  database: Database;
  access: Access;
  catalog: Catalog;
  watch: SourceWatch;
  storage: Storage;
  journal: Journal;
  events: EngineEvents;
  limits: Limits;
}

/** Time (ms) between two looks for uploads of which nothing came. */
const lookEveryMs = 60_000;

/** Files that people upload: announced, received once, and read as any other log from then on. */
export class Uploads {
  readonly #our: UploadSurroundings;
  readonly #timer: NodeJS.Timeout;

  private constructor(surroundings: UploadSurroundings) {
    this.#our = surroundings;
    this.#timer = setInterval(() => this.#expire(), lookEveryMs).unref();
  }

  /** Uploads that were under way when the server stopped have failed, and what is kept of none is removed. */
  static async open(surroundings: UploadSurroundings): Promise<Uploads> {
    const { database, storage, events } = surroundings;
    const { upload } = database.client;
    const stopped = 'The server was stopped while it came; upload it again.';
    await upload.updateMany({ where: { state: 'RECEIVING' }, data: { state: 'FAILED', failure: stopped } });
    const kept = new Set(
      (await upload.findMany({ where: { state: 'ACTIVE' }, select: { key: true } })).map(({ key }) => key),
    );
    try {
      for (const key of await storage.sweep()) if (!kept.has(key)) await storage.remove(key);
    } catch (error) {
      // Everything else can be done without it, and it may be back by then.
      if (!(error instanceof StorageError)) throw error;
      events.failed({ doing: 'look for what is left of uploads', error });
    }
    return new Uploads(surroundings);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /**
   * Announces a file. Its size counts from now on; a failed upload of the same name gives way to it.
   *
   * @throws {InvalidInputError} when the name or the size cannot be
   * @throws {ConflictError} when the principal has a source of that name
   * @throws {LimitReachedError} when it is too large, or they have too much already
   */
  async create(principal: Principal, { name, size }: NewUpload): Promise<UploadTicket> {
    const { userId, username, expiresAt: until, sourceIds } = requireScope(principal, 'SOURCES_WRITE');
    if (sourceIds !== undefined) {
      throw new InsufficientTokenError('A token that is kept to some sources makes no others.');
    }
    const { database, access, watch, journal, limits } = this.#our;
    check({ name, size }, limits);
    const source = newRow({ name, kind: 'UPLOAD', format: null, ownerId: userId });
    const { token, expiresAt } = await access.uploads.issue(userId, source.id, until);
    const failed = await database.client.source.findFirst({
      where: { ownerId: userId, name, upload: { state: 'FAILED' } },
    });
    await database.sql.write(() => put(source, { size: Number(size), expiresAt }, limits));
    if (failed !== null) watch.changed(failed, [], null);
    watch.changed(source, null, []);
    journal.did('upload_create', 'An upload was announced', {
      ...{ userId, username, sourceId: source.id, source: name, size: `${size}` },
    });
    return { source, token, expiresAt };
  }

  /**
   * Takes the bytes of an upload, once.
   *
   * @throws {UnauthenticatedError} when the link is not or no longer valid
   * @throws {NotFoundError} when there is no such upload any more
   * @throws {ConflictError} when its bytes came already, or are coming
   * @throws {RefusedUploadError} when they are too many or too few, or no log
   * @throws {StorageError} when they cannot be kept
   */
  async receive(token: string, { content, declared, remoteAddress }: Incoming): Promise<Source> {
    const { database, access, storage } = this.#our;
    const { client } = database;
    const { userId, sourceId } = await access.openUploadLink(token, remoteAddress);
    const source = await client.source.findFirst({
      where: { id: sourceId, ownerId: userId },
      include: { upload: true },
    });
    if (source === null || source.upload === null) throw gone();
    const { upload, ...row } = source;
    const claim = { where: { sourceId, state: 'WAITING' }, data: { state: 'RECEIVING' } } as const;
    if ((await client.upload.updateMany(claim)).count === 0) {
      throw new ConflictError('The bytes of this upload came already, or are coming; each link is good for one.');
    }
    try {
      const { content: checked, kind } = await incoming(content, { size: Number(upload.size), declared });
      const key = storageKey(`${sourceId}${kind === 'gzip' ? '.log.gz' : '.log'}`);
      const size = await storage.put(key, checked);
      const stored = { state: 'ACTIVE', key, size: BigInt(size), storedAt: new Date() } as const;
      if ((await client.upload.updateMany({ where: { sourceId }, data: stored })).count === 0) {
        await storage.remove(key);
        throw gone();
      }
      await this.#tell(row, 'upload_store', 'An upload was stored', { size: `${size}` });
      return row;
    } catch (error) {
      if (error instanceof StorageError) this.#our.events.failed({ doing: 'keep an upload', error });
      await this.#fail(row, failureOf(error));
      throw error;
    }
  }

  /** Removes the bytes of an upload whose source is gone. */
  async remove({ key }: Pick<Upload, 'key'>): Promise<void> {
    await this.#our.storage.remove(storageKey(key));
  }

  async #fail(source: Source, failure: string): Promise<void> {
    const { upload } = this.#our.database.client;
    const { count } = await upload.updateMany({ where: { sourceId: source.id }, data: { state: 'FAILED', failure } });
    if (count > 0) await this.#tell(source, 'upload_failed', 'An upload failed', { reason: failure });
  }

  async #tell(source: Source, action: 'upload_store' | 'upload_failed', message: string, what: Record<string, string>) {
    const { catalog, watch, journal, database } = this.#our;
    catalog.forget(source.id);
    const grantees = await granteesOf(database.client, source.id);
    watch.changed(source, grantees, grantees);
    const { id: sourceId, name, ownerId } = source;
    journal.did(action, message, { userId: ownerId, sourceId, source: name, ...what });
  }

  /** Those whose link was never used have failed, and count no longer. */
  async #expire(): Promise<void> {
    const { database, events } = this.#our;
    try {
      const where = { state: 'WAITING', expiresAt: { lt: new Date() } } as const;
      const late = await database.client.upload.findMany({ where, include: { source: true }, take: 1000 });
      for (const { source } of late) await this.#fail(source, 'Nothing came before the link expired; upload it again.');
    } catch (error) {
      events.failed({ doing: 'look for uploads that never came', error });
    }
  }
}

function check({ name, size }: NewUpload, { maxUploadBytes, uploadExtensions }: Limits): void {
  const problems: (InputProblem | null)[] = [sourceNameProblem(name)];
  if (!uploadExtensions.some((extension) => name.toLowerCase().endsWith(extension))) {
    const message = `Only files whose names end with ${uploadExtensions.join(' ')} may be uploaded.`;
    problems.push({ path: ['name'], message, code: 'UNSUPPORTED' });
  }
  if (size < 1n)
    problems.push({ path: ['size'], message: 'A file without any bytes is no log.', code: 'OUT_OF_RANGE' });
  const found = problems.filter((problem) => problem !== null);
  if (found.length > 0) throw new InvalidInputError(found);
  if (size <= BigInt(maxUploadBytes)) return;
  throw new LimitReachedError(
    `At most ${maxUploadBytes} bytes may be uploaded as one file; divide it, or compress it with gzip.`,
    {
      limit: maxUploadBytes,
    },
  );
}

/** In one transaction: what somebody has cannot become more meanwhile. */
function* put(
  source: Source & { ownerId: string },
  { size, expiresAt }: { size: number; expiresAt: Date },
  { maxSourcesPerUser, maxUploadedBytesPerUser }: Limits,
): Work<void> {
  const { id, ownerId, name } = source;
  const failed = `SELECT "sourceId" FROM "Upload" WHERE "state" = 'FAILED'`;
  yield* query(`DELETE FROM "Source" WHERE "ownerId" = $1 AND "name" = $2 AND "id" IN (${failed})`, [ownerId, name]);
  yield* putSource(source, maxSourcesPerUser);
  const [[bytes] = []] = yield* query(
    `SELECT CAST(coalesce(sum(u."size"), 0) AS BIGINT) FROM "Upload" u JOIN "Source" s ON s."id" = u."sourceId"
     WHERE s."ownerId" = $1 AND u."state" <> 'FAILED'`,
    [ownerId],
  );
  if (numberOf(bytes) + size > maxUploadedBytesPerUser) {
    const message = `You may have ${maxUploadedBytesPerUser} bytes of uploads, and have ${bytes}; delete some.`;
    throw new LimitReachedError(message, { limit: maxUploadedBytesPerUser });
  }
  yield* insert({
    table: 'Upload',
    columns: [
      { name: 'sourceId', type: 'TEXT' },
      { name: 'state', type: '"UploadState"' },
      { name: 'key', type: 'TEXT' },
      { name: 'size', type: 'BIGINT' },
      { name: 'expiresAt', type: 'TIMESTAMP(3)' },
    ],
    rows: [[id, 'WAITING', `${id}.log`, size, expiresAt.toISOString().replace('Z', '+00:00')]],
    key: null,
  });
}

/** What the owner is told; of our own faults, that they are ours. */
function failureOf(error: unknown): string {
  if (error instanceof RefusedUploadError || error instanceof StorageError) return error.message;
  return 'It did not come to its end; upload it again.';
}

const gone = () => new NotFoundError('There is no such upload any more; announce it again with Mutation.createUpload.');
