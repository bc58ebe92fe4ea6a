import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { insertRows } from '../../src/db/insert.ts';
import { migrate } from '../../src/db/migrate.ts';
import { uuid7 } from '../../src/db/uuid.ts';
import { databaseUrls } from '../support/databases.ts';

describe.each(databaseUrls())('rows inserted as one JSON parameter, on %s,', (_, freshUrl) => {
  let database: Database;

  beforeAll(async () => {
    const url = await freshUrl();
    await migrate(url);
    database = await openDatabase(url);
  });

  afterAll(() => database.close());

  test('are read back as they were given, in thousands', async () => {
    const rows = Array.from({ length: 2000 }, (_, number) => ({
      id: uuid7(),
      name: `log '${number}' "\\ \u{1F4A1}\nä`,
      foldedName: 'log',
      kind: 'FILE' as const,
      format: null,
      timezone: number % 2 === 0 ? 'Europe/Zurich' : null,
      ownerId: null,
      createdAt: new Date(Date.UTC(2026, 2, 29, 1, 30, 0, number)),
      retiredAt: null,
    }));
    await insertRows(database, 'Source', rows);
    expect(await database.client.source.findMany({ orderBy: { id: 'asc' } })).toEqual(rows);
  });

  test('keep their times in the form that the client compares with', async () => {
    const createdAt = new Date('2026-11-21T10:15:30.123Z');
    await insertRows(database, 'User', [{ id: uuid7(), username: 'ada', role: 'ADMIN', disabled: true, createdAt }]);
    expect(await database.client.user.count({ where: { createdAt, disabled: true } })).toBe(1);
    expect(await database.client.user.count({ where: { createdAt: { gt: createdAt } } })).toBe(0);
  });

  test('may be none', async () => {
    await insertRows(database, 'User', []);
  });
});

test('ids of version 7 grow, also within a millisecond, and tell when they were made', () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, uuid7);
  expect([...new Set(ids)].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(String(ids[0]).replaceAll('-', '').slice(0, 12), 16)).toBeGreaterThanOrEqual(before);
});
