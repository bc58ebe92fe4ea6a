import { describe, expect, test } from 'vitest';
import { databaseUrls } from '../support/databases.ts';
import { credentialsIn, documents, outcomeOf, password, registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// Hashing a password takes its time, and more where other tests run beside it.
const timeout = 60_000;

const register = (server: TestServer, input: object) =>
  outcomeOf(server, 'register', { input: { username: 'ada', password, ...input } });

describe.each(databaseUrls())('registration on %s', (kind, freshUrl) => {
  const start = async (registration: 'OPEN' | 'INVITATION' | 'CLOSED') =>
    startTestServer({ auth: { registration }, ...(kind === 'postgresql' && { databaseUrl: await freshUrl() }) });

  test('when open makes a member of whoever wants, who is signed in at once', { timeout }, async () => {
    const server = await start('OPEN');
    expect(await server.data('{ server { registration } }')).toEqual({ server: { registration: 'OPEN' } });
    const ada = credentialsIn(await register(server, { username: ' Ada', email: 'ada@example.com' }));
    expect(ada).toMatchObject({ user: { username: 'ada', role: 'MEMBER' }, session: { current: true } });
    const me = await server.query('{ me { username email } }', {}, { token: ada.accessToken });
    expect(me.data).toEqual({ me: { username: 'ada', email: 'ada@example.com' } });

    const taken = { __typename: 'ConflictError', message: 'Somebody has this name already; choose another.' };
    for (const username of ['ada', 'ADA', 'aDa ']) expect(await register(server, { username })).toEqual(taken);
    const found = await server.data('{ users(nameContains: "AD") { totalCount nodes { username } } }');
    expect(found).toEqual({ users: { totalCount: 2, nodes: [{ username: 'admin' }, { username: 'ada' }] } });
  });

  test('of fifty who want one name at the same moment lets in one', { timeout: 2 * timeout }, async () => {
    const server = await start('OPEN');
    const names = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? 'ada' : 'Ada'));
    const outcomes = await Promise.all(names.map((username) => register(server, { username })));
    const kinds = outcomes.map(({ __typename }) => __typename);
    expect(kinds.filter((name) => name === 'RegisterPayload')).toHaveLength(1);
    // Of so many at once, some are told to come back later, for passwords are hashed two at a time.
    expect(new Set(kinds)).toEqual(new Set(['RegisterPayload', 'ConflictError', 'LimitReachedError']));
    const { users } = await server.data<{ users: object }>('{ users(nameContains: "ada") { totalCount } }');
    expect(users).toEqual({ totalCount: 1 });
  });

  test('by invitation lets in one person for each, as what they were invited', { timeout }, async () => {
    const server = await start('INVITATION');
    const invite = (input: object) => outcomeOf(server, 'invite', { input }, server.token);
    const refused = { __typename: 'ForbiddenError', message: expect.stringContaining('by invitation') };
    for (const invitation of [undefined, '', 'nonsense', '\u0000']) {
      expect(await register(server, { invitation })).toEqual(refused);
    }

    const { code, invitation } = await invite({ role: 'ADMIN', email: 'ada@example.com' });
    expect(invitation).toMatchObject({ role: 'ADMIN', email: 'ada@example.com', invitedBy: { username: 'admin' } });
    const racing = ['ada', 'bob', 'eve'].map((username) => register(server, { username, invitation: code }));
    const outcomes = await Promise.all(racing);
    const accepted = outcomes.filter(({ __typename }) => __typename === 'RegisterPayload');
    expect(accepted).toMatchObject([{ credentials: { user: { role: 'ADMIN' } } }]);
    expect(outcomes.filter(({ __typename }) => __typename === 'ForbiddenError')).toHaveLength(2);
    expect(await register(server, { username: 'mallory', invitation: code })).toEqual(refused);
    expect(await server.data('{ invitations { id } }')).toEqual({ invitations: [] });

    const second = await invite({});
    const { invitations } = await server.data<{ invitations: { id: string; role: string }[] }>(
      '{ invitations { id role } }',
    );
    expect(invitations).toEqual([{ id: expect.any(String), role: 'MEMBER' }]);
    const { id } = invitations[0] ?? { id: '' };
    const revoke = () => outcomeOf(server, 'revokeInvitation', { id }, server.token);
    expect(await revoke()).toEqual({ __typename: 'RevokeInvitationPayload', revokedId: id });
    expect(await revoke()).toMatchObject({ __typename: 'NotFoundError' });
    expect(await register(server, { username: 'carol', invitation: second.code })).toEqual(refused);

    const late = await invite({ expiresAt: new Date(Date.now() + 365 * 24 * 3600_000).toISOString() });
    expect(late).toMatchObject({ problems: [{ path: ['input', 'expiresAt'], code: 'OUT_OF_RANGE' }] });
    const past = await invite({ expiresAt: new Date(Date.now() - 1).toISOString(), email: 'nobody' });
    expect(past).toMatchObject({ problems: [{ code: 'INVALID_EMAIL' }, { code: 'OUT_OF_RANGE' }] });
  });
});

