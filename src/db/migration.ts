import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../package.ts';
import type { DatabaseKind } from './connector.ts';

/** One step of the models' history, as the Prisma CLI keeps it: `<kind>/<timestamp>_<name>/migration.sql`. */
export interface Migration {
  /** The directory's name; migrations run in the order of their names. */
  name: string;
  sql: string;
  /** SHA-256 of the file, hexadecimal, as Prisma notes it in `_prisma_migrations`. */
  checksum: string;
}

/** Where the migrations of either database are. */
export const migrationsRoot = path.join(packageRoot, 'prisma', 'migrations');

/** The migrations for one database, oldest first. Throws when the directory or a file in it is missing. */
export async function readMigrations(kind: DatabaseKind, root: string): Promise<Migration[]> {
  const directory = path.join(root, kind);
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const content = await readFile(path.join(directory, name, 'migration.sql'));
      return { name, sql: content.toString('utf8'), checksum: createHash('sha256').update(content).digest('hex') };
    }),
  );
}
