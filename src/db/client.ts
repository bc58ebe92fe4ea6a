import { connectorFor, type DatabaseKind } from './connector.ts';
import type { Sql } from './sql.ts';
import type { PrismaClient } from './sqlite/client.ts';

export type { DatabaseKind } from './connector.ts';
export type { PrismaClient } from './sqlite/client.ts';

/** The open database. Its tables are there once `migrate` has run. */
export interface Database {
  readonly kind: DatabaseKind;
  /** What to call it in a message; never with a password. */
  readonly name: string;
  /** Typed by the SQLite generation of the client; the PostgreSQL one has the same calls. */
  readonly client: PrismaClient;
  readonly sql: Sql;
  /** Ends every connection. The database cannot be used afterwards. */
  close(): Promise<void>;
}

/**
 * Opens the database at a `file:` or `postgresql:` URL, ready for the first query. Throws OperatorError when it cannot
 * be reached, read or written.
 */
export async function openDatabase(url: string): Promise<Database> {
  const connector = await connectorFor(url);
  const adapter = await connector.connect('work');
  // Prisma gets the connection that is proven to work: its own error for a bad one names neither reason nor remedy.
  const client = connector.createClient({
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    connect: async () => adapter,
  });
  await client.$connect();
  const sql = connector.openSql();
  return {
    kind: connector.kind,
    name: connector.name,
    client,
    sql,
    async close() {
      await sql.close();
      await client.$disconnect();
    },
  };
}
