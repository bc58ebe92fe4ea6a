import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, inject } from 'vitest';
import type { DatabaseKind } from '../../src/db/client.ts';
import { createDatabase } from './postgres.ts';

/**
 * The databases of this run for `describe.each(databaseUrls())('... on %s', (kind, freshUrl) => ...)`. Each call of
 * `freshUrl` makes a new, empty database. Call it in a test or a hook.
 */
export function databaseUrls(): [DatabaseKind, () => Promise<string>][] {
  const sqlite: [DatabaseKind, () => Promise<string>] = ['sqlite', freshSqliteUrl];
  const postgresUrl = inject('postgresUrl');
  return postgresUrl === null ? [sqlite] : [sqlite, ['postgresql', () => createDatabase(postgresUrl)]];
}

/** The URL of a new database file in a directory of its own; removed when the test file has run. */
export async function freshSqliteUrl(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tailql-sqlite-'));
  directories.push(directory);
  return `file:${path.join(directory, 'tailql.db')}`;
}

const directories: string[] = [];

afterAll(async () => {
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true, force: true })));
});
