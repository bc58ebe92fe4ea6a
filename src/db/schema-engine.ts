import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaEngine, SchemaFilter } from '@prisma/schema-engine-wasm/schema_engine_bg';
import * as schemaEngine from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { DatabaseKind } from './connector.ts';
import type { Migration } from './migration.ts';

/** The part of the global that is used here; TypeScript has it among the types of browsers only. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

/** No table and no enum is managed by somebody else. */
export const everything: SchemaFilter = { externalTables: [], externalEnums: [] };

// Loading this module loads the engine, 5 MB of WebAssembly, so it is imported only when there is something to migrate.
// It must be loaded once in a process: the package keeps views of the memory of the one instance it knows. And by hand:
// the package's own entry imports the .wasm file as a module, which Node 20 does not do.
const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
const wasm = await readFile(path.join(path.dirname(script), 'schema_engine_bg.wasm'));
// It limits its wait for PostgreSQL's migration lock to 10 s and never clears that timer, which must not keep a process
// alive that has nothing else to do.
const imports = Object.entries(schemaEngine).map(([name, value]) =>
  name.startsWith('__wbg_setTimeout_')
    ? [name, (callback: () => void, ms: number) => setTimeout(callback, ms).unref()]
    : [name, value],
);
const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': Object.fromEntries(imports) });
schemaEngine.__wbg_set_wasm(instance.exports);
const { __wbindgen_start: start } = instance.exports;
if (typeof start === 'function') start();

/** Runs `use` with Prisma's schema engine, the one of the Prisma CLI, on an open connection; that stays open. */
export async function withSchemaEngine<T>(
  adapter: SqlDriverAdapter,
  use: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    connect: async () => adapter,
    connectToShadowDb: () => Promise.reject(new Error('No task of ours needs a shadow database')),
  };
  const engine = await schemaEngine.SchemaEngine.new(
    { datamodels: undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  try {
    return await use(engine);
  } finally {
    engine.free();
  }
}

/** Our migrations in the words of the engine. */
export function migrationList(kind: DatabaseKind, migrations: Migration[]): MigrationList {
  return {
    baseDir: '/',
    lockfile: { path: 'migration_lock.toml', content: `provider = "${kind}"\n` },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  };
}
