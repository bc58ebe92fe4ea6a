import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { Migration } from './migration.ts';

/** What a database says about its migrations, against those we have. */
export type History =
  | { state: 'current' }
  | { state: 'behind' }
  /** Begun and not ended: it failed, or another process is at it. */
  | { state: 'unfinished'; migration: string; log: string }
  /** Applied with another text than ours. */
  | { state: 'edited'; migration: string }
  /** Applied, and we have never heard of it. */
  | { state: 'newer'; migration: string };

interface Applied {
  name: string;
  checksum: string;
  finished: boolean;
  log: string;
}

/** Compares `_prisma_migrations`, where every Prisma tool notes what it applied, with our migrations. */
export async function readHistory(adapter: SqlDriverAdapter, migrations: Migration[]): Promise<History> {
  const applied = await readApplied(adapter);
  const ours = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished, log } of applied) {
    const known = ours.get(name);
    if (known === undefined) return { state: 'newer', migration: name };
    if (!finished) return { state: 'unfinished', migration: name, log };
    if (known.checksum !== checksum) return { state: 'edited', migration: name };
    ours.delete(name);
  }
  return ours.size === 0 ? { state: 'current' } : { state: 'behind' };
}

async function readApplied(adapter: SqlDriverAdapter): Promise<Applied[]> {
  const query = (sql: string) => adapter.queryRaw({ sql, args: [], argTypes: [] });
  const exists = {
    sqlite: `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_prisma_migrations'`,
    postgres: `SELECT 1 WHERE to_regclass('_prisma_migrations') IS NOT NULL`,
  };
  const { rows: tables } = await query(adapter.provider === 'sqlite' ? exists.sqlite : exists.postgres);
  if (tables.length === 0) return [];
  const { rows } = await query(
    `SELECT migration_name, checksum, finished_at IS NOT NULL, coalesce(logs, '')
     FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows.map(([name, checksum, finished, log]) => ({
    name: String(name),
    checksum: String(checksum),
    finished: finished === true || finished === 1,
    log: String(log),
  }));
}
