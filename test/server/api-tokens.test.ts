import { beforeAll, describe, expect, test } from 'vitest';
import { withDatabase } from '../support/database.ts';
import { databaseUrls } from '../support/databases.ts';
import { type Credentials, type Outcome, outcomeOf, registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { follow } from '../support/tail.ts';

// Hashing a password takes its time, and more where other tests run beside it.
const timeout = 60_000;
const sources = '{ sources(first: 10) { nodes { name } } }';

/** The secret of a new token. */
const secretIn = (outcome: Outcome): string => {
  if (typeof outcome.secret !== 'string') throw new Error(JSON.stringify(outcome));
  return outcome.secret;
};

describe.each(databaseUrls())('API tokens on %s', (kind, freshUrl) => {
  let server: TestServer;
  let ada: Credentials;
  beforeAll(async () => {
    server = await startTestServer({
      auth: { registration: 'OPEN' },
      files: { 'a.log': 'one\n', 'b.log': 'two\n' },
      ...(kind === 'postgresql' && { databaseUrl: await freshUrl() }),
    });
    ada = await registered(server, 'ada');
  }, timeout);

  const create = (input: object, token: string = ada.accessToken) =>
    outcomeOf(server, 'createToken', { input: { name: 'CI', scopes: ['LOGS_READ'], ...input } }, token);
  const codeOf = async (query: string, token: string) =>
    (await server.query(query, {}, { token })).errors?.[0]?.extensions?.code;

  test('are shown once, listed to their person alone, and worth nothing once revoked', async () => {
    const created = await create({ scopes: ['LOGS_READ', 'LOGS_READ', 'LOGS_WRITE'] });
    const { id }: { id: string } = JSON.parse(JSON.stringify(created.apiToken));
    expect(created).toMatchObject({
      secret: expect.stringMatching(/^tailql_[\w-]{43}$/),
      apiToken: { name: 'CI', scopes: ['LOGS_READ', 'LOGS_WRITE'], sources: null },
    });
    const secret = secretIn(created);
    expect(await codeOf(sources, secret)).toBeUndefined();
    const list = async (token: string) =>
      JSON.stringify((await server.query('{ apiTokens { id lastUsedAt } }', {}, { token })).data);
    expect(await list(ada.accessToken)).toContain(id);
    expect(await list(ada.accessToken)).not.toContain('null');
    expect(await list(server.token)).not.toContain(id);

    const revoke = (token: string) => outcomeOf(server, 'revokeToken', { id }, token);
    expect(await revoke(server.token)).toMatchObject({ __typename: 'NotFoundError' });
    const socket = await server.socket({ token: secret });
    expect(await revoke(ada.accessToken)).toMatchObject({ revokedId: id, apiToken: { name: 'CI' } });
    expect(await socket.closed).toMatchObject({ code: 4403 });
    expect(await codeOf(sources, secret)).toBe('UNAUTHENTICATED');
    expect(await revoke(ada.accessToken)).toMatchObject({ __typename: 'NotFoundError' });
  });

  test('may do no more than who makes them, and make no others without the scope ADMIN', async () => {
    expect(await create({ scopes: ['ADMIN'] })).toMatchObject({ __typename: 'ForbiddenError' });
    const secret = secretIn(await create({ scopes: ['LOGS_READ', 'ACTIONS_READ'] }));
    for (const query of [
      'mutation { createApiToken(input: { name: "x", scopes: [LOGS_READ] }) { __typename } }',
      '{ apiTokens { id } }',
      '{ sessions { id } }',
      'mutation { logout { __typename } }',
      'mutation { changePassword(input: { currentPassword: "", newPassword: "long enough" }) { __typename } }',
    ]) {
      expect(await codeOf(query, secret), query).toBe('FORBIDDEN');
    }
    expect(secretIn(await create({ scopes: ['ADMIN'] }, server.token))).toMatch(/^tailql_/);
    const node = `{ node(id: "${ada.session.id}") { id } }`;
    expect((await server.query(node, {}, { token: secret })).data).toEqual({ node: null });
  });

  test('may be kept to some sources, and then see and follow no others', async () => {
    const [a, b] = [await server.sourceId('a.log'), await server.sourceId('b.log')];
    const created = await create({ scopes: ['LOGS_READ'], sources: [a] }, server.token);
    expect(created.apiToken).toMatchObject({ sources: [{ name: 'a.log' }] });
    const secret = secretIn(created);
    const seen = await server.query(sources, {}, { token: secret });
    expect(seen.data).toEqual({ sources: { nodes: [{ name: 'a.log' }] } });
    const node = await server.query(
      `{ node(id: "${b}") { id } source(by: { name: "b.log" }) { id } }`,
      {},
      { token: secret },
    );
    expect(node.data).toEqual({ node: null, source: null });
    const socket = await server.socket({ token: secret });
    await follow(socket, a);
    await expect(follow(socket, a, b)).rejects.toThrow('NotFoundError');
    await socket.close();

    // A source that is gone leaves it with none, not with all.
    const gone = secretIn(await create({ scopes: ['ADMIN'], sources: ['nothing'] }, server.token));
    expect((await server.query(sources, {}, { token: gone })).data).toEqual({ sources: { nodes: [] } });
    // And it makes itself no way out.
    expect(await create({ scopes: ['ADMIN'] }, gone)).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await create({ scopes: ['ADMIN'], sources: [a] }, gone)).toMatchObject({ __typename: 'ForbiddenError' });
  });

  test('are not made of what makes no sense', async () => {
    const past = new Date(Date.now() - 1000).toISOString();
    for (const [input, code] of [
      [{ name: '' }, 'INVALID_NAME'],
      [{ name: 'a\nb' }, 'INVALID_NAME'],
      [{ scopes: [] }, 'EMPTY'],
      [{ sources: [] }, 'OUT_OF_RANGE'],
      [{ expiresAt: past }, 'OUT_OF_RANGE'],
    ] as const) {
      expect((await create(input)).problems, code).toMatchObject([{ code }]);
    }
  });

  test('that another process deletes end their sockets within seconds', { timeout }, async () => {
    const secret = secretIn(await create({ name: 'gone' }));
    const socket = await server.socket({ token: secret });
    await withDatabase(server, (client) => client.apiToken.deleteMany({ where: { name: 'gone' } }));
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });
});
