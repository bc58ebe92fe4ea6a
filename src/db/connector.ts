import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { OperatorError } from '../errors.ts';
import type { Sql } from './sql.ts';
import type { PrismaClient } from './sqlite/client.ts';

export type DatabaseKind = 'sqlite' | 'postgresql';

/**
 * - work: what the server does all day
 * - look: one short read, on one connection, that waits for nobody
 * - migrate: one connection, and while it is open the only one anywhere that migrates
 */
export type Purpose = 'work' | 'look' | 'migrate';

/** Everything that differs between the databases before Prisma makes them equal. */
export interface Connector {
  readonly kind: DatabaseKind;
  /** The database as its operator knows it; never with a password. */
  readonly name: string;
  /**
   * Connects, and proves it by a statement. The caller disposes of what it gets. Throws OperatorError;
   * DatabaseBusyError (driver.ts) when it may work a moment later.
   */
  connect(purpose: Purpose): Promise<SqlDriverAdapter>;
  createClient(adapter: SqlDriverAdapterFactory): PrismaClient;
  /** Beside the client, for a database that `connect` has proven to work. */
  openSql(): Sql;
}

/**
 * Picks the database by its URL, `file:` or `postgresql:` (`postgres:`), and loads the code of that one only.
 * Throws OperatorError for any other URL.
 */
export async function connectorFor(url: string): Promise<Connector> {
  if (/^file:./.test(url)) {
    const { sqliteConnector } = await import('./sqlite-connector.ts');
    return sqliteConnector(url);
  }
  if (/^postgres(ql)?:/.test(url)) {
    const { postgresqlConnector } = await import('./postgresql-connector.ts');
    return postgresqlConnector(url);
  }
  // The URL is not repeated: whatever it is, it may hold a password.
  throw new OperatorError(
    'The database URL must begin with "file:" and a path (SQLite), or with "postgresql:" (PostgreSQL).',
    2,
  );
}
