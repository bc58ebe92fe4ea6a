import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { builtInAdministrator } from '../../src/access/administrator.ts';
import { SignInCodes } from '../../src/access/sign-in.ts';
import { UnauthenticatedError } from '../../src/errors.ts';
import { databaseUrls } from '../support/databases.ts';
import { migrated } from './database.ts';

const minuteMs = 60_000;

describe.each(databaseUrls())('sign-in codes on %s', (_, freshUrl) => {
  async function setUp() {
    const { client } = await migrated(await freshUrl());
    const clock = { time: Date.UTC(2026, 10, 21, 10) };
    return { client, clock, codes: new SignInCodes(client, () => clock.time) };
  }

  it('sign in as the built-in administrator', async () => {
    const { client, codes } = await setUp();
    const code = codes.create();
    expect(code).toMatch(/^[\w-]{43}$/);
    const user = await codes.redeem(code);
    expect(user).toMatchObject({ username: 'admin', role: 'ADMIN', disabled: false });
    expect(await client.user.findMany()).toEqual([user]);
  });

  it('sign in once, whoever else tries at the same moment', async () => {
    const { codes } = await setUp();
    const code = codes.create();
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => codes.redeem(code)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of tries) {
      if (attempt.status === 'rejected') expect(attempt.reason).toBeInstanceOf(UnauthenticatedError);
    }
    await expect(codes.redeem(code)).rejects.toThrow(/restart the server/);
  });

  it('are worth nothing after 15 minutes', async () => {
    const { clock, codes } = await setUp();
    const [early, late] = [codes.create(), codes.create()];
    clock.time += 15 * minuteMs - 1;
    await expect(codes.redeem(early)).resolves.toMatchObject({ username: 'admin' });
    clock.time += 1;
    await expect(codes.redeem(late)).rejects.toThrow(UnauthenticatedError);
  });

  it('are refused when they were never made, or differ in anything', async () => {
    const { codes } = await setUp();
    const code = codes.create();
    for (const wrong of ['', code.slice(1), `${code}=`, `${code} `, randomBytes(32).toString('base64url')]) {
      await expect(codes.redeem(wrong)).rejects.toThrow(UnauthenticatedError);
    }
    await expect(codes.redeem(code)).resolves.toBeDefined();
  });

  it('are of no use, and never again, once the administrator has a password', async () => {
    const { client, codes } = await setUp();
    expect(await codes.areOpen()).toBe(true);
    const [first, second] = [codes.create(), codes.create()];
    const { id } = await codes.redeem(first);
    expect(await codes.areOpen()).toBe(true);
    await client.user.update({ where: { id }, data: { passwordHash: '$scrypt$' } });
    expect(await codes.areOpen()).toBe(false);
    await expect(codes.redeem(second)).rejects.toThrow(/has a password/);
    // Also when there is no administrator left.
    await client.user.update({ where: { id }, data: { disabled: true, role: 'MEMBER' } });
    expect(await codes.areOpen()).toBe(false);
  });

  it('are at most 100 at a time; the oldest gives way', async () => {
    const { codes } = await setUp();
    const all = Array.from({ length: 101 }, () => codes.create());
    expect(new Set(all).size).toBe(101);
    const tries = await Promise.allSettled(all.map((code) => codes.redeem(code)));
    expect(tries.map(({ status }) => status)).toEqual(['rejected', ...Array(100).fill('fulfilled')]);
  });

  it('are of no use to whoever reads the memory', async () => {
    const { codes } = await setUp();
    const code = codes.create();
    expect(inspect(codes, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(code);
  });
});

describe.each(databaseUrls())('the built-in administrator on %s', (_, freshUrl) => {
  it('is made once, however many ask at the same moment over several connections', async () => {
    const url = await freshUrl();
    const databases = [await migrated(url), await migrated(url), await migrated(url)];
    const asked = databases.flatMap(({ client }) => Array.from({ length: 10 }, () => builtInAdministrator(client)));
    const ids = await Promise.all(asked).then((users) => users.map(({ id }) => id));
    expect(new Set(ids).size).toBe(1);
    expect(await databases[0]?.client.user.count()).toBe(1);
  });

  it('stays as it was changed', async () => {
    const { client } = await migrated(await freshUrl());
    const { id } = await builtInAdministrator(client);
    await client.user.update({ where: { id }, data: { disabled: true, email: 'root@example.com' } });
    expect(await builtInAdministrator(client)).toMatchObject({ id, disabled: true, email: 'root@example.com' });
  });
});
