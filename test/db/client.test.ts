import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { migrate } from '../../src/db/migrate.ts';
import { databaseUrls } from '../support/databases.ts';

describe.each(databaseUrls())('the client on %s', (kind, freshUrl) => {
  let database: Database;

  beforeAll(async () => {
    const url = await freshUrl();
    await migrate(url);
    database = await openDatabase(url);
  });

  beforeEach(() => database.client.user.deleteMany());
  afterAll(() => database.close());

  test('knows its kind', () => {
    expect(database.kind).toBe(kind);
  });

  test.each([
    '2026-11-21T10:15:30.123Z',
    '2026-11-21T10:15:30.000Z',
    '1969-12-31T23:59:59.999Z',
    '2026-03-29T01:30:00.001Z',
    '9999-12-31T23:59:59.999Z',
  ])('reads back %s to the millisecond', async (text) => {
    const { id } = await database.client.user.create({ data: { username: 'ada', createdAt: new Date(text) } });
    const found = await database.client.user.findUniqueOrThrow({ where: { id } });
    expect(found.createdAt.toISOString()).toBe(text);
    expect(await database.client.user.count({ where: { createdAt: new Date(text) } })).toBe(1);
    expect(await database.client.user.count({ where: { createdAt: { gt: new Date(text) } } })).toBe(0);
  });

  test('notes the time of creation to the millisecond', async () => {
    const before = Date.now();
    const { createdAt } = await database.client.user.create({ data: { username: 'ada' } });
    expect(createdAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(createdAt.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('a username is given once, in exactly this spelling', async () => {
    await database.client.user.create({ data: { username: 'ada' } });
    await expect(database.client.user.create({ data: { username: 'ada' } })).rejects.toMatchObject({ code: 'P2002' });
    await database.client.user.create({ data: { username: 'Ada' } });
    expect(await database.client.user.findUnique({ where: { username: 'ADA' } })).toBeNull();
  });

  test('names of sources are unique for one owner; those without an owner may share one', async () => {
    const { id: ownerId } = await database.client.user.create({ data: { username: 'ada' } });
    const create = (owner: string | null) =>
      database.client.source.create({ data: { name: 'log', foldedName: 'log', kind: 'UPLOAD', ownerId: owner } });
    await create(ownerId);
    await expect(create(ownerId)).rejects.toMatchObject({ code: 'P2002' });
    await create(null);
    await create(null);
    expect(await database.client.source.deleteMany({ where: { ownerId: null } })).toEqual({ count: 2 });
  });

  test('whoever is deleted takes their tokens and sources along', async () => {
    const { id } = await database.client.user.create({
      data: {
        username: 'ada',
        sources: { create: { name: 'log', foldedName: 'log', kind: 'STREAM' } },
        apiTokens: { create: { name: 'ci', secretHash: 'hash', scopes: 'LOGS_READ' } },
      },
    });
    await database.client.user.delete({ where: { id } });
    expect(await database.client.source.count({ where: { ownerId: id } })).toBe(0);
    expect(await database.client.apiToken.count()).toBe(0);
  });

  test('an owner who does not exist is refused', async () => {
    const data = { name: 'log', foldedName: 'log', kind: 'FILE' as const, ownerId: 'nobody' };
    await expect(database.client.source.create({ data })).rejects.toMatchObject({ code: 'P2003' });
  });

  test('a transaction that fails leaves nothing', async () => {
    const failing = database.client.$transaction(async (tx) => {
      await tx.user.create({ data: { username: 'ada' } });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.client.user.count()).toBe(0);
  });
});
