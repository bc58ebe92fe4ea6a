import { join } from 'node:path';
import { Access } from './access/access.ts';
import { AuditLog } from './access/audit.ts';
import { Journal } from './access/journal.ts';
import { Actions } from './action/actions.ts';
import { Runs } from './analysis/runs.ts';
import { Summariser } from './analysis/summariser.ts';
import type { Config } from './config.ts';
import { makeDataDir } from './data-dir.ts';
import { type Database, openDatabase, type PrismaClient } from './db/client.ts';
import { migrate } from './db/migrate.ts';
import { Downloads } from './downloads.ts';
import type { EngineEvents } from './events.ts';
import { Unpacker } from './file/unpack.ts';
import { Logs } from './logs.ts';
import { packageVersion } from './package.ts';
import { ScanPool } from './scan/pool.ts';
import { AccessWatch } from './source/access-watch.ts';
import { AuditTrail } from './source/audit-trail.ts';
import { Catalog } from './source/catalog.ts';
import { SourceWatch } from './source/change.ts';
import { OwnedSources } from './source/owned-sources.ts';
import { Sources } from './source/sources.ts';
import { Streams } from './source/streams.ts';
import { Uploads } from './source/uploads.ts';
import { openStorage } from './storage/open.ts';
import { Summaries } from './summaries.ts';

/**
 * The engine: everything Tailql does, but for how it is asked.
 *
 *   configuration ──> catalog: which logs there are, and where          (source/)
 *   a log's files ──> chain of segments ──> lines ──> entries           (file/, format/)
 *   a page        ──> a range of that chain, from either end            (history/)
 *   a search      ──> such ranges, looked through by threads           (filter/, scan/)
 *   a download    ──> the bytes of those files, or what a search finds  (download/)
 *   what is new   ──> follower ──> feed, one for all readers            (file/follow, hub/)
 *   an analysis   ──> all of a log, counted by patterns and by time     (analysis/)
 *   an action     ──> rows and what is added up of them, in a database (action/)
 *   a tail        ──> a page up to where the feed begins, then the feed (lane, stream)
 *
 * Every function that reads or changes something takes the principal first: who asks decides what there is.
 */
export interface Engine {
  readonly config: Config;
  readonly version: string;
  readonly access: Access;
  readonly sources: Sources;
  readonly owned: OwnedSources;
  readonly uploads: Uploads;
  readonly streams: Streams;
  readonly trail: AuditTrail;
  readonly logs: Logs;
  readonly summaries: Summaries;
  readonly downloads: Downloads;
  readonly actions: Actions;
  readonly analyses: Runs;
  /** For @pothos/plugin-prisma, which loads relations of what the engine found for a principal. */
  readonly client: PrismaClient;
  /** How many logs there are, whoever may see them. */
  readonly sourceCount: number;
  /** @throws when the database does not answer */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** @throws {OperatorError} when the data directory or the database cannot be used */
export async function openEngine(config: Config, events: EngineEvents): Promise<Engine> {
  makeDataDir(config.dataDir);
  const audit = new AuditLog(config.dataDir);
  audit.record(lifecycle('server_start', 'Server started'));
  await migrate(config.databaseUrl);
  const database: Database = await openDatabase(config.databaseUrl);
  const { client } = database;
  try {
    const access = await Access.open(config, { client, audit, events });
    const unpacker = new Unpacker(join(config.dataDir, 'unpacked'), config.limits);
    await unpacker.clear();
    const pool = new ScanPool();
    const storage = await openStorage(config);
    const catalog = new Catalog(config, database, { unpacker, pool, storage }, events);
    await catalog.refresh();
    const watch = new SourceWatch(catalog, config.limits.stateIntervalMs, events);
    const readers = new AccessWatch();
    const sources = new Sources(client, catalog, watch);
    const journal = new Journal(audit, events, 'tailql.source');
    const { limits, analysis } = config;
    const uploads = await Uploads.open({ database, access, catalog, watch, storage, journal, events, limits });
    const { dataDir } = config;
    const trail = new AuditTrail(dataDir, config.auditKeyFile);
    const streams = await Streams.open({ database, catalog, watch, journal, events, limits, dataDir, trail });
    const actions = await Actions.open(config, { database, audit, events });
    const logs = new Logs({ sources, access: readers }, config, events);
    const summariser = analysis.llm ? new Summariser(analysis.llm, events) : null;
    const analyses = new Runs({ client, catalog, pool, events, limits, summariser, sources, logs, journal });
    return {
      config,
      version: packageVersion,
      access,
      sources,
      owned: new OwnedSources({ client, sources, catalog, watch, access: readers, uploads, streams, journal }),
      uploads,
      streams,
      trail,
      logs,
      summaries: new Summaries(sources, config.limits),
      downloads: new Downloads(sources, access, config.limits),
      actions,
      analyses,
      client,
      get sourceCount() {
        return catalog.size;
      },
      async check() {
        // Of a table: SQLite answers `SELECT 1` without a look at its file.
        await client.user.findFirst({ select: { id: true } });
      },
      async close() {
        access.close();
        uploads.close();
        await analyses.close();
        await streams.close();
        catalog.close();
        await actions.close();
        await pool.close();
        await unpacker.close();
        audit.record(lifecycle('server_stop', 'Server stopped'));
        audit.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function lifecycle(action: 'server_start' | 'server_stop', message: string) {
  return { level: 'INFO', logger: 'tailql.server', message, action, metadata: { version: packageVersion } } as const;
}
