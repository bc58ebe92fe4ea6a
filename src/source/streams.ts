import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from '../access/journal.ts';
import { type Principal, requireScope } from '../access/principal.ts';
import { Appender, type Place, type Until } from '../append/appender.ts';
import { Intake, type IntakeResult } from '../append/intake.ts';
import { recordLine, type StreamFormat } from '../append/record.ts';
import { findWritten, putDown, requestOf } from '../append/request.ts';
import { anchorName } from '../audit/anchor.ts';
import { encodeCursor } from '../cursor.ts';
import type { Database } from '../db/client.ts';
import type { JsonValue, Position } from '../entry.ts';
import { InsufficientTokenError, InvalidInputError, LimitReachedError, NotFoundError } from '../errors.ts';
import type { EngineEvents } from '../events.ts';
import { directoryOf, listFiles } from '../file/listing.ts';
import type { Entry } from '../format/entry.ts';
import type { Limits } from '../limits.ts';
import { StorageError } from '../storage/storage.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { Catalog } from './catalog.ts';
import type { SourceWatch } from './change.ts';
import { checkSourceName } from './new-source.ts';
import { isStreamFormat, type NewStream, noSuchStream, otherFormat, putStream, streamProblem } from './new-stream.ts';
import { streamLocation } from './owned-logs.ts';
import { newRow } from './row.ts';
import { segmentationOf } from './segmentation.ts';
import type { Source } from './source.ts';
import { keepStreams, sweepStreams } from './stream-upkeep.ts';
import { writableBy } from './visibility.ts';

/** What a program wants to be written. */
export interface WriteRequest {
  /** Objects with the keys of the stream's format. */
  records: readonly JsonValue[];
  /** A key under which it is written once, however often it is asked for; null: none. */
  key: string | null;
  /** Leads to the records in what was sent. */
  path: string[];
}

export interface Written {
  count: number;
  /** Where a tail goes on after them. */
  cursor: string;
  position: Position;
}

export interface StreamSurroundings {
  database: Database;
  catalog: Catalog;
  watch: SourceWatch;
  journal: Journal;
  events: EngineEvents;
  limits: Limits;
  dataDir: string;
  trail: AuditTrail;
}

/** Time (ms) between two looks at what streams keep, and for which a file stays open that nobody writes to. */
const upkeepMs = 60_000;

interface AppendOptions {
  until: Until;
  /** As of the appender. */
  intend: ((place: Place, lines: Buffer) => Promise<void>) | null;
}

/** Time (ms) after which to try again when the disk does not take anything. */
const retryMs = 5000;

/** Logs that applications write to. */
export class Streams {
  readonly #our: StreamSurroundings;
  readonly #appenders = new Map<string, Appender>();
  readonly #underWay = new Map<string, Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;
  #upkeep: Promise<void> | null = null;

  private constructor(surroundings: StreamSurroundings) {
    this.#our = surroundings;
    this.#timer = setInterval(() => void this.upkeep(), upkeepMs).unref();
  }

  /** What is kept of streams that are not there any more is removed. */
  static async open(surroundings: StreamSurroundings): Promise<Streams> {
    const { database, dataDir } = surroundings;
    await sweepStreams({ client: database.client, dataDir });
    return new Streams(surroundings);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#appenders.values()].map((appender) => appender.rest()));
  }

  /**
   * @throws {InvalidInputError} when the name, format or retention cannot be
   * @throws {ConflictError} when the principal has a source of that name
   * @throws {LimitReachedError} when they have too many
   */
  async create(principal: Principal, stream: NewStream): Promise<Source> {
    const { name, format, retention } = stream;
    const { userId, username, sourceIds } = requireScope(principal, 'SOURCES_WRITE');
    if (sourceIds !== undefined) {
      throw new InsufficientTokenError('A token that is kept to some sources makes no others.');
    }
    const { database, watch, journal, limits } = this.#our;
    checkSourceName(name);
    const problem = streamProblem(stream);
    if (problem !== null) throw new InvalidInputError([problem]);
    const source = newRow({ name, kind: 'STREAM', format, ownerId: userId });
    await database.sql.write(() => putStream(source, retention, limits));
    await this.#appenderOf(source).prepare();
    watch.changed(source, null, []);
    journal.did('stream_create', 'A stream was made', {
      ...{ userId, username, sourceId: source.id, source: name, format },
    });
    return source;
  }

