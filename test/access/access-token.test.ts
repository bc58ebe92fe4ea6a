import { createHmac, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { AccessTokens } from '../../src/access/access-token.ts';
import { UnauthenticatedError } from '../../src/errors.ts';

const key = createSecretKey(randomBytes(32));
const now = Date.UTC(2026, 10, 21, 10, 0, 0, 123);
const seconds = Math.floor(now / 1000);
const tokens = new AccessTokens(key, 3600, () => now);

const invalid = new UnauthenticatedError('This access token is not valid; sign in again.');
const expired = new UnauthenticatedError('Your sign-in has expired; sign in again.');

const whose = { userId: 'user-1', sessionId: 'session-1' };
const goodHeader = { alg: 'HS256', typ: 'at+jwt' };
const goodClaims = { iss: 'tailql', aud: 'tailql', sub: 'ada', sid: 's1', iat: seconds, exp: seconds + 60 };

const sign = (header: Partial<JWTHeaderParameters>, claims: JWTPayload, signer: Parameters<SignJWT['sign']>[0] = key) =>
  new SignJWT({ ...goodClaims, ...claims }).setProtectedHeader({ ...goodHeader, ...header }).sign(signer);

const without = (name: keyof typeof goodClaims) =>
  new SignJWT(Object.fromEntries(Object.entries(goodClaims).filter(([claim]) => claim !== name)))
    .setProtectedHeader(goodHeader)
    .sign(key);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed by hand with our key, also what jose would not sign. */
function forge(header: object, claims: object = {}, hash = 'sha256'): string {
  const text = `${encode({ ...goodHeader, ...header })}.${encode({ ...goodClaims, ...claims })}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

const part = (token: string, index: number) => token.split('.')[index] ?? '';

describe('an access token', () => {
  it('says whose it is, until it expires', async () => {
    const { token, expiresAt } = await tokens.issue(whose);
    expect(expiresAt).toEqual(new Date((seconds + 3600) * 1000));
    expect(await tokens.verify(token)).toEqual({ ...whose, expiresAt });
  });

  it('is valid until the last moment, and no longer', async () => {
    const { token, expiresAt } = await tokens.issue(whose);
    const at = (time: number) => new AccessTokens(key, 3600, () => time).verify(token);
    await expect(at(expiresAt.getTime() - 1)).resolves.toMatchObject({ userId: 'user-1' });
    await expect(at(expiresAt.getTime())).rejects.toThrow(expired);
  });

  it('is still taken after the configured lifetime has changed', async () => {
    const { token, expiresAt } = await tokens.issue(whose);
    expect(await new AccessTokens(key, 1, () => now).verify(token)).toEqual({ ...whose, expiresAt });
  });

  it('carries nothing but whose it is, and of which session', async () => {
    const { token } = await tokens.issue(whose);
    expect(JSON.parse(Buffer.from(part(token, 0), 'base64url').toString())).toEqual(goodHeader);
    const claims = { iss: 'tailql', aud: 'tailql', sub: 'user-1', sid: 'session-1', iat: seconds, exp: seconds + 3600 };
    expect(JSON.parse(Buffer.from(part(token, 1), 'base64url').toString())).toEqual(claims);
  });

  it('is taken when its claims are as required, however it was made', async () => {
    await expect(tokens.verify(await sign({}, {}))).resolves.toMatchObject({ userId: 'ada' });
    await expect(tokens.verify(forge({}))).resolves.toMatchObject({ userId: 'ada' });
  });
});

describe('refused as not valid', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' });

  it.each<[string, () => string | Promise<string>]>([
    ['no signature at all (alg none)', () => `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(goodClaims)}.`],
    [
      'alg none over a good signature',
      async () => {
        const good = await sign({}, {});
        return `${encode({ alg: 'none', typ: 'at+jwt' })}.${part(good, 1)}.${part(good, 2)}`;
      },
    ],
    ['HS512 with our key', () => forge({ alg: 'HS512' }, {}, 'sha512')],
    ['HS384 with our key', () => forge({ alg: 'HS384' }, {}, 'sha384')],
    ['RS256', () => sign({ alg: 'RS256' }, {}, rsa.privateKey)],
    ['a public key used as HMAC key', () => sign({}, {}, createSecretKey(Buffer.from(publicPem)))],
    ['another key', () => sign({}, {}, createSecretKey(randomBytes(32)))],
    [
      'another key that the token brings along',
      () => {
        const own = createSecretKey(randomBytes(32));
        return sign({ jwk: own.export({ format: 'jwk' }) }, {}, own);
      },
    ],
    ['a critical header that is not understood', () => forge({ crit: ['urn:example'], 'urn:example': 1 })],
    ['no exp', () => without('exp')],
    ['no sub', () => without('sub')],
    ['no session', () => without('sid')],
    ['no iss', () => without('iss')],
    ['no aud', () => without('aud')],
    ['no iat', () => without('iat')],
    ['empty sub', () => sign({}, { sub: '' })],
    ['sub that is a number', () => sign({}, JSON.parse('{"sub":7}'))],
    ['sub that is null', () => sign({}, JSON.parse('{"sub":null}'))],
    ['exp that is text', () => sign({}, JSON.parse(`{"exp":"${seconds + 60}"}`))],
    ['exp that is null', () => sign({}, JSON.parse('{"exp":null}'))],
    ['another issuer', () => sign({}, { iss: 'https://accounts.example.com' })],
    ['another audience', () => sign({}, { aud: 'grafana' })],
    ['not valid yet', () => sign({}, { nbf: seconds + 60 })],
    ['an ID token (typ JWT)', () => sign({ typ: 'JWT' }, { nonce: 'n', email: 'ada@example.com' })],
    ['a refresh token (another typ)', () => sign({ typ: 'rt+jwt' }, {})],
    ['no typ', () => new SignJWT(goodClaims).setProtectedHeader({ alg: 'HS256' }).sign(key)],
    ['expired, and of another issuer', () => sign({}, { iss: 'x', exp: seconds - 60 })],
    ['expired, and of another key', () => sign({}, { exp: seconds - 60 }, createSecretKey(randomBytes(32)))],
    [
      'tampered claims',
      async () => {
        const good = await sign({}, {});
        return `${part(good, 0)}.${encode({ ...goodClaims, sub: 'admin' })}.${part(good, 2)}`;
      },
    ],
    [
      'tampered signature',
      async () => {
        const good = await sign({}, {});
        const signature = Buffer.from(part(good, 2), 'base64url');
        signature[0] = (signature[0] ?? 0) ^ 1;
        return `${part(good, 0)}.${part(good, 1)}.${signature.toString('base64url')}`;
      },
    ],
    ['cut off signature', async () => (await sign({}, {})).slice(0, -4)],
    [
      'one byte over 8 KiB, though well signed',
      async () => {
        const { length } = await sign({}, { fill: 'x' });
        const token = await sign({}, { fill: 'x'.repeat(Math.ceil(((8193 - length) * 3) / 4) + 1) });
        expect(token.length).toBeGreaterThan(8192);
        expect(token.length).toBeLessThan(8200);
        return token;
      },
    ],
    ['claims that are not an object', () => `${encode(goodHeader)}.${encode('ada')}.AAAA`],
    ['an encrypted token (five parts)', () => 'a.b.c.d.e'],
    ['nothing', () => ''],
    ['dots', () => '..'],
  ])('%s', async (_, make) => {
    await expect(tokens.verify(await make())).rejects.toThrow(invalid);
  });

  it('5 MB, before it is looked into: that it has expired is not found', async () => {
    await expect(tokens.verify(await sign({}, { exp: 0, fill: 'x'.repeat(5_000_000) }))).rejects.toThrow(invalid);
  });

  it('any text whatever', async () => {
    const segment = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
    );
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(segment).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (token) => {
        await expect(tokens.verify(token)).rejects.toThrow(UnauthenticatedError);
      }),
    );
  });
});

it('says so when a token has expired, and only then', async () => {
  await expect(tokens.verify(await sign({}, { exp: seconds - 1 }))).rejects.toThrow(expired);
  await expect(tokens.verify(await sign({}, { exp: 0 }))).rejects.toThrow(expired);
});
