import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { connectorFor } from '../../src/db/connector.ts';
import { migrate } from '../../src/db/migrate.ts';
import { migrationsRoot } from '../../src/db/migration.ts';
import { OperatorError } from '../../src/errors.ts';
import { databaseUrls } from '../support/databases.ts';

const start = path.join(import.meta.dirname, 'start.ts');

/** Migrates in a process of its own. */
async function startProcess(url: string): Promise<{ applied: string[]; engines: number; timers: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', start, url]);
  return JSON.parse(stdout);
}

async function query(url: string, sql: string): Promise<unknown[][]> {
  const adapter = await (await connectorFor(url)).connect('work');
  try {
    return (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;
  } finally {
    await adapter.dispose();
  }
}

describe.each(databaseUrls())('migrate on %s', (kind, freshUrl) => {
  let url: string;
  let root: string;
  let names: string[];

  beforeEach(async () => {
    url = await freshUrl();
    root = await mkdtemp(path.join(tmpdir(), 'tailql-migrations-'));
    await cp(migrationsRoot, root, { recursive: true });
    names = (await readdir(path.join(root, kind))).filter((name) => !name.endsWith('.toml')).sort();
  });

  afterEach(() => rm(root, { recursive: true }));

  const write = async (name: string, sql: string) => {
    await mkdir(path.join(root, kind, name));
    await writeFile(path.join(root, kind, name, 'migration.sql'), sql);
  };

  test('a fresh database gets every table', async () => {
    expect(await migrate(url)).toEqual(names);
    const database = await openDatabase(url);
    expect(await database.client.source.count()).toBe(0);
    await database.close();
  });

  test('the second start changes nothing and does not load the schema engine', async () => {
    expect(await startProcess(url)).toEqual({ applied: names, engines: 1, timers: 0 });
    expect(await startProcess(url)).toEqual({ applied: [], engines: 0, timers: 0 });
  });

  test('of processes that start at once one migrates and all come up', async () => {
    const all = await Promise.all([startProcess(url), startProcess(url), startProcess(url)]);
    expect(all.flatMap(({ applied }) => applied)).toEqual(names);
    expect(await query(url, 'SELECT count(*) FROM _prisma_migrations')).toEqual([
      [expect.toSatisfy((n) => Number(n) === names.length)],
    ]);
  });

  test('tries again when another process that migrates was in the way', async () => {
    const other = await (await connectorFor(url)).connect('migrate');
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
      await other.dispose();
    };
    expect(await migrate(url, { pause })).toEqual(names);
    expect(pauses).toBe(1);
  });

  test('says that another process is in the way', async () => {
    const connector = await connectorFor(url);
    const other = await connector.connect('migrate');
    await expect(connector.connect('migrate')).rejects.toThrow(
      kind === 'sqlite'
        ? /^The database .* is in use by another process: stop that one, then start again\.$/
        : /^Another process is migrating PostgreSQL database .*: wait for it, then start again\.$/,
    );
    await other.dispose();
  });

  test('a migration that is new is applied to a database with rows, which stay', async () => {
    await migrate(url);
    const database = await openDatabase(url);
    await database.client.user.create({ data: { username: 'ada' } });
    await database.close();
    await write('29990101000000_more', 'ALTER TABLE "User" ADD COLUMN "nickname" TEXT;');
    expect(await migrate(url, { root })).toEqual(['29990101000000_more']);
    expect(await query(url, 'SELECT username, nickname FROM "User"')).toEqual([['ada', null]]);
    expect(await migrate(url, { root })).toEqual([]);
  });

  test('people and their tokens are still there after the tables of people were changed', async () => {
    const before = names.filter((name) => name.endsWith('_people'));
    for (const name of before) await rm(path.join(root, kind, name), { recursive: true });
    await migrate(url, { root });
    await query(url, `INSERT INTO "User" (id, username, role) VALUES ('u', 'admin', 'ADMIN')`);
    await query(
      url,
      `INSERT INTO "ApiToken" (id, name, "secretHash", scopes, "ownerId") VALUES ('t', 'CI', 'hash', 'ADMIN', 'u')`,
    );
    expect(await migrate(url)).toEqual(before);
    expect(await query(url, 'SELECT t.id, username FROM "ApiToken" t JOIN "User" u ON u.id = "ownerId"')).toEqual([
      ['t', 'admin'],
    ]);
  });

  test('a database that a newer version migrated is refused', async () => {
    await write('29990101000000_future', 'CREATE TABLE future (id INTEGER);');
    await migrate(url, { root });
    await expect(migrate(url)).rejects.toThrow(
      /was migrated by a newer Tailql \(29990101000000_future\): start that version/,
    );
    await expect(migrate(url)).rejects.toThrow(OperatorError);
  });

  test('a database whose migration had another text is refused', async () => {
    await migrate(url);
    await appendFile(path.join(root, kind, names[0] ?? '', 'migration.sql'), '-- edited\n');
    await expect(migrate(url, { root })).rejects.toThrow(
      `was migrated by another build of Tailql (${names[0]} differs): start that build`,
    );
  });

  test('a failed migration is named with its reason, then and at the next start', async () => {
    await write('29990101000000_bad', `CREATE TABLE half (id INTEGER);\nINSERT INTO absent VALUES (1);`);
    const first = await migrate(url, { root }).catch((error: unknown) => error);
    expect(first).toBeInstanceOf(OperatorError);
    expect(first).toHaveProperty(
      'message',
      expect.stringMatching(
        /^Migration 29990101000000_bad of .* failed \([^)]*absent[^)]*\): restore a backup, or repair/,
      ),
    );
    expect(first).toHaveProperty('message', expect.not.stringMatching(/\n|schema_engine|\.rs/));
    await expect(migrate(url, { root })).rejects.toThrow(
      /^Migration 29990101000000_bad of .* failed \([^)]*absent[^)]*\)/,
    );
    await query(url, `DELETE FROM _prisma_migrations WHERE migration_name = '29990101000000_bad'`);
    expect(await migrate(url)).toEqual([]);
  });

  test('a semicolon in a string is part of the string', async () => {
    await write('29990101000000_text', `CREATE TABLE texts (t TEXT);\nINSERT INTO texts VALUES ('a;b');`);
    await migrate(url, { root });
    expect(await query(url, 'SELECT t FROM texts')).toEqual([['a;b']]);
  });

  if (kind === 'postgresql')
    test('a migration that fails has changed nothing', async () => {
      await write('29990101000000_bad', 'CREATE TABLE half (id INTEGER);\nBROKEN;');
      await expect(migrate(url, { root })).rejects.toThrow(/failed \(.*syntax error/);
      expect(await query(url, `SELECT 1 WHERE to_regclass('half') IS NOT NULL`)).toEqual([]);
    });

  if (kind === 'postgresql')
    test('a user who may not make tables is told so', async () => {
      const role = `poor_${new URL(url).pathname.slice(1)}`;
      await query(url, `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
      const poor = Object.assign(new URL(url), { username: role }).href;
      await expect(migrate(poor)).rejects.toThrow(/cannot be made: .*permission denied for schema public/);
    });
});