  /** A stream by its name: the principal's own, else one that they may write to. Null: there is none. */
  async named(principal: Principal, name: string): Promise<Source | null> {
    const { userId } = requireScope(principal, 'LOGS_WRITE');
    if (name.includes('\0')) return null;
    const where = { AND: [writableBy(principal), { name }] };
    const found = await this.#our.database.client.source.findMany({ where, orderBy: { id: 'asc' } });
    return found.find(({ ownerId }) => ownerId === userId) ?? found[0] ?? null;
  }

  /** @throws {NotFoundError} when there is no such stream, or the principal may not write to it */
  async find(principal: Principal, id: string): Promise<Source> {
    const where = { AND: [writableBy(principal), { id }] };
    const source = await this.#our.database.client.source.findFirst({ where });
    if (source === null) throw noSuchStream();
    return source;
  }

  /**
   * Writes records to the end of a stream, all or none; when this resolves, the disk has them.
   *
   * @throws {NotFoundError} when there is no such stream, or the principal may not write to it
   * @throws {InvalidInputError} when they are too many, or one cannot be kept as it is
   * @throws {ConflictError} when something else was written under the key
   * @throws {LimitReachedError} when more is written than the disk takes
   */
  async write(principal: Principal, id: string, format: StreamFormat, request: WriteRequest): Promise<Written> {
    const source = await this.find(principal, id);
    if (source.format !== format) throw new InvalidInputError([otherFormat(format)]);
    const { userId } = requireScope(principal, 'LOGS_WRITE');
    const { records, key, path } = request;
    const { maxBatchWrite } = this.#our.limits;
    if (records.length === 0 || records.length > maxBatchWrite) {
      const message = `Write 1 to ${maxBatchWrite} records at a time, not ${records.length}.`;
      throw new InvalidInputError([{ path, message, code: 'OUT_OF_RANGE' }]);
    }
    const lines = Buffer.from(this.#lines(format, records, path).join(''));
    const position = await (key === null
      ? this.#append(source, lines)
      : this.#once(source, lines, { userId, key, sent: records }));
    return { count: records.length, position, cursor: encodeCursor([[source.id, position]]) };
  }

  /** The entry that ends at a place where it was just written. */
  async entryBefore(principal: Principal, id: string, position: Position): Promise<Entry> {
    const log = await this.#our.catalog.log(await this.find(principal, id));
    const page = await log?.page({ after: null, before: position, take: { last: 1 } });
    const [entry] = page?.entries ?? [];
    if (entry === undefined) throw new NotFoundError('The stream was cleared while it was written to.');
    return entry;
  }

  /** Takes JSON lines for a stream that the principal was found to be allowed to write to. */
  intake(source: Source): Intake {
    const { format } = source;
    if (!isStreamFormat(format)) throw noSuchStream();
    const { maxRecordBytes } = this.#our.limits;
    return new Intake((lines, until) => this.#append(source, lines, { until }), { format, maxRecordBytes });
  }

  /** Writes those records that can be kept, together; tells what is wrong with the others. */
  async writeAll(source: Source, records: readonly JsonValue[]): Promise<IntakeResult> {
    const intake = this.intake(source);
    for (const record of records) await intake.take(record);
    return intake.end();
  }

  async #append(source: Source, lines: Buffer, { until = 'on the disk', intend = null }: Partial<AppendOptions> = {}) {
    try {
      return await this.#appenderOf(source).append(lines, until, intend);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#our.events.failed({ doing: 'write to a stream', error });
      throw new LimitReachedError(error.message, { retryAfterMs: retryMs });
    }
  }

  /**
   * Removes everything in a stream.
   *
   * @throws {NotFoundError} when there is no such source
   */
  async clear(source: Source): Promise<void> {
    const location = this.#locationOf(source);
    await this.#our.database.client.stream.update({
      where: { sourceId: source.id },
      data: { clearedAt: new Date(), requests: { deleteMany: {} } },
    });
    this.#our.catalog.cleared(source.id);
    await this.#appenderOf(source).rest(async () => {
      const directory = directoryOf(location);
      if (location.kind === 'daily') await this.#our.trail.anchor(source, await listFiles(location));
      for (const name of await readdir(directory).catch(() => [])) {
        if (name !== anchorName) await rm(join(directory, name), { force: true });
      }
    });
    await this.#appenderOf(source).prepare();
  }

  /** Removes the files of a stream whose source is gone. */
  async remove(source: Source): Promise<void> {
    const appender = this.#appenders.get(source.id);
    this.#appenders.delete(source.id);
    const directory = directoryOf(this.#locationOf(source));
    const removed = () => rm(directory, { recursive: true, force: true });
    await (appender === undefined ? removed() : appender.rest(removed));
  }

  /** Closes what nobody writes to, removes what is not to be kept, and compresses what is old. */
  upkeep(): Promise<void> {
    this.#upkeep ??= this.#keepInOrder().finally(() => {
      this.#upkeep = null;
    });
    return this.#upkeep;
  }

  async #keepInOrder(): Promise<void> {
    const { database, dataDir, trail, events } = this.#our;
    try {
      for (const [id, appender] of this.#appenders) {
        if (!appender.isIdle) continue;
        this.#appenders.delete(id);
        await appender.rest();
      }
      await keepStreams({ client: database.client, dataDir }, trail);
    } catch (error) {
      events.failed({ doing: 'keep streams in order', error });
    }
  }

  #lines(format: StreamFormat, records: readonly JsonValue[], path: string[]): string[] {
    const [now, maxBytes] = [Date.now(), this.#our.limits.maxRecordBytes];
    return records.map((record, index) => {
      const place = records.length === 1 && path.length === 1 ? path : [...path, `${index}`];
      return recordLine(format, record, { now, maxBytes, path: place });
    });
  }

  /** One call with a key after the other. */
  async #once(source: Source, lines: Buffer, call: { userId: string; key: string; sent: unknown }): Promise<Position> {
    const request = requestOf(source.id, call.userId, call.key, call.sent);
    const lock = `${source.id} ${request.key}`;
    const before = this.#underWay.get(lock) ?? Promise.resolve();
    const writing = before.catch(() => {}).then(() => this.#writeOnce(source, lines, request));
    this.#underWay.set(lock, writing);
    try {
      return await writing;
    } finally {
      if (this.#underWay.get(lock) === writing) this.#underWay.delete(lock);
    }
  }

  async #writeOnce(source: Source, lines: Buffer, request: ReturnType<typeof requestOf>): Promise<Position> {
    const { client } = this.#our.database;
    const directory = directoryOf(this.#locationOf(source));
    const written = await findWritten(client, directory, request);
    if (written === null)
      return this.#append(source, lines, { intend: (place, written) => putDown(client, request, written, place) });
    const log = await this.#our.catalog.log(source);
    const position = await log?.positionAt(written.inode, written.offset + written.length);
    // Its file is gone by now: nothing of it is left to go on after.
    return position ?? this.#append(source, Buffer.alloc(0));
  }

  #appenderOf(source: Source): Appender {
    const known = this.#appenders.get(source.id);
    if (known !== undefined) return known;
    const appender = new Appender(segmentationOf(source, this.#our));
    this.#appenders.set(source.id, appender);
    return appender;
  }

  #locationOf(source: Pick<Source, 'id' | 'format'>) {
    return streamLocation(this.#our.dataDir, source);
  }
}