test('registration that is closed lets in nobody, and nobody can be invited', async () => {
  const server = await startTestServer({ auth: { registration: 'CLOSED' } });
  expect(await register(server, {})).toEqual({
    __typename: 'ForbiddenError',
    message: 'Registration is closed on this server; ask its operator.',
  });
  expect(await outcomeOf(server, 'invite', { input: {} }, server.token)).toMatchObject({
    __typename: 'ForbiddenError',
  });
});

test.each([
  ['127.0.0.1', 'INVITATION'],
  ['0.0.0.0', 'CLOSED'],
])('registration on %s is %s unless configured otherwise', async (host, mode) => {
  const server = await startTestServer({ host });
  expect(await server.data('{ server { registration } }')).toEqual({ server: { registration: mode } });
});

test('what is wrong with a registration is told all at once', async () => {
  const server = await startTestServer({ auth: { registration: 'OPEN' } });
  const problemsOf = async (input: object) => (await register(server, input)).problems;
  expect(await problemsOf({ username: 'a b', password: 'short', email: 'nobody' })).toEqual([
    { path: ['input', 'username'], code: 'INVALID_NAME' },
    { path: ['input', 'password'], code: 'TOO_SHORT' },
    { path: ['input', 'email'], code: 'INVALID_EMAIL' },
  ]);
  for (const username of ['', '.ada', 'ada\u0000', 'аdа', 'ada/../x', 'x'.repeat(65)]) {
    expect(await problemsOf({ username }), username).toEqual([{ path: ['input', 'username'], code: 'INVALID_NAME' }]);
  }
  expect(await problemsOf({ username: 'Admin' })).toEqual([{ path: ['input', 'username'], code: 'RESERVED_NAME' }]);
  expect(await problemsOf({ password: 'x'.repeat(500_000) })).toEqual([
    { path: ['input', 'password'], code: 'TOO_LONG' },
  ]);
});

describe('the last administrator', () => {
  test('stays one; another role or being disabled ends what a user has open', { timeout }, async () => {
    const server = await startTestServer({ auth: { registration: 'OPEN' } });
    const { me } = await server.data<{ me: { id: string } }>('{ me { id } }');
    const update = (input: object, token: string = server.token) => outcomeOf(server, 'updateUser', { input }, token);
    for (const change of [{ role: 'MEMBER' }, { disabled: true }]) {
      expect(await update({ id: me.id, ...change })).toMatchObject({ __typename: 'ConflictError' });
    }
    expect((await server.query('{ users(first: 1) { totalCount } }')).data).toEqual({ users: { totalCount: 1 } });

    const ada = await registered(server, 'ada');
    expect(await update({ id: me.id, disabled: true }, ada.accessToken)).toMatchObject({
      __typename: 'ForbiddenError',
    });
    expect(await update({ id: 'nothing', disabled: true })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await update({ id: ada.session.id, disabled: true })).toMatchObject({ __typename: 'NotFoundError' });

    const socket = await server.socket({ token: ada.accessToken });
    expect(await update({ id: ada.user.id, role: 'ADMIN' })).toMatchObject({ user: { role: 'ADMIN' } });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Your sign-in was ended; sign in again.' });
    // The session goes on, with what the role allows now.
    const again = await server.socket({ token: ada.accessToken });
    expect(await again.query('{ users(first: 1) { totalCount } }')).toEqual({ data: { users: { totalCount: 2 } } });

    expect(await update({ id: ada.user.id, disabled: true })).toMatchObject({ user: { disabled: true } });
    expect(await again.closed).toMatchObject({ code: 4403 });
    const refused = await server.query('{ me { id } }', {}, { token: ada.accessToken });
    expect(refused.status).toBe(401);
    const refresh = await outcomeOf(server, 'refresh', { refreshToken: ada.refreshToken });
    expect(refresh).toMatchObject({ __typename: 'InvalidCredentialsError' });
    const login = await outcomeOf(server, 'login', { input: { username: 'ada', password } });
    expect(login).toEqual({ __typename: 'InvalidCredentialsError', message: 'The name or the password is wrong.' });
  });
});

test('a registration runs over HTTP by POST only', async () => {
  const server = await startTestServer({ auth: { registration: 'OPEN' } });
  const search = new URLSearchParams({
    query: documents.register,
    variables: JSON.stringify({ input: { username: 'ada', password } }),
  });
  const response = await fetch(`${server.url}/graphql?${search}`, { headers: { accept: 'application/json' } });
  expect(response.status).toBe(405);
});
