import { PrismaPg } from '@prisma/adapter-pg';
import { OperatorError } from '../errors.ts';
import type { Connector } from './connector.ts';
import { DatabaseBusyError, driverError, prove } from './driver.ts';
import { PrismaClient } from './postgresql/client.ts';
import { openPostgresqlSql } from './postgresql-sql.ts';
import type { PrismaClient as SqlitePrismaClient } from './sqlite/client.ts';

/** How long a connection may take to be made, in ms: an address that swallows packets must not hang the start. */
const connectTimeoutMs = 10_000;

/** The lock that every Prisma migration takes, so that the Prisma CLI and Tailql keep out of each other's way. */
const migrationLock = 72707369;

/** A database of a PostgreSQL server. The URL is one that node-postgres understands. */
export function postgresqlConnector(url: string): Connector {
  const { name, address, database } = describe(url);
  return {
    kind: 'postgresql',
    name,
    async connect(purpose) {
      // A lock belongs to the session that took it, so a migration has one connection and keeps it.
      const pool = purpose === 'work' ? {} : { max: 1, idleTimeoutMillis: 0 };
      const factory = new PrismaPg({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs, ...pool });
      try {
        const adapter = await factory.connect();
        // The adapter would cut a script at every semicolon and send the pieces one by one. Sent whole it is one
        // transaction, so that a migration that fails has changed nothing, and a semicolon may stand in a string.
        adapter.executeScript = async (script) => {
          await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
        };
        await prove(adapter, 'SELECT 1');
        if (purpose === 'migrate') {
          const sql = `SELECT pg_try_advisory_lock(${migrationLock})`;
          const { rows } = await adapter.queryRaw({ sql, args: [], argTypes: [] });
          if (rows[0]?.[0] !== true) {
            await adapter.dispose();
            throw new DatabaseBusyError(`Another process is migrating ${name}: wait for it, then start again.`);
          }
        }
        return adapter;
      } catch (error) {
        throw error instanceof OperatorError ? error : explain(address, database, error);
      }
    },
    // The one place where the two generations meet. Both come from the same models, so a call that one accepts the
    // other accepts too; TypeScript only sees types of the same shape under other names.
    createClient: (adapter) => new PrismaClient({ adapter }) as unknown as SqlitePrismaClient,
    openSql: () => openPostgresqlSql(url, connectTimeoutMs),
  };
}

function describe(url: string): { name: string; address: string; database: string } {
  try {
    const { host, pathname, searchParams } = new URL(url);
    const address = searchParams.get('host') ?? decodeURIComponent(host);
    const database = decodeURIComponent(pathname.slice(1));
    return { address, database, name: `PostgreSQL database ${database} at ${address}` };
  } catch {
    throw new OperatorError(
      'The database URL must look like postgresql://USER:PASSWORD@HOST:5432/DATABASE, special characters in the password written as %XX.',
      2,
    );
  }
}

/** Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html; kinds: those of the Prisma adapter. */
function explain(address: string, database: string, error: unknown): OperatorError {
  const { code, message } = driverError(error);
  switch (code) {
    case 'DatabaseNotReachable':
      return new OperatorError(
        `PostgreSQL cannot be reached at ${address}: check that it runs there, and the database URL.`,
      );
    case '28P01':
    case '28000':
      return new OperatorError(
        `PostgreSQL at ${address} refuses the user or the password (${message}): correct the database URL.`,
      );
    case '3D000':
      return new OperatorError(
        `PostgreSQL at ${address} has no database "${database}": create it (createdb ${database}), or correct the database URL.`,
      );
    default:
      return new OperatorError(
        `PostgreSQL at ${address} cannot be used (${message}): check the server and the database URL.`,
      );
  }
}
