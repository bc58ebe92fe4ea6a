import { describe, expect, it } from 'vitest';
import { type ApiTokenStore, createApiToken, findApiToken, grantedScopes } from '../../src/access/api-token.ts';
import type { ApiToken } from '../../src/db/sqlite/client.ts';
import { InvalidInputError, UnauthenticatedError } from '../../src/errors.ts';
import type { EngineEvents } from '../../src/events.ts';
import { databaseUrls } from '../support/databases.ts';
import { migrated } from './database.ts';

describe.each(databaseUrls())('API tokens on %s', (kind, freshUrl) => {
  async function setUp() {
    const { client } = await migrated(await freshUrl());
    const owner = await client.user.create({ data: { username: 'ada' } });
    const clock = { time: Date.UTC(2026, 10, 21, 10) };
    const failures: Parameters<EngineEvents['failed']>[0][] = [];
    const store: ApiTokenStore = {
      client,
      events: { failed: (event) => failures.push(event) },
      now: () => clock.time,
    };
    const lastUse = ({ id }: ApiToken) =>
      client.apiToken.findUniqueOrThrow({ where: { id } }).then((row) => row.lastUsedAt);
    return { client, owner, clock, failures, store, lastUse };
  }

  it('are found by their secret, with their owner', async () => {
    const { client, owner, store } = await setUp();
    const { apiToken, secret } = await createApiToken(client, owner, {
      name: 'CI',
      scopes: ['LOGS_READ', 'LOGS_WRITE'],
    });
    expect(secret).toMatch(/^tailql_[\w-]{43}$/);
    const found = await findApiToken(store, secret);
    expect(found).toMatchObject({ id: apiToken.id, name: 'CI', expiresAt: null, owner });
    expect(grantedScopes(found)).toEqual(['LOGS_READ', 'LOGS_WRITE']);
  });

  it('have secrets that are never equal and never stored', async () => {
    const { client, owner } = await setUp();
    const make = () => createApiToken(client, owner, { name: 'CI', scopes: [] });
    const secrets = await Promise.all([make(), make(), make()]).then((made) => made.map(({ secret }) => secret));
    expect(new Set(secrets).size).toBe(3);
    const stored = JSON.stringify(await client.apiToken.findMany());
    for (const secret of secrets) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(secret.slice('tailql_'.length));
    }
  });

  it('grant nothing for a scope that this version does not know', async () => {
    const { client, owner, store } = await setUp();
    const { apiToken, secret } = await createApiToken(client, owner, { name: 'CI', scopes: [] });
    expect(grantedScopes(await findApiToken(store, secret))).toEqual([]);
    await client.apiToken.update({ where: { id: apiToken.id }, data: { scopes: 'FUTURE LOGS_READ admin' } });
    expect(grantedScopes(await findApiToken(store, secret))).toEqual(['LOGS_READ']);
  });

  it('are refused when they are unknown, or differ in anything', async () => {
    const { client, owner, store } = await setUp();
    const { apiToken, secret } = await createApiToken(client, owner, { name: 'CI', scopes: [] });
    for (const wrong of ['tailql_', `${secret}A`, secret.slice(0, -1), secret.toUpperCase(), apiToken.secretHash]) {
      await expect(findApiToken(store, wrong)).rejects.toThrow(/not valid/);
    }
    await client.apiToken.delete({ where: { id: apiToken.id } });
    await expect(findApiToken(store, secret)).rejects.toThrow(UnauthenticatedError);
  });

  it('are refused from the moment they expire', async () => {
    const { client, owner, clock, store } = await setUp();
    const expiresAt = new Date(clock.time + 1000);
    const { secret } = await createApiToken(client, owner, { name: 'CI', scopes: [], expiresAt });
    clock.time += 999;
    expect((await findApiToken(store, secret)).expiresAt).toEqual(expiresAt);
    clock.time += 1;
    await expect(findApiToken(store, secret)).rejects.toThrow(UnauthenticatedError);
    await expect(findApiToken(store, secret)).rejects.toThrow(/expired/);
  });

  it('are refused while their owner is disabled', async () => {
    const { client, owner, store } = await setUp();
    const { secret } = await createApiToken(client, owner, { name: 'CI', scopes: [] });
    await client.user.update({ where: { id: owner.id }, data: { disabled: true } });
    await expect(findApiToken(store, secret)).rejects.toThrow(UnauthenticatedError);
    await expect(findApiToken(store, secret)).rejects.toThrow(/disabled/);
    await client.user.update({ where: { id: owner.id }, data: { disabled: false } });
    await expect(findApiToken(store, secret)).resolves.toMatchObject({ owner: { id: owner.id } });
  });

  it('note when they were used, at most once a minute', async () => {
    const { client, owner, clock, store, lastUse } = await setUp();
    const { apiToken, secret } = await createApiToken(client, owner, { name: 'CI', scopes: [] });
    expect(await lastUse(apiToken)).toBeNull();
    const first = clock.time;
    const uses: [number, number][] = [
      [0, 0],
      [59_999, 0],
      [60_000, 60_000],
      [119_999, 60_000],
      [500_000, 500_000],
    ];
    for (const [after, noted] of uses) {
      clock.time = first + after;
      await findApiToken(store, secret);
      expect(await lastUse(apiToken)).toEqual(new Date(first + noted));
    }
  });

  it('are not noted as used when they are refused', async () => {
    const { client, owner, store, lastUse } = await setUp();
    const { apiToken, secret } = await createApiToken(client, owner, {
      name: 'CI',
      scopes: [],
      expiresAt: new Date(0),
    });
    await expect(findApiToken(store, secret)).rejects.toThrow();
    expect(await lastUse(apiToken)).toBeNull();
  });

  it('work when their use cannot be noted, which is reported', async () => {
    const { client, owner, store, failures } = await setUp();
    const { apiToken, secret } = await createApiToken(client, owner, { name: 'CI', scopes: [] });
    await client.$executeRawUnsafe(
      kind === 'sqlite'
        ? `CREATE TRIGGER full BEFORE UPDATE ON "ApiToken" BEGIN SELECT RAISE(ABORT, 'disk full'); END`
        : 'ALTER TABLE "ApiToken" ADD CHECK ("lastUsedAt" IS NULL)',
    );
    expect((await findApiToken(store, secret)).id).toBe(apiToken.id);
    expect(failures).toEqual([{ doing: expect.stringContaining('API token'), error: expect.any(Error) }]);
  });

  it('need a name that can be shown', async () => {
    const { client, owner } = await setUp();
    const make = (name: string) => createApiToken(client, owner, { name, scopes: [] });
    for (const name of ['', 'x'.repeat(101), 'a\nb', 'a\0', '\u001b[31m', '\u0085']) {
      await expect(make(name)).rejects.toThrow(InvalidInputError);
    }
    expect(await client.apiToken.count()).toBe(0);
    for (const name of ['x', '\u{1f600}'.repeat(100), 'Büro 2']) {
      expect((await make(name)).apiToken.name).toBe(name);
    }
  });
});
