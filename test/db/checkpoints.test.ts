import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Connection from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { Checkpoints } from '../../src/db/checkpoints.ts';
import { query, type Sql } from '../../src/db/sql.ts';
import { openSqliteSql } from '../../src/db/sqlite-sql.ts';
import { temporaryDirectory } from '../support/engine.ts';

const mebibyte = 2 ** 20;

async function database(): Promise<{ sql: Sql; file: string }> {
  const file = join(await temporaryDirectory(), 'some.db');
  const connection = new Connection(file);
  connection.pragma('journal_mode = WAL');
  connection.exec('CREATE TABLE some (number INTEGER PRIMARY KEY, bytes BLOB)');
  connection.close();
  const sql = openSqliteSql(file, new Checkpoints(file));
  onTestFinished(() => sql.close());
  return { sql, file };
}

/** Writes so many MiB, a quarter of one in each transaction. */
async function write(sql: Sql, mebibytes: number, pauseMs = 0): Promise<void> {
  for (let written = 0; written < mebibytes; written += 0.25) {
    await sql.write(() => query('INSERT INTO some (bytes) VALUES (zeroblob($1))', [mebibyte / 4]));
    await sleep(pauseMs);
  }
}

test('what was written is put into the file soon, long before SQLite would do so in a transaction', async () => {
  const { sql, file } = await database();
  await write(sql, 40);
  await expect.poll(() => statSync(file).size).toBeGreaterThan(16 * mebibyte);
  const [[count] = []] = await sql.read('SELECT count(*) FROM some', []);
  expect(count).toBe(160);
});

test('the log of writes begins anew while others write all the time', async () => {
  const { sql, file } = await database();
  await write(sql, 400, 2);
  expect(statSync(`${file}-wal`).size).toBeLessThan(120 * mebibyte);
});

test('a database is whole when it is closed in the middle of that', async () => {
  const { sql, file } = await database();
  await write(sql, 20);
  await sql.close();
  const connection = new Connection(file);
  onTestFinished(() => void connection.close());
  expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(connection.prepare('SELECT count(*) FROM some').pluck().get()).toBe(80);
});
