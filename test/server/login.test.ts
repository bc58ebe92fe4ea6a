import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesBelow } from '../access/directory.ts';
import { withDatabase } from '../support/database.ts';
import { documents, loggedIn, outcomeOf, password, registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// Hashing a password takes its time, and more where other tests run beside it.
const timeout = 60_000;

const login = (server: TestServer, username: string, text: string) =>
  outcomeOf(server, 'login', { input: { username, password: text } });

describe('signing in', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      auth: { registration: 'OPEN' },
      limits: { maxSignInsPerAddress: 1000, maxWrongPasswords: 1000 },
    });
    await registered(server, 'ada');
    await registered(server, 'eve');
  }, timeout);

  test('takes the name in any case, and the password as it is', { timeout }, async () => {
    expect(await login(server, ' ADA', password)).toMatchObject({ __typename: 'LoginPayload' });
    for (const wrong of [password.toUpperCase(), `${password} `, '', '\u0000', 'x'.repeat(100_000)]) {
      expect(await login(server, 'ada', wrong)).toMatchObject({ __typename: 'InvalidCredentialsError' });
    }
  });

  test('gives one answer to an unknown name, a wrong password and a user who may not', { timeout }, async () => {
    await withDatabase(server, (client) =>
      client.user.update({ where: { username: 'eve' }, data: { disabled: true } }),
    );
    const answer = { __typename: 'InvalidCredentialsError', message: 'The name or the password is wrong.' };
    expect(await login(server, 'ada', 'wrong password')).toEqual(answer);
    expect(await login(server, 'nobody', 'wrong password')).toEqual(answer);
    expect(await login(server, 'eve', password)).toEqual(answer);
    // Who has none cannot come in by an empty one.
    expect(await login(server, 'admin', '')).toEqual(answer);
    expect(await login(server, "' OR 1=1 --", password)).toEqual(answer);
  });

  test('hashes a password again that was hashed at another cost', { timeout }, async () => {
    // "correct horse battery", at N = 2^14, r = 8, p = 1.
    const { scryptSync } = await import('node:crypto');
    const [salt, base64] = [Buffer.alloc(16, 7), (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')];
    const hash = scryptSync(password, salt, 32, { N: 2 ** 14, r: 8, p: 1 });
    const passwordHash = `$scrypt$ln=14,r=8,p=1$${base64(salt)}$${base64(hash)}`;
    await withDatabase(server, (client) => client.user.create({ data: { username: 'old', passwordHash } }));
    expect(await login(server, 'old', 'wrong password')).toMatchObject({ __typename: 'InvalidCredentialsError' });
    expect(await login(server, 'old', password)).toMatchObject({ __typename: 'LoginPayload' });
    const stored = await withDatabase(server, (client) => client.user.findUnique({ where: { username: 'old' } }));
    expect(stored?.passwordHash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await login(server, 'old', password)).toMatchObject({ __typename: 'LoginPayload' });
  });
});

describe('the limit of tries', () => {
  test('of an address counts each login of a document', { timeout }, async () => {
    const server = await startTestServer({ limits: { maxSignInsPerAddress: 5 } });
    const fields = Array.from({ length: 8 }, (_, index) => {
      return `try${index}: login(input: { username: "ada ${index}", password: "wrong" }) { __typename }`;
    });
    const { data } = await server.query(`mutation { ${fields.join(' ')} }`, {}, { token: null });
    const kinds = Object.values(data ?? {}).map((outcome) => JSON.stringify(outcome));
    const [wrong, limited] = ['InvalidCredentialsError', 'LimitReachedError'].map((name) => `{"__typename":"${name}"}`);
    expect(kinds).toEqual([...Array(5).fill(wrong), ...Array(3).fill(limited)]);
    expect(await login(server, 'ada', 'wrong')).toEqual({
      __typename: 'LimitReachedError',
      message: 'Too many tries from this address; wait a minute.',
      limit: '5',
      retryAfterMs: expect.any(Number),
    });
    // What needs no password goes on.
    expect((await server.query('{ server { version } }', {}, { token: null })).status).toBe(200);
  });

  test('of an account holds for names that nobody has, and not where the person signs in themselves', {
    timeout,
  }, async () => {
    const server = await startTestServer({
      auth: { registration: 'OPEN' },
      limits: { maxSignInsPerAddress: 1000, maxWrongPasswords: 2 },
    });
    const guess = async (username: string) => {
      const kinds: string[] = [];
      for (let index = 0; index < 3; index++) kinds.push((await login(server, username, 'wrong')).__typename);
      return kinds;
    };
    const stopped = ['InvalidCredentialsError', 'InvalidCredentialsError', 'LimitReachedError'];
    await registered(server, 'ada');
    await withDatabase(server, (client) => client.session.deleteMany());
    expect(await guess('ada')).toEqual(stopped);
    expect(await guess('nobody')).toEqual(stopped);
    // Also the right password is too late.
    expect(await login(server, 'ada', password)).toMatchObject({ __typename: 'LimitReachedError' });

    // Whoever guessed from elsewhere has not locked out the owner, who has a session from here.
    await withDatabase(server, async (client) => {
      const { id: userId } = await client.user.findUniqueOrThrow({ where: { username: 'ada' } });
      const hashes = { familyHash: 'family', refreshHash: 'own' };
      const expiresAt = new Date(Date.now() + 3600_000);
      await client.session.create({ data: { userId, remoteAddress: '127.0.0.1', expiresAt, ...hashes } });
    });
    expect(await login(server, 'ada', 'wrong')).toMatchObject({ __typename: 'InvalidCredentialsError' });
    await loggedIn(server, 'ada');
    // A right password takes back what was counted.
    expect(await guess('ada')).toEqual(stopped);
  });
});

