import type { JWTPayload } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { databaseUrls } from '../support/databases.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import { outcomeOf, registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// Hashing a password takes its time, and more where other tests run beside it.
const timeout = 60_000;

let provider: IdentityProvider;
beforeAll(async () => {
  provider = await startIdentityProvider();
});
const tokenOf = (payload: JWTPayload) => provider.tokenOf(payload);

describe.each(databaseUrls())('people of another identity provider, on %s', (kind, freshUrl) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      auth: { registration: 'OPEN', jwks: provider.jwks },
      ...(kind === 'postgresql' && { databaseUrl: await freshUrl() }),
    });
  }, timeout);

  const me = async (payload: JWTPayload) => {
    const token = await tokenOf(payload);
    const { data, errors } = await server.query('{ me { id username role } }', {}, { token });
    if (!data) throw new Error(JSON.stringify(errors));
    return data.me;
  };

  test('are made when they first come, once, and known again by their subject', { timeout }, async () => {
    const payload = { sub: 'ext-1', preferred_username: 'Grace' };
    const all = await Promise.all(Array.from({ length: 10 }, () => me(payload)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(all[0]).toMatchObject({ username: 'grace', role: 'MEMBER' });
    expect(await me({ ...payload, preferred_username: 'renamed' })).toEqual(all[0]);
  });

  test('get another name where somebody here has theirs, and are never the administrator', { timeout }, async () => {
    await registered(server, 'ada');
    expect(await me({ sub: 'ext-2', preferred_username: 'ADA' })).toMatchObject({
      username: expect.stringMatching(/^ada-[0-9a-f]{12}$/),
    });
    expect(await me({ sub: 'ext-3', preferred_username: 'admin' })).toMatchObject({
      username: expect.stringMatching(/^admin-[0-9a-f]{12}$/),
      role: 'MEMBER',
    });
    expect(await me({ sub: 'ext-4', preferred_username: 'Jürgen Müller' })).toMatchObject({
      username: 'j-rgen-m-ller',
    });
    expect(await me({ sub: 'ext-5' })).toMatchObject({ username: expect.stringMatching(/^user-/) });
  });

  test('have the role that the provider gives them, and can be disabled here', { timeout }, async () => {
    expect(await me({ sub: 'ext-6', preferred_username: 'root', roles: ['tailql-admin'] })).toMatchObject({
      role: 'ADMIN',
    });
    const member = await me({ sub: 'ext-6' });
    expect(member).toMatchObject({ username: 'root', role: 'MEMBER' });
    const { id }: { id: string } = JSON.parse(JSON.stringify(member));
    const update = (input: object) => outcomeOf(server, 'updateUser', { input: { id, ...input } }, server.token);
    expect(await update({ role: 'ADMIN' })).toMatchObject({ __typename: 'ConflictError' });

    const token = await tokenOf({ sub: 'ext-6' });
    const socket = await server.socket({ token });
    expect(await update({ disabled: true })).toMatchObject({ __typename: 'UpdateUserPayload' });
    expect(await socket.closed).toMatchObject({ code: 4403 });
    expect((await server.query('{ me { id } }', {}, { token })).status).toBe(401);
  });

  test('have no session or password here, but may have API tokens', { timeout }, async () => {
    const token = await tokenOf({ sub: 'ext-7', preferred_username: 'linus' });
    const codeOf = async (query: string) => (await server.query(query, {}, { token })).errors?.[0]?.extensions?.code;
    expect(await codeOf('mutation { logout { __typename } }')).toBe('FORBIDDEN');
    const change =
      'mutation { changePassword(input: { currentPassword: "", newPassword: "long enough" }) { __typename } }';
    expect(await codeOf(change)).toBe('FORBIDDEN');
    const login = await outcomeOf(server, 'login', { input: { username: 'linus', password: '' } });
    expect(login).toMatchObject({ __typename: 'InvalidCredentialsError' });
    const created = await outcomeOf(server, 'createToken', { input: { name: 'CI', scopes: ['LOGS_READ'] } }, token);
    expect(created).toMatchObject({ secret: expect.stringMatching(/^tailql_/) });
    const tooLong = await tokenOf({ sub: 'ext-7', fill: 'x'.repeat(8192) });
    expect((await server.query('{ me { id } }', {}, { token: tooLong })).status).toBe(401);
  });
});
