import Connection from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Column, insert, query, type Row, type Sql } from '../../src/db/sql.ts';
import { migrated } from '../access/database.ts';
import { databaseUrls } from '../support/databases.ts';

const columns: Column[] = [
  { name: 'key', type: 'BIGINT' },
  { name: 'count', type: 'BIGINT' },
  { name: 'sumUs', type: 'BIGINT' },
  { name: 'maxUs', type: 'BIGINT' },
  { name: 'durations', type: 'BYTES' },
];

const put = (rows: Row[]) => insert({ table: 'ActionRollup', columns, rows, key: 'key' });
const all = (sql: Sql) => sql.read('SELECT * FROM "ActionRollup" ORDER BY "key"', []);

describe.each(databaseUrls())('statements on %s', (_kind, freshUrl) => {
  let sql: Sql;
  let url: string;

  beforeEach(async () => {
    url = await freshUrl();
    ({ sql } = await migrated(url));
  });

  test('keep whole numbers to 2^53, and any bytes', async () => {
    const row = [Number.MAX_SAFE_INTEGER, 1, 2 ** 40, 0, Buffer.from([0, 255, 10])];
    await sql.write(() => put([row]));
    expect(await all(sql)).toEqual([row]);
    const found = await sql.read('SELECT "count" FROM "ActionRollup" WHERE "key" = $2 AND "sumUs" > $1', [
      5,
      2 ** 53 - 1,
    ]);
    expect(found).toEqual([[1]]);
  });

  test('put a row in the place of one that has its key', async () => {
    await sql.write(() =>
      put([
        [1, 1, 1, 1, Buffer.from('a')],
        [2, 2, 2, 2, Buffer.from('b')],
      ]),
    );
    await sql.write(() =>
      put([
        [2, 3, 3, 3, Buffer.from('c')],
        [3, 4, 4, 4, Buffer.alloc(0)],
      ]),
    );
    expect((await all(sql)).map(([key, count]) => [key, count])).toEqual([
      [1, 1],
      [2, 3],
      [3, 4],
    ]);
    await sql.write(() => put([]));
    expect(await all(sql)).toHaveLength(3);
  });

  test('of a transaction that fails leave nothing, and the next one works', async () => {
    const failing = sql.write(function* () {
      yield* put([[1, 1, 1, 1, Buffer.from('a')]]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const wrong = sql.write(function* () {
      yield* put([[1, 1, 1, 1, Buffer.from('a')]]);
      yield* query('SELECT nothing', []);
    });
    await expect(wrong).rejects.toThrow(/nothing/);
    expect(await all(sql)).toEqual([]);
    await sql.write(() => put([[1, 1, 1, 1, Buffer.from('a')]]));
    expect(await all(sql)).toHaveLength(1);
  });

  test('see within a transaction what it has done', async () => {
    const seen = await sql.write(function* () {
      yield* put([[1, 1, 1, 1, Buffer.from('a')]]);
      return yield* query('SELECT "key" FROM "ActionRollup"', []);
    });
    expect(seen).toEqual([[1]]);
  });

  test('of several transactions come one after the other', async () => {
    await sql.write(() => put([[1, 0, 0, 0, Buffer.alloc(0)]]));
    const add = () =>
      sql.write(function* () {
        const [row] = yield* query('UPDATE "ActionRollup" SET "sumUs" = 0 WHERE "key" = 1 RETURNING "count"', []);
        yield* query('UPDATE "ActionRollup" SET "count" = $1 WHERE "key" = 1', [Number(row?.[0]) + 1]);
      });
    await Promise.all(Array.from({ length: 30 }, add));
    expect((await all(sql))[0]?.[1]).toBe(30);
  });

  test('wait for a transaction of somebody else, without keeping the event loop', async () => {
    if (sql.file === null) return;
    const other = new Connection(sql.file);
    onTestFinished(() => {
      other.close();
    });
    other.exec('BEGIN IMMEDIATE');
    let state: 'waiting' | 'written' = 'waiting';
    const writing = sql
      .write(() => put([[1, 1, 1, 1, Buffer.from('a')]]))
      .then(() => {
        state = 'written';
      });
    // The timer fires while the statement waits.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(state).toBe('waiting');
    other.exec('COMMIT');
    await writing;
    expect(await all(sql)).toHaveLength(1);
  });
});
