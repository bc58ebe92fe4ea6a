import { beforeAll, describe, expect, test } from 'vitest';
import { withDatabase } from '../support/database.ts';
import { databaseUrls } from '../support/databases.ts';
import {
  type Credentials,
  credentialsIn,
  documents,
  loggedIn,
  outcomeOf,
  password,
  registered,
} from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// Hashing a password takes its time, and more where other tests run beside it.
const timeout = 60_000;
const ended = { code: 4403, reason: 'Your sign-in was ended; sign in again.' };
const sourcesChanged = 'subscription { sourcesChanged { __typename } }';

describe.each(databaseUrls())('a session on %s', (kind, freshUrl) => {
  let server: TestServer;
  let other: Credentials;

  beforeAll(async () => {
    server = await startTestServer({
      auth: { registration: 'OPEN' },
      limits: { maxSignInsPerAddress: 1000 },
      ...(kind === 'postgresql' && { databaseUrl: await freshUrl() }),
    });
    await registered(server, 'ada');
    other = await registered(server, 'bob');
  }, timeout);

  const refresh = (refreshToken: string) => outcomeOf(server, 'refresh', { refreshToken });
  const statusOf = async ({ accessToken }: Credentials) =>
    (await server.query('{ me { username } }', {}, { token: accessToken })).status;
  const refused = { __typename: 'InvalidCredentialsError', message: expect.stringContaining('sign in again') };

  /** A stream of server-sent events, and its whole text once it has ended. */
  async function stream({ accessToken }: Credentials): Promise<{ text: Promise<string> }> {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${accessToken}`,
      },
      body: JSON.stringify({ query: sourcesChanged }),
    });
    expect(response.status).toBe(200);
    return { text: response.text() };
  }

  test('is renewed by its refresh token, which is replaced', { timeout }, async () => {
    const first = await loggedIn(server, 'ada');
    const second = credentialsIn(await refresh(first.refreshToken));
    expect(second).toMatchObject({ session: { id: first.session.id, current: true }, user: first.user });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const third = credentialsIn(await refresh(second.refreshToken));
    expect(await statusOf(third)).toBe(200);
    // The access token of before is good for its time: it is the session that counts.
    expect(await statusOf(first)).toBe(200);
  });

  test('of twenty refreshes at the same moment is one, and all get the same token', { timeout }, async () => {
    const first = await loggedIn(server, 'ada');
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => refresh(first.refreshToken)));
    const all = outcomes.map(credentialsIn);
    expect(new Set(all.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(new Set(all.map(({ session }) => session.id))).toEqual(new Set([first.session.id]));
    // Whoever asks again, because the answer was lost, gets it too.
    const [{ refreshToken } = first] = all;
    expect(credentialsIn(await refresh(first.refreshToken)).refreshToken).toBe(refreshToken);
    expect(await statusOf(credentialsIn(await refresh(refreshToken)))).toBe(200);
  });

  test('ends when an old refresh token is used, with its sockets and streams', { timeout }, async () => {
    const first = await loggedIn(server, 'ada');
    const second = credentialsIn(await refresh(first.refreshToken));
    const third = credentialsIn(await refresh(second.refreshToken));
    const untouched = await loggedIn(server, 'ada');
    const socket = await server.socket({ token: third.accessToken });
    const id = socket.subscribe(sourcesChanged);
    const streamed = await stream(third);

    expect(await refresh(first.refreshToken)).toEqual(refused);
    expect(await socket.next(id)).toMatchObject({
      type: 'error',
      payload: [{ message: ended.reason }],
    });
    expect(await socket.closed).toEqual(ended);
    expect(await streamed.text).toContain('Your sign-in was ended');
    for (const { refreshToken } of [first, second, third]) expect(await refresh(refreshToken)).toEqual(refused);
    expect(await statusOf(third)).toBe(401);
    expect(await statusOf(untouched)).toBe(200);
  });

  test.each([
    ['nothing', () => ''],
    ['an access token', ({ accessToken }: Credentials) => accessToken],
    [
      'a token of another family',
      ({ refreshToken }: Credentials) => `tailqlr_${'x'.repeat(43)}${refreshToken.slice(-43)}`,
    ],
    ['one character more', ({ refreshToken }: Credentials) => `${refreshToken}A`],
    ['a NUL character', () => `tailqlr_${'\u0000'.repeat(86)}`],
  ])('is not renewed, and does not end, by %s', { timeout }, async (_what, tokenOf) => {
    expect(await refresh(tokenOf(other))).toEqual(refused);
    expect(await statusOf(other)).toBe(200);
  });

  test('ends when its person says so; that of somebody else is one that is not there', { timeout }, async () => {
    const [ada, second] = [await loggedIn(server, 'ada'), await loggedIn(server, 'ada')];
    const socket = await server.socket({ token: second.accessToken });
    const { data } = await server.query<{ sessions: { id: string; current: boolean }[] }>(
      '{ sessions { id current remoteAddress userAgent createdAt } }',
      {},
      { token: ada.accessToken },
    );
    expect(data?.sessions.filter(({ current }) => current).map(({ id }) => id)).toEqual([ada.session.id]);
    expect(data?.sessions.map(({ id }) => id)).toContain(second.session.id);
    expect(data?.sessions.map(({ id }) => id)).not.toContain(other.session.id);

    const revoke = (id: string) => outcomeOf(server, 'revokeSession', { id }, ada.accessToken);
    const missing = await revoke('nothing');
    expect(missing).toMatchObject({ __typename: 'NotFoundError' });
    expect(await revoke(other.session.id)).toEqual(missing);
    const node = '{ node(id: "ID") { __typename } }';
    const asAda = (query: string) => server.query(query, {}, { token: ada.accessToken });
    expect((await asAda(node.replace('ID', other.session.id))).data).toEqual({ node: null });
    expect((await asAda(node.replace('ID', second.session.id))).data).toEqual({ node: { __typename: 'Session' } });

    const { id } = second.session;
    expect(await revoke(id)).toEqual({ __typename: 'RevokeSessionPayload', revokedId: id, session: { id } });
    expect(await socket.closed).toEqual(ended);
    expect(await statusOf(second)).toBe(401);
    expect(await refresh(second.refreshToken)).toEqual(refused);

    expect(await outcomeOf(server, 'logout', {}, ada.accessToken)).toMatchObject({ loggedOut: true });
    expect(await statusOf(ada)).toBe(401);
    expect(await statusOf(other)).toBe(200);
  });

  test('ends with all others of its person when the password is changed', { timeout }, async () => {
    const carol = await registered(server, 'carol');
    const second = await loggedIn(server, 'carol');
    const socket = await server.socket({ token: second.accessToken });
    const change = (input: object) => outcomeOf(server, 'changePassword', { input }, carol.accessToken);
    const newPassword = 'another long password';
    expect(await change({ currentPassword: 'wrong', newPassword })).toMatchObject({
      __typename: 'InvalidCredentialsError',
    });
    expect(await change({ currentPassword: password, newPassword: 'short' })).toMatchObject({
      problems: [{ path: ['input', 'newPassword'], code: 'TOO_SHORT' }],
    });
    const changed = credentialsIn(await change({ currentPassword: password, newPassword }));
    expect(await socket.closed).toEqual(ended);
    expect([await statusOf(carol), await statusOf(second), await statusOf(changed)]).toEqual([401, 401, 200]);
    const login = (text: string) => outcomeOf(server, 'login', { input: { username: 'carol', password: text } });
    expect(await login(password)).toMatchObject({ __typename: 'InvalidCredentialsError' });
    expect(await login(newPassword)).toMatchObject({ __typename: 'LoginPayload' });
  });

  test('of which somebody has a hundred gives way to the next', { timeout: 2 * timeout }, async () => {
    const dora = await registered(server, 'dora');
    await withDatabase(server, async (client) => {
      const { userId } = await client.session.findFirstOrThrow({ where: { user: { username: 'dora' } } });
      const expiresAt = new Date(Date.now() + 3600_000);
      for (let index = 0; index < 99; index++) {
        const hashes = { familyHash: `family ${index}`, refreshHash: `own ${index}` };
        await client.session.create({ data: { userId, expiresAt, ...hashes } });
      }
    });
    const last = await loggedIn(server, 'dora');
    const answer = await server.query<{ sessions: object[] }>('{ sessions { id } }', {}, { token: last.accessToken });
    expect(answer.data?.sessions).toHaveLength(100);
    expect(await statusOf(dora)).toBe(401);
  });
});

describe('the cookies of a browser', () => {
  test('are given to pages of the server, renewed without an argument, and taken at the end', { timeout }, async () => {
    const server = await startTestServer({ auth: { registration: 'OPEN' } });
    await registered(server, 'ada');
    const post = async (query: string, headers: { [name: string]: string }, variables: object = {}) => {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const cookies = response.headers.getSetCookie();
      return { body: await response.text(), cookies, cookie: cookies.map((text) => text.split(';')[0]).join('; ') };
    };
    const input = { username: 'ada', password };
    expect((await post(documents.login, {}, { input })).cookies).toEqual([]);
    expect((await post(documents.login, { origin: 'https://evil.example' }, { input })).cookies).toEqual([]);

    const page = { origin: server.url };
    const login = await post(documents.login, page, { input });
    expect(login.cookies).toEqual([
      expect.stringMatching(/^tailql_session=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43\d\d\d$/),
      expect.stringMatching(/^tailql_refresh=[\w-]+; HttpOnly; SameSite=Strict; Path=\/graphql; Max-Age=2591\d\d\d$/),
    ]);
    const me = '{ me { username } }';
    expect((await post(me, { ...page, cookie: login.cookie })).body).toContain('ada');

    const renewed = await post(documents.refresh, { ...page, cookie: login.cookie });
    expect(renewed.body).toContain('RefreshSessionPayload');
    expect(renewed.cookie).not.toBe(login.cookie);
    const foreign = await post(documents.refresh, { origin: 'https://evil.example', cookie: renewed.cookie });
    expect(foreign.body).toContain('InvalidCredentialsError');
    expect((await post(documents.refresh, page)).body).toContain('InvalidCredentialsError');

    const logout = await post(documents.logout, { ...page, cookie: renewed.cookie });
    expect(logout.cookies).toEqual([
      'tailql_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0',
      'tailql_refresh=; HttpOnly; SameSite=Strict; Path=/graphql; Max-Age=0',
    ]);
    expect((await post(me, { ...page, cookie: renewed.cookie })).body).toContain('UNAUTHENTICATED');
  });

  test('are sent over TLS only where a proxy speaks it', async () => {
    const server = await startTestServer({ publicUrl: 'https://logs.example.com' });
    const response = await fetch(server.signInUrl, { redirect: 'manual' });
    expect(response.headers.getSetCookie().map((text) => text.endsWith('; Secure'))).toEqual([true, true]);
  });
});
