import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError } from '../errors.ts';
import { type Connector, connectorFor } from './connector.ts';
import { DatabaseBusyError } from './driver.ts';
import { type History, readHistory } from './history.ts';
import { type Migration, migrationsRoot, readMigrations } from './migration.ts';

/** How long to wait for another process that migrates, in ms. */
const patienceMs = 60_000;

interface MigrateOptions {
  /** The directory with the migrations of either database. */
  root?: string;
  /** Lets some time pass before the next attempt, after another process was in the way. */
  pause?: () => Promise<void>;
}

/**
 * Brings the tables of the database at `url` up to date, and says which migrations it applied: none, quickly, when
 * nothing is to do. Any number of processes may do this at once.
 *
 * Throws OperatorError when the database cannot be used, is newer than this program, or a migration fails.
 */
export async function migrate(
  url: string,
  { root = migrationsRoot, pause = pauseBriefly }: MigrateOptions = {},
): Promise<string[]> {
  const connector = await connectorFor(url);
  const migrations = await readMigrations(connector.kind, root);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      if (await isCurrent(connector, migrations)) return [];
      return await bringUpToDate(connector, migrations);
    } catch (error) {
      if (!(error instanceof DatabaseBusyError) || performance.now() > deadline) throw error;
      await pause();
    }
  }
}

/** 20 to 80 ms: never the same for two processes that are in each other's way. */
const pauseBriefly = (): Promise<void> => sleep(20 + Math.random() * 60);

async function isCurrent(connector: Connector, migrations: Migration[]): Promise<boolean> {
  const adapter = await connector.connect('look');
  try {
    const history = await readHistory(adapter, migrations);
    refuseUnknown(connector.name, history);
    return history.state === 'current';
  } finally {
    await adapter.dispose();
  }
}

async function bringUpToDate(connector: Connector, migrations: Migration[]): Promise<string[]> {
  const { migrationList, withSchemaEngine, everything } = await import('./schema-engine.ts');
  const adapter = await connector.connect('migrate');
  try {
    // Another process may have been quicker. From here on none can be, so what is unfinished now has failed.
    const history = await readHistory(adapter, migrations);
    refuseUnknown(connector.name, history);
    if (history.state === 'current') return [];
    if (history.state === 'unfinished') throw failed(connector.name, history.migration, history.log);
    return await withSchemaEngine(adapter, async (engine) => {
      const input = { migrationsList: migrationList(connector.kind, migrations), filters: everything };
      const { appliedMigrationNames } = await engine.applyMigrations(input);
      return appliedMigrationNames;
    }).catch(async (error: unknown) => {
      const after = await readHistory(adapter, migrations);
      const log = error instanceof Error ? error.message : String(error);
      if (after.state === 'unfinished') throw failed(connector.name, after.migration, log);
      throw new OperatorError(`The tables of ${connector.name} cannot be made: ${reason(log)}.`);
    });
  } finally {
    await adapter.dispose();
  }
}

function refuseUnknown(name: string, history: History): void {
  if (history.state === 'newer') {
    throw new OperatorError(
      `${name} was migrated by a newer Tailql (${history.migration}): start that version, or restore a backup from before.`,
    );
  }
  if (history.state === 'edited') {
    throw new OperatorError(
      `${name} was migrated by another build of Tailql (${history.migration} differs): start that build, or use another database.`,
    );
  }
}

function failed(name: string, migration: string, log: string): OperatorError {
  return new OperatorError(
    `Migration ${migration} of ${name} failed (${reason(log)}): restore a backup, or repair the tables and delete its row in _prisma_migrations, then start again.`,
  );
}

/** The engine's message without its heading and its trace of numbered lines. */
function reason(log: string): string {
  const lines = log.split('\n');
  const trace = lines.findIndex((line) => /^\s+\d+: /.test(line));
  const message = lines
    .slice(0, trace === -1 ? lines.length : trace)
    .filter((line) => line !== 'external connector error');
  return message.join(' ').replace('Error querying the database: ', '').trim() || 'the process was stopped';
}
