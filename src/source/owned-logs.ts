import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { PrismaClient } from '../db/client.ts';
import type { Location } from '../file/listing.ts';
import type { Permits } from '../file/open.ts';
import { formatNames } from '../format/registry.ts';
import { Log, type LogSurroundings } from './log.ts';
import type { Source } from './source.ts';

/** Logs kept for the next who asks; one that is made again has to look again how it is written. */
const mostKept = 1000;

/** The logs that people own, made when they are asked for. Their files are in the data directory, by names of ours. */
export class OwnedLogs {
  readonly #client: PrismaClient;
  readonly #dataDir: string;
  readonly #surroundings: LogSurroundings;
  /** Those asked for last, at the end. */
  readonly #logs = new Map<string, Log>();

  constructor(client: PrismaClient, dataDir: string, surroundings: Omit<LogSurroundings, 'permits'>) {
    this.#client = client;
    this.#dataDir = dataDir;
    this.#surroundings = { ...surroundings, permits: within(dataDir) };
  }

  async log(source: Source): Promise<Log | undefined> {
    const log = this.#logs.get(source.id) ?? (await this.#make(source));
    if (log === undefined) return undefined;
    this.#logs.delete(source.id);
    this.#logs.set(source.id, log);
    const [oldest] = this.#logs.keys();
    // Whoever reads one holds it, and only loses company.
    if (this.#logs.size > mostKept && oldest !== undefined) this.#logs.delete(oldest);
    return log;
  }

  forget(sourceId: string): void {
    this.#logs.delete(sourceId);
  }

  async #make(source: Source): Promise<Log | undefined> {
    const location = await this.#locationOf(source);
    if (location === null) return undefined;
    const { name, format, timezone } = source;
    const known = formatNames.find((one) => one === format) ?? null;
    // Not the row itself, which stands for the right of whoever was given it.
    return new Log({ ...source }, { name, location, format, timezone, grantees: [] }, known, this.#surroundings);
  }

  async #locationOf({ id, kind, format }: Source): Promise<Location | null> {
    if (kind === 'STREAM') return streamLocation(this.#dataDir, { id, format });
    const upload = await this.#client.upload.findUnique({ where: { sourceId: id } });
    return upload && { kind: 'rotated', path: join(this.#dataDir, 'uploads', upload.key) };
  }
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
    return [join(real, 'uploads'), join(real, 'streams')].some((directory) => realPath.startsWith(directory + sep));
  };
}
