import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { PrismaClient } from '../db/client.ts';
import type { Upload } from '../db/sqlite/client.ts';
import type { Location } from '../file/listing.ts';
import type { Permits } from '../file/open.ts';
import type { FileState } from '../file/state.ts';
import { formatNames } from '../format/registry.ts';
import { type Storage, type StorageKey, storageKey } from '../storage/storage.ts';
import type { ProvidedLog } from './expand.ts';
import { Log, type LogSurroundings } from './log.ts';
import type { Source } from './source.ts';

interface OwnedLog {
  log: Log;
  /** What the storage calls its bytes; null: they are not there. */
  key: StorageKey | null;
}

/** Logs kept for the next who asks; one that is made again has to look again how it is written. */
const mostKept = 1000;

/** The logs that people own, made when they are asked for. Their files are in the data directory, by names of ours. */
export class OwnedLogs {
  readonly #client: PrismaClient;
  readonly #storage: Storage;
  readonly #dataDir: string;
  readonly #surroundings: LogSurroundings;
  /** Those asked for last, at the end. */
  readonly #logs = new Map<string, OwnedLog>();

  constructor(
    { client, storage }: { client: PrismaClient; storage: Storage },
    dataDir: string,
    surroundings: Omit<LogSurroundings, 'permits'>,
  ) {
    this.#client = client;
    this.#storage = storage;
    this.#dataDir = dataDir;
    this.#surroundings = { ...surroundings, permits: within(dataDir) };
  }

  async log(source: Source): Promise<Log | undefined> {
    const owned = this.#logs.get(source.id) ?? (await this.#make(source));
    if (owned === undefined) return undefined;
    this.#logs.delete(source.id);
    this.#logs.set(source.id, owned);
    const [oldest] = this.#logs.keys();
    // Whoever reads one holds it, and only loses company.
    if (this.#logs.size > mostKept && oldest !== undefined) this.#logs.delete(oldest);
    // So that its file is there.
    if (owned.key !== null) await this.#storage.file(owned.key);
    return owned.log;
  }

  /** Also those who read it by now are told that what they lack was cleared. */
  cleared(sourceId: string): void {
    this.#logs.get(sourceId)?.log.clear();
  }

  forget(sourceId: string): void {
    this.#logs.delete(sourceId);
  }

  async #make(source: Source): Promise<OwnedLog | undefined> {
    const { id: sourceId, name, format, timezone, kind } = source;
    const upload = kind === 'UPLOAD' ? await this.#client.upload.findUnique({ where: { sourceId } }) : null;
    if (kind === 'UPLOAD' && upload === null) return undefined;
    const key = upload?.state === 'ACTIVE' ? storageKey(upload.key) : null;
    const provided: ProvidedLog = {
      ...{ name, format, timezone, grantees: [] },
      location: upload ? await this.#locationOf(upload) : streamLocation(this.#dataDir, source),
      ...(upload && upload.state !== 'ACTIVE' && { unavailable: stateOf(upload) }),
    };
    const known = formatNames.find((one) => one === format) ?? null;
    // Not the row itself, which stands for the right of whoever was given it.
    const log = new Log({ ...source }, provided, known, this.#surroundings);
    const stream = kind === 'STREAM' ? await this.#client.stream.findUnique({ where: { sourceId } }) : null;
    if (stream?.clearedAt) log.clear(stream.clearedAt.getTime());
    return { log, key };
  }

  async #locationOf({ key, state }: Upload): Promise<Location> {
    const path = state === 'ACTIVE' ? await this.#storage.file(storageKey(key)) : null;
    return { kind: 'whole', path: path ?? join(this.#dataDir, 'uploads', key) };
  }
}

/** What becomes of an upload that cannot be read yet. */
function stateOf({ state, failure }: Upload): FileState {
  if (state === 'FAILED') return { state, reason: failure ?? 'It failed; upload it again.' };
  return { state: 'UPLOADING', reason: 'Its bytes are not yet here; send them to the link that was given for it.' };
}

/** Where a stream is written: one file that is rotated by size, or of audit records one a day. */
export function streamLocation(dataDir: string, { id, format }: Pick<Source, 'id' | 'format'>): Location {
  const directory = join(dataDir, 'streams', id);
  return format === 'AUDIT_LOG'
    ? { kind: 'daily', directory, prefix: 'audit_', suffix: '.jsonl' }
    : { kind: 'rotated', path: join(directory, 'stream.jsonl') };
}

/** Uploads and streams, and nothing else of what the server keeps. */
function within(dataDir: string): Permits {
  return (realPath) => {
    const real = realpathSync(dataDir);
    return ['uploads', 'fetched', 'streams']
      .map((name) => join(real, name))
      .some((directory) => realPath.startsWith(directory + sep));
  };
}
