import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AccessTokens } from '../../src/access/access-token.ts';
import { createApiToken } from '../../src/access/api-token.ts';
import { AuditLog } from '../../src/access/audit.ts';
import { authenticate, type Credentials } from '../../src/access/authenticate.ts';
import { Journal } from '../../src/access/journal.ts';
import { apiScopes } from '../../src/access/principal.ts';
import { UnauthenticatedError } from '../../src/errors.ts';
import { databaseUrls } from '../support/databases.ts';
import { temporaryDirectory } from '../support/engine.ts';
import { migrated, sessionOf } from './database.ts';

describe.each(databaseUrls())('authenticate on %s', (_, freshUrl) => {
  async function setUp() {
    const { client } = await migrated(await freshUrl());
    const failures: unknown[] = [];
    const events = { failed: (event: unknown) => failures.push(event) };
    const credentials: Credentials = {
      client,
      external: null,
      journal: new Journal(new AuditLog(await temporaryDirectory()), events),
      accessTokens: new AccessTokens(createSecretKey(randomBytes(32)), 60),
      events,
      now: Date.now,
    };
    const ada = await client.user.create({ data: { username: 'ada', role: 'ADMIN' } });
    const bob = await client.user.create({ data: { username: 'bob' } });
    return { client, credentials, ada, bob };
  }

  it('takes no credential for nobody in particular', async () => {
    const { credentials } = await setUp();
    expect(await authenticate(credentials, undefined)).toEqual({ kind: 'anonymous' });
  });

  it('takes an access token for its user, with all that the role allows', async () => {
    const { client, credentials, ada, bob } = await setUp();
    for (const [{ id: userId, username, role }, scopes] of [
      [ada, [...apiScopes]],
      [bob, apiScopes.filter((scope) => scope !== 'ADMIN')],
    ] as const) {
      const session = await sessionOf(client, userId);
      const { token, expiresAt } = await credentials.accessTokens.issue(session);
      const principal = {
        kind: 'user',
        userId,
        username,
        role,
        scopes: new Set(scopes),
        credential: 'session',
        credentialId: session.sessionId,
        expiresAt,
      };
      expect(await authenticate(credentials, `Bearer ${token}`)).toEqual(principal);
    }
  });

  it('takes an API token for its owner, with its own scopes', async () => {
    const { client, credentials, ada } = await setUp();
    const expiresAt = new Date(Date.now() + 60_000);
    const { secret, apiToken } = await createApiToken(client, ada, { name: 'CI', scopes: ['LOGS_READ'], expiresAt });
    expect(await authenticate(credentials, `Bearer ${secret}`)).toEqual({
      kind: 'user',
      userId: ada.id,
      username: 'ada',
      role: 'ADMIN',
      scopes: new Set(['LOGS_READ']),
      credential: 'api-token',
      credentialId: apiToken.id,
      expiresAt,
    });
  });

  it('lets an ADMIN token fall with the role of its owner', async () => {
    const { client, credentials, ada } = await setUp();
    const { secret } = await createApiToken(client, ada, { name: 'CI', scopes: ['ADMIN'] });
    expect(await authenticate(credentials, `Bearer ${secret}`)).toMatchObject({ scopes: new Set(apiScopes) });
    await client.user.update({ where: { id: ada.id }, data: { role: 'MEMBER' } });
    expect(await authenticate(credentials, `Bearer ${secret}`)).toMatchObject({ scopes: new Set() });
  });

  it('knows the scheme in any case, and any number of spaces after it', async () => {
    const { client, credentials, bob } = await setUp();
    const { token } = await credentials.accessTokens.issue(await sessionOf(client, bob.id));
    for (const scheme of ['bearer ', 'BEARER ', 'bEaReR   ']) {
      expect(await authenticate(credentials, scheme + token)).toMatchObject({ userId: bob.id });
    }
  });

  it('refuses everything else, even around a good token', async () => {
    const { client, credentials, ada } = await setUp();
    const { token } = await credentials.accessTokens.issue(await sessionOf(client, ada.id));
    const { secret } = await createApiToken(client, ada, { name: 'CI', scopes: ['ADMIN'] });
    const wrong = [
      '',
      ' ',
      'Bearer',
      'Bearer ',
      token,
      secret,
      `Basic ${token}`,
      `Token ${token}`,
      `Bearer${token}`,
      `Bearer\t${token}`,
      ` Bearer ${token}`,
      `Bearer ${token} `,
      `Bearer ${token}\n`,
      `Bearer ${token}, Bearer ${secret}`,
      `Bearer ${token},${secret}`,
      `Bearer ${token} ${secret}`,
      `Basic YTpi, Bearer ${token}`,
      `Bearer Bearer ${token}`,
      `Bearer "${token}"`,
      `Bearer ${secret}=`,
      `Bearer ${'x'.repeat(5_000_000)}`,
      `Bearer ${secret.toUpperCase()}`,
    ];
    for (const authorization of wrong) {
      await expect(authenticate(credentials, authorization), authorization.slice(0, 200)).rejects.toThrow(
        UnauthenticatedError,
      );
    }
  });

  it('refuses the access token of a user who was disabled or deleted', async () => {
    const { client, credentials, bob } = await setUp();
    const { token } = await credentials.accessTokens.issue(await sessionOf(client, bob.id));
    await client.user.update({ where: { id: bob.id }, data: { disabled: true } });
    await expect(authenticate(credentials, `Bearer ${token}`)).rejects.toThrow(UnauthenticatedError);
    await client.user.delete({ where: { id: bob.id } });
    await expect(authenticate(credentials, `Bearer ${token}`)).rejects.toThrow(UnauthenticatedError);
  });
});
