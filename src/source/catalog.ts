import { join } from 'node:path';
import type { Config, SourceConfig } from '../config.ts';
import type { Database } from '../db/client.ts';
import { type Column, insert } from '../db/sql.ts';
import { uuid7 } from '../db/uuid.ts';
import type { EngineEvents } from '../events.ts';
import type { Unpacker } from '../file/unpack.ts';
import { DirectoryWatch } from '../file/watch.ts';
import { formatNames } from '../format/registry.ts';
import type { ScanPool } from '../scan/pool.ts';
import { allowList } from './allow-list.ts';
import { expandSources, type ProvidedLog } from './expand.ts';
import { Log, type LogSurroundings } from './log.ts';
import { foldedName } from './name.ts';
import type { Source } from './source.ts';
import { wellKnownLogs } from './well-known.ts';

/** The logs that the configuration provides, and what of them came and went since the last look. */
export interface CatalogChange {
  added: Log[];
  removed: Log[];
}

/** Time (ms) for which a look at the directories is good enough for a list of sources. */
const freshMs = 1000;

/**
 * All logs that can be read, by source id; the only place where an id leads to a path, and paths come from the
 * configuration only.
 *
 * Rows in the database give a log its id. A row outlives its log: when the configuration names it again, its cursors
 * work again.
 */
export class Catalog {
  readonly #database: Database;
  readonly #sources: SourceConfig[];
  readonly #own: ProvidedLog[];
  readonly #maxSources: number;
  readonly #surroundings: LogSurroundings;
  readonly #logs = new Map<string, Log>();
  #completeness: 'all' | 'too-many' = 'all';
  #refreshing: Promise<CatalogChange> | null = null;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(
    config: Config,
    database: Database,
    { unpacker, pool }: { unpacker: Unpacker; pool: ScanPool },
    events: EngineEvents,
  ) {
    this.#database = database;
    this.#sources = config.sources ?? wellKnownLogs();
    this.#own = ownLogs(join(config.dataDir, 'log'));
    this.#maxSources = config.limits.maxSources;
    this.#surroundings = {
      permits: allowList(this.#sources, config.dataDir),
      unpacker,
      pool,
      watch: new DirectoryWatch(events),
      events,
      limits: config.limits,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
  }

  /** The log of a source; undefined when nothing provides it now. */
  log(sourceId: string): Log | undefined {
    return this.#logs.get(sourceId);
  }

  get logs(): Iterable<Log> {
    return this.#logs.values();
  }

  get size(): number {
    return this.#logs.size;
  }

  /** Looks again which files the patterns stand for, unless that was done a moment ago. */
  async fresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt > freshMs) await this.refresh();
  }

  /** Looks which logs there are now. */
  refresh(): Promise<CatalogChange> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
      this.#refreshedAt = performance.now();
    });
    return this.#refreshing;
  }

  close(): void {
    this.#surroundings.watch.close();
  }

  async #refresh(): Promise<CatalogChange> {
    const expanded = await expandSources(this.#sources);
    this.#tellLeftOut(expanded.length);
    const configured = expanded.slice(0, this.#maxSources);
    const provided = new Map([...this.#own, ...configured].map((log) => [log.name, log]));
    const known = new Map([...this.#logs.values()].map((log) => [log.source.name, log]));
    const removed = [...known.values()].filter((log) => !provided.has(log.source.name));
    const added = [...provided.values()].filter((log) => !known.has(log.name));
    if (added.length === 0 && removed.length === 0 && this.#refreshedAt > 0) return { added: [], removed: [] };

    const rows = await this.#reconcile([...provided.keys()]);
    for (const log of removed) this.#logs.delete(log.source.id);
    const logs = added.flatMap((log) => {
      const row = rows.get(log.name);
      if (row === undefined) return [];
      const format = formatNames.find((name) => name === (row.format ?? log.format)) ?? null;
      return [new Log(row, log, format, this.#surroundings)];
    });
    for (const log of logs) this.#logs.set(log.source.id, log);
    return { added: logs, removed };
  }

  /** Once, until it is different. */
  #tellLeftOut(count: number): void {
    const state = count > this.#maxSources ? 'too-many' : 'all';
    if (state === 'too-many' && this.#completeness === 'all') {
      this.#surroundings.events.sourcesLeftOut({ limit: this.#maxSources });
    }
    this.#completeness = state;
  }

  /** Makes the database's rows agree with what is provided, and returns them by name. */
  async #reconcile(names: string[]): Promise<Map<string, Source>> {
    const { source } = this.#database.client;
    const rows = new Map(
      (await source.findMany({ where: { kind: 'FILE', ownerId: null } })).map((row) => [row.name, row]),
    );
    const current = new Set(names);
    const ids = (retired: (row: Source) => boolean) => [...rows.values()].filter(retired).map((row) => row.id);
    const back = ids((row) => row.retiredAt !== null && current.has(row.name));
    const gone = ids((row) => row.retiredAt === null && !current.has(row.name));
    if (back.length > 0) await source.updateMany({ where: { id: { in: back } }, data: { retiredAt: null } });
    if (gone.length > 0) await source.updateMany({ where: { id: { in: gone } }, data: { retiredAt: new Date() } });
    const made = names.filter((name) => !rows.has(name)).map(newRow);
    await this.#database.sql.write(() => insert({ table: 'Source', columns, rows: made.map(asStored), key: null }));
    for (const row of made) rows.set(row.name, row);
    return rows;
  }
}

function newRow(name: string): Source {
  const unset = { format: null, timezone: null, ownerId: null, retiredAt: null };
  return { id: uuid7(), name, foldedName: foldedName(name), kind: 'FILE', createdAt: new Date(), ...unset };
}

/** Columns that are set in a new row. All rows are one statement: Prisma keeps some kilobytes for each row of its own. */
const columns: Column[] = [
  { name: 'id', type: 'TEXT' },
  { name: 'name', type: 'TEXT' },
  { name: 'foldedName', type: 'TEXT' },
  { name: 'kind', type: '"SourceKind"' },
  { name: 'createdAt', type: 'TIMESTAMP(3)' },
];

/** Times as Prisma writes them: SQLite keeps text, and compares it. */
const asStored = ({ id, name, foldedName, kind, createdAt }: Source) => [
  id,
  name,
  foldedName,
  kind,
  createdAt.toISOString().replace('Z', '+00:00'),
];

/** What the server writes about itself: always there, so there is always something live to look at. */
function ownLogs(directory: string): ProvidedLog[] {
  const timezone = 'UTC';
  return [
    {
      name: 'tailql/system',
      location: { kind: 'rotated', path: join(directory, 'system.jsonl') },
      format: 'SYSTEM_LOG',
      timezone,
    },
    {
      name: 'tailql/audit',
      location: { kind: 'daily', directory, prefix: 'audit_', suffix: '.jsonl' },
      format: 'AUDIT_LOG',
      timezone,
    },
  ];
}
