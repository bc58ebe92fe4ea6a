import { join } from 'node:path';
import type { Config, SourceConfig } from '../config.ts';
import type { Database } from '../db/client.ts';
import type { EngineEvents } from '../events.ts';
import type { Unpacker } from '../file/unpack.ts';
import { DirectoryWatch } from '../file/watch.ts';
import { formatNames } from '../format/registry.ts';
import type { ScanPool } from '../scan/pool.ts';
import type { Storage } from '../storage/storage.ts';
import { allowList } from './allow-list.ts';
import { expandSources, type ProvidedLog } from './expand.ts';
import { Log, type LogSurroundings } from './log.ts';
import { OwnedLogs } from './owned-logs.ts';
import { Roster } from './roster.ts';
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
  readonly #roster: Roster;
  readonly #owned: OwnedLogs;
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
    { unpacker, pool, storage }: { unpacker: Unpacker; pool: ScanPool; storage: Storage },
    events: EngineEvents,
  ) {
    this.#roster = new Roster(database);
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
    this.#owned = new OwnedLogs({ client: database.client, storage }, config.dataDir, this.#surroundings);
  }

  /** The log of a source; undefined when nothing provides it now. */
  async log(source: Source): Promise<Log | undefined> {
    return source.kind === 'FILE' ? this.#logs.get(source.id) : this.#owned.log(source);
  }

  /** Whoever asks for the log of this source from now on is given another one, made of the row as it is then. */
  forget(sourceId: string): void {
    this.#owned.forget(sourceId);
  }

  /** A stream was emptied just now. */
  cleared(sourceId: string): void {
    this.#owned.cleared(sourceId);
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

    const rows = await this.#roster.reconcile([...provided.values()]);
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
}

/** What the server writes about itself: always there, so there is always something live to look at. */
function ownLogs(directory: string): ProvidedLog[] {
  const timezone = 'UTC';
  return [
    {
      name: 'tailql/system',
      location: { kind: 'rotated', path: join(directory, 'system.jsonl') },
      format: 'SYSTEM_LOG',
      timezone,
      grantees: [],
    },
    {
      name: 'tailql/audit',
      location: { kind: 'daily', directory, prefix: 'audit_', suffix: '.jsonl' },
      format: 'AUDIT_LOG',
      timezone,
      grantees: [],
    },
  ];
}
