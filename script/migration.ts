// npx tsx script/migration.ts NAME     writes the migration that leads to the models, for both databases
// npx tsx script/migration.ts --check  exits with 1, and prints the SQL, when such a migration is missing
//
// Needs neither the Prisma CLI's engine nor a network; for PostgreSQL it starts a server of its own, which must be
// installed.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatabaseKind } from '../src/db/connector.ts';
import { migrationsRoot } from '../src/db/migration.ts';
import { packageRoot } from '../src/package.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { difference, modelFiles } from './difference.ts';

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || rest.length > 0 || !/^(--check|[a-z0-9_]+)$/.test(name)) {
  process.stderr.write('Usage: npx tsx script/migration.ts NAME | --check   (NAME: a-z, 0-9 and _)\n');
  process.exit(2);
}
const postgres = await startPostgres();
if (postgres === null) {
  process.stderr.write('PostgreSQL is not installed: apt-get install postgresql.\n');
  process.exit(2);
}
const scratch = await mkdtemp(path.join(tmpdir(), 'tailql-migration-'));
try {
  // One name for both, so that it is plain that they are one change.
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  await bring('sqlite', `file:${path.join(scratch, 'empty.db')}`, `${timestamp}_${name}`);
  await bring('postgresql', postgres.url, `${timestamp}_${name}`);
} finally {
  await postgres.stop();
  await rm(scratch, { recursive: true });
}

async function bring(kind: DatabaseKind, url: string, migration: string): Promise<void> {
  const directory = path.join(migrationsRoot, kind);
  await mkdir(directory, { recursive: true });
  const sql = await difference(url, await readFile(path.join(packageRoot, modelFiles[kind]), 'utf8'));
  if (sql === '') {
    process.stdout.write(`${kind}: models and migrations agree.\n`);
  } else if (name === '--check') {
    process.stdout.write(`${kind}: a migration is missing (npx tsx script/migration.ts NAME):\n\n${sql}\n`);
    process.exitCode = 1;
  } else {
    await writeFile(path.join(directory, 'migration_lock.toml'), `provider = "${kind}"\n`);
    await mkdir(path.join(directory, migration));
    await writeFile(path.join(directory, migration, 'migration.sql'), sql);
    process.stdout.write(`${kind}: wrote ${path.relative(packageRoot, path.join(directory, migration))}\n`);
  }
}
