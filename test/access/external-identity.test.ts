import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ExternalIdentity } from '../../src/access/external-identity.ts';
import { UnauthenticatedError } from '../../src/errors.ts';

const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const ours = { first: keyPair(), second: keyPair(), foreign: keyPair() };

/** An identity provider that publishes keys, counts how often it is asked, and can be out of order. */
const provider = {
  url: '',
  state: 'up' as 'up' | 'down' | 'silent',
  keys: ['first'] as (keyof typeof ours)[],
  asked: 0,
};
let server: Server;

beforeAll(async () => {
  server = createServer(async (_request, response) => {
    provider.asked++;
    if (provider.state === 'silent') return;
    response.statusCode = provider.state === 'up' ? 200 : 503;
    const keys = provider.keys.map(async (kid) => ({ ...(await exportJWK(ours[kid].publicKey)), kid, use: 'sig' }));
    response.end(JSON.stringify({ keys: await Promise.all(keys) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('No address.');
  provider.url = `http://127.0.0.1:${address.port}/keys`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const issuer = 'https://id.example';
const now = Date.now();
const seconds = Math.floor(now / 1000);
const claims = { iss: issuer, aud: 'tailql', sub: 'u-1', iat: seconds, exp: seconds + 300, preferred_username: 'Ada' };

let time: number;
let failures: unknown[];
let identity: ExternalIdentity;

beforeEach(() => {
  Object.assign(provider, { state: 'up', keys: ['first'], asked: 0 });
  time = now;
  failures = [];
  identity = new ExternalIdentity(
    {
      url: provider.url,
      issuer,
      audience: 'tailql',
      nameClaim: 'preferred_username',
      roleClaim: 'realm_access.roles',
      adminRole: 'tailql-admin',
    },
    { failed: (failure) => failures.push(failure) },
    () => time,
  );
});

const sign = (payload: JWTPayload = {}, header: object = {}, key: KeyObject = ours.first.privateKey) =>
  new SignJWT({ ...claims, ...payload }).setProtectedHeader({ alg: 'RS256', kid: 'first', ...header }).sign(key);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Our published key, as a secret: what a server takes that lets the token choose the algorithm. */
function confused(): string {
  const text = `${encode({ alg: 'HS256', kid: 'first' })}.${encode(claims)}`;
  const secret = ours.first.publicKey.export({ type: 'spki', format: 'pem' });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

describe('a token of another identity provider', () => {
  it('says who somebody is there', async () => {
    expect(identity.isFor(await sign())).toBe(true);
    expect(await identity.verify(await sign())).toEqual({
      issuer,
      subject: 'u-1',
      name: 'Ada',
      role: 'MEMBER',
      expiresAt: new Date(claims.exp * 1000),
    });
  });

  it.each([
    [{ realm_access: { roles: ['x', 'tailql-admin'] } }, 'ADMIN'],
    [{ realm_access: { roles: 'tailql-admin' } }, 'ADMIN'],
    [{ 'realm_access.roles': ['tailql-admin'] }, 'ADMIN'],
    [{ realm_access: { roles: ['x'] } }, 'MEMBER'],
    [{ realm_access: { roles: 'tailql-admins' } }, 'MEMBER'],
    [{ realm_access: 'tailql-admin' }, 'MEMBER'],
    [{ roles: ['tailql-admin'] }, 'MEMBER'],
  ])('with %j makes its person %s', async (payload, role) => {
    expect(await identity.verify(await sign(payload))).toMatchObject({ role });
  });

  it.each(['JWT', 'at+jwt', 'application/at+jwt', undefined])('may be of type %s', async (typ) => {
    await expect(identity.verify(await sign({}, typ === undefined ? {} : { typ }))).resolves.toBeDefined();
  });

  it.each([
    ['expired less than a minute ago', { exp: seconds - 55 }],
    ['is not valid for less than a minute yet', { nbf: seconds + 55 }],
    ['was issued less than a minute ahead of us', { iat: seconds + 55 }],
  ])('is taken when it %s: clocks differ', async (_what, payload) => {
    await expect(identity.verify(await sign(payload))).resolves.toBeDefined();
  });

  it.each<[string, () => string | Promise<string>]>([
    ['expired more than a minute ago', () => sign({ exp: seconds - 65 })],
    ['is not valid for more than a minute yet', () => sign({ nbf: seconds + 65 })],
    ['was issued more than a minute ahead of us', () => sign({ iat: seconds + 65 })],
    ['never expires', () => sign({ exp: undefined })],
    ['expires at a text', () => `${encode({ alg: 'RS256' })}.${encode({ ...claims, exp: 'never' })}.AAAA`],
    ['has no subject', () => sign({ sub: undefined })],
    ['has an empty subject', () => sign({ sub: '' })],
    ['is meant for another audience', () => sign({ aud: 'other' })],
    ['is meant for nobody', () => sign({ aud: undefined })],
    ['is of another issuer', () => sign({ iss: 'https://evil.example' })],
    ['is a logout token', () => sign({}, { typ: 'logout+jwt' })],
    ['is a download link of ours', () => sign({}, { typ: 'download+jwt' })],
    ['is signed with a foreign key', () => sign({}, {}, ours.foreign.privateKey)],
    ['names a key that is not published', () => sign({}, { kid: 'foreign' }, ours.foreign.privateKey)],
    [
      'brings its own key',
      async () => {
        const jwk = await exportJWK(ours.foreign.publicKey);
        return sign({}, { jwk, jku: provider.url }, ours.foreign.privateKey);
      },
    ],
    ['is not signed', () => `${encode({ alg: 'none', kid: 'first' })}.${encode(claims)}.`],
    ['is signed with the public key as a secret', confused],
    ['is cut off', async () => (await sign()).slice(0, -4)],
  ])('is refused when it %s', async (_what, make) => {
    const token = await make();
    await expect(identity.verify(token)).rejects.toThrow(UnauthenticatedError);
  });
});

describe('the keys of the provider', () => {
  it('are asked for once, and again when a token names a new one', async () => {
    for (let index = 0; index < 20; index++) await identity.verify(await sign());
    expect(provider.asked).toBe(1);
    // Soon after they were, a token may name whatever it likes.
    for (let index = 0; index < 20; index++) {
      await expect(identity.verify(await sign({}, { kid: `k${index}` }))).rejects.toThrow(UnauthenticatedError);
    }
    expect(provider.asked).toBe(1);
  });

  it('serve on while the provider is out of order, and are asked for again afterwards', async () => {
    await identity.verify(await sign());
    provider.state = 'down';
    time += 11 * 60_000;
    const lasting = { exp: seconds + 24 * 3600 };
    for (let index = 0; index < 20; index++) {
      await expect(identity.verify(await sign(lasting))).resolves.toMatchObject({ subject: 'u-1' });
    }
    await expect.poll(() => failures.length).toBe(1);
    expect(provider.asked).toBe(2);

    Object.assign(provider, { state: 'up', keys: ['second'] });
    time += 11 * 60_000;
    await identity.verify(await sign(lasting));
    await expect.poll(async () => identity.verify(await sign(lasting)).catch(String)).toContain('not valid');
    const renewed = await sign(lasting, { kid: 'second' }, ours.second.privateKey);
    await expect(identity.verify(renewed)).resolves.toMatchObject({ subject: 'u-1' });
    expect(provider.asked).toBe(3);
  });

  it('that were never had are asked for once in half a minute, however many come', async () => {
    provider.state = 'down';
    for (let index = 0; index < 20; index++) {
      await expect(identity.verify(await sign())).rejects.toThrow('does not answer');
    }
    expect([provider.asked, failures.length]).toEqual([1, 1]);
    provider.state = 'up';
    time += 31_000;
    await expect(identity.verify(await sign())).resolves.toMatchObject({ subject: 'u-1' });
  });

  it('are waited for five seconds, and no longer', async () => {
    provider.state = 'silent';
    await expect(identity.verify(await sign())).rejects.toThrow('does not answer');
  });
});