test('the first administrator comes by the link, sets a password, and closes the link with it', {
  timeout,
}, async () => {
  const server = await startTestServer();
  const response = await fetch(server.signInUrl, { redirect: 'manual' });
  const cookie = response.headers
    .getSetCookie()
    .map((text) => text.split(';')[0])
    .join('; ');
  const change = async (currentPassword: string) => {
    const input = { currentPassword, newPassword: password };
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url, cookie },
      body: JSON.stringify({ query: documents.changePassword, variables: { input } }),
    });
    return answer.text();
  };
  expect(await change('anything')).toContain('InvalidCredentialsError');
  expect(await change('')).toContain('ChangePasswordPayload');
  expect(await loggedIn(server, 'admin')).toMatchObject({ user: { username: 'admin', role: 'ADMIN' } });

  await server.stop();
  const { serve } = await import('../support/server.ts');
  const again = await serve(server.config, server.directory);
  expect(again.signInUrl).toBe('');
});

test('what people do, and are refused, is in the audit log, and no secret is', { timeout }, async () => {
  const server = await startTestServer({ auth: { registration: 'OPEN' } });
  const ada = await registered(server, 'ada');
  await login(server, 'ada', 'a-wrong-password');
  await login(server, 'a-password-as-name', 'x');
  const second = await loggedIn(server, 'ada');
  const { refreshToken } =
    (await outcomeOf(server, 'refresh', { refreshToken: second.refreshToken })).credentials ?? second;
  await outcomeOf(server, 'refresh', { refreshToken });
  await outcomeOf(server, 'refresh', { refreshToken: second.refreshToken });
  await outcomeOf(server, 'refresh', { refreshToken: 'nonsense' });
  const asAdmin = (name: keyof typeof documents, variables: object) => outcomeOf(server, name, variables, server.token);
  const invited = await asAdmin('invite', { input: {} });
  const invitation: { id: string } = JSON.parse(JSON.stringify(invited.invitation));
  await asAdmin('revokeInvitation', { id: invitation.id });
  const created = await outcomeOf(
    server,
    'createToken',
    { input: { name: 'CI', scopes: ['LOGS_READ'] } },
    ada.accessToken,
  );
  const token: { id: string } = JSON.parse(JSON.stringify(created.apiToken));
  await outcomeOf(server, 'revokeToken', { id: token.id }, ada.accessToken);
  await outcomeOf(server, 'register', { input: { username: 'ada', password } });
  await server.query('{ users(first: 1) { totalCount } }', {}, { token: ada.accessToken });
  await server.query('{ me { id } }', {}, { token: null });
  const third = await loggedIn(server, 'ada');
  await outcomeOf(server, 'revokeSession', { id: third.session.id }, ada.accessToken);
  await asAdmin('updateUser', { input: { id: ada.user.id, role: 'ADMIN' } });
  const change = { currentPassword: 'wrong', newPassword: password };
  await outcomeOf(server, 'changePassword', { input: change }, ada.accessToken);
  const changing = { input: { ...change, currentPassword: password } };
  const last = (await outcomeOf(server, 'changePassword', changing, ada.accessToken)).credentials ?? ada;
  await outcomeOf(server, 'logout', {}, last.accessToken);

  const written = [...(await filesBelow(server.config.dataDir))].filter(([path]) => path.includes('audit_'));
  const text = written.map(([path]) => readFileSync(path, 'utf8')).join('');
  const records: { action: string; metadata: { [name: string]: unknown } }[] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const known = { userId: expect.any(String), username: 'ada' };
  expect(records.map(({ action }) => action)).toEqual([
    ...['server_start', 'token_create', 'register', 'sign_in_failed', 'sign_in_failed', 'sign_in', 'session_refresh'],
    ...['session_refresh', 'session_reuse', 'session_refresh_failed', 'user_invite', 'invitation_revoke'],
    ...['token_create', 'token_revoke', 'register_failed', 'access_denied', 'access_denied', 'sign_in'],
    ...['session_revoke', 'user_update', 'password_change_failed', 'password_change', 'sign_out'],
  ]);
  const metadata = (action: string) => records.filter((record) => record.action === action).map((one) => one.metadata);
  expect(metadata('sign_in_failed')).toEqual([
    { ...known, reason: expect.any(String), remoteAddress: '127.0.0.1' },
    // Whatever was typed as a name, it is nobody's.
    { reason: expect.any(String), remoteAddress: '127.0.0.1' },
  ]);
  expect(metadata('session_reuse')).toMatchObject([known]);
  expect(metadata('access_denied')).toMatchObject([
    { ...known, field: 'UserConnection.totalCount' },
    { userId: null, field: 'Query.me' },
  ]);
  const secrets = [password, 'a-wrong-password', 'a-password-as-name', refreshToken, ada.accessToken, server.token];
  for (const secret of [...secrets, String(invited.code), String(created.secret)]) expect(text).not.toContain(secret);
});
