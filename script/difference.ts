import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { connectorFor, type DatabaseKind } from '../src/db/connector.ts';
import { migrate } from '../src/db/migrate.ts';
import { everything, withSchemaEngine } from '../src/db/schema-engine.ts';

/** Where the models for one kind of database are, from the root of the package. */
export const modelFiles: Record<DatabaseKind, string> = {
  sqlite: 'prisma/schema.prisma',
  postgresql: 'prisma/postgresql.prisma',
};

/**
 * The SQL that leads from the migrations to `models` (the text of a Prisma schema for the same kind of
 * database); empty when they agree. `url` is an empty database to work in.
 */
export async function difference(url: string, models: string): Promise<string> {
  await migrate(url);
  const adapter = await connect(url);
  try {
    const files = [{ path: 'schema.prisma', content: models }];
    const { exitCode, stdout } = await withSchemaEngine(adapter, (engine) =>
      engine.diff({
        from: { tag: 'schemaDatasource', files, configDir: '/' },
        to: { tag: 'schemaDatamodel', files },
        script: true,
        exitCode: true,
        filters: everything,
      }),
    );
    return exitCode === 0 ? '' : (stdout ?? '');
  } finally {
    await adapter.dispose();
  }
}

async function connect(url: string): Promise<SqlDriverAdapter> {
  const connector = await connectorFor(url);
  if (connector.kind === 'sqlite') return connector.connect('look');
  const adapter = await new PrismaPg({ connectionString: url, max: 1 }).connect();
  // To describe tables the engine reads columns of the internal type "char", which the adapter refuses: as text.
  const pool = adapter.underlyingDriver();
  const query = pool.query.bind(pool);
  Object.assign(pool, {
    query: async (config: { text: string; values: unknown[] }) => {
      const result = await query(config);
      for (const field of result.fields ?? []) if (field.dataTypeID === 18) field.dataTypeID = 25;
      return result;
    },
  });
  return adapter;
}
