import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createToken } from '../../server/token-command.ts';
import { AccessTokens } from '../../src/access/access-token.ts';
import { AuditLog } from '../../src/access/audit.ts';
import { authenticate, type Credentials } from '../../src/access/authenticate.ts';
import { Journal } from '../../src/access/journal.ts';
import { apiScopes } from '../../src/access/principal.ts';
import { signingKey } from '../../src/access/secret.ts';
import { SignInCodes } from '../../src/access/sign-in.ts';
import { defaultConfig } from '../../src/config.ts';
import { openDatabase, type PrismaClient } from '../../src/db/client.ts';
import { databaseUrls } from '../support/databases.ts';
import { migrated, sessionOf } from './database.ts';
import { filesBelow } from './directory.ts';

let directory: string;
let dataDir: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailql-token-'));
  dataDir = join(directory, 'data');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const auditRecords = async () =>
  [...(await filesBelow(join(dataDir, 'log')))].flatMap(([, content]) =>
    content
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );

function credentialsOf(client: PrismaClient, accessTokens: AccessTokens): Credentials {
  const events = { failed: () => expect.fail() };
  const journal = new Journal(new AuditLog(dataDir), events);
  return { client, accessTokens, external: null, journal, events, now: Date.now };
}

describe.each(databaseUrls())('createToken on %s', (kind, freshUrl) => {
  const configure = async () =>
    defaultConfig(kind === 'sqlite' ? { dataDir } : { dataDir, databaseUrl: await freshUrl() });

  it('makes a token for the built-in administrator, and records that it did', async () => {
    const config = await configure();
    const secret = await createToken(config, 'CI', ['LOGS_READ', 'LOGS_WRITE', 'LOGS_READ']);
    const { client } = await migrated(config.databaseUrl);
    const accessTokens = new AccessTokens(await signingKey(config), 60);
    const events = { failed: ({ error }: { error: unknown }) => expect.fail(String(error)) };
    const principal = await authenticate({ ...credentialsOf(client, accessTokens), events }, `Bearer ${secret}`);
    expect(principal).toMatchObject({
      username: 'admin',
      scopes: new Set(['LOGS_READ', 'LOGS_WRITE']),
      expiresAt: null,
    });

    const [token] = await client.apiToken.findMany();
    expect(await auditRecords()).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'INFO',
        logger: 'tailql.access',
        message: expect.any(String),
        action: 'token_create',
        metadata: {
          tokenId: token?.id,
          name: 'CI',
          scopes: ['LOGS_READ', 'LOGS_WRITE'],
          userId: token?.ownerId,
          username: 'admin',
        },
      },
    ]);
  });

  it('makes another token each time, while others have the database open', async () => {
    const config = await configure();
    const secrets = [await createToken(config, 'CI', ['ADMIN'])];
    const { client } = await migrated(config.databaseUrl);
    secrets.push(await createToken(config, 'CI', ['ADMIN']));
    expect(new Set(secrets).size).toBe(2);
    expect(await client.apiToken.count()).toBe(2);
    expect(await client.user.count()).toBe(1);
  });

  it('gives out no secret when it cannot be recorded', async () => {
    const config = await configure();
    await createToken(config, 'first', ['ADMIN']);
    await rm(join(dataDir, 'log'), { recursive: true });
    await writeFile(join(dataDir, 'log'), '');
    await expect(createToken(config, 'CI', ['ADMIN'])).rejects.toMatchObject({ name: 'Error', exitCode: 1 });
  });

  it('leaves no token or code in any file of the data directory', async () => {
    const config = await configure();
    const apiSecret = await createToken(config, 'CI', ['ADMIN']);
    const database = await openDatabase(config.databaseUrl);
    const { client } = database;
    const key = await signingKey(config);
    const accessTokens = new AccessTokens(key, 60);
    const codes = new SignInCodes(client);
    const audit = new AuditLog(dataDir);
    const [code, unused] = [codes.create(), codes.create()];
    const user = await codes.redeem(code);
    const accessToken = await accessTokens.issue(await sessionOf(client, user.id));
    const metadata = { userId: user.id, username: user.username };
    audit.record({ level: 'INFO', logger: 'tailql.access', message: 'Signed in', action: 'sign_in', metadata });
    const credentials = credentialsOf(client, accessTokens);
    await authenticate(credentials, `Bearer ${apiSecret}`);
    await authenticate(credentials, `Bearer ${accessToken.token}`);
    await expect(codes.redeem(code)).rejects.toThrow();

    const open = await filesBelow(dataDir);
    audit.close();
    await database.close();
    const files = [...open, ...(await filesBelow(dataDir))];
    expect(files.map(([path]) => path)).toContain(join(dataDir, 'secret'));
    const signature = accessToken.token.split('.')[2] ?? '';
    for (const [path, content] of files) {
      for (const secret of [apiSecret, apiSecret.slice('tailql_'.length), code, unused, accessToken.token, signature]) {
        expect(content.includes(secret), path).toBe(false);
      }
      if (path !== join(dataDir, 'secret')) expect(content.includes(key.export().toString()), path).toBe(false);
    }
  });
});

describe('createToken refuses', () => {
  const list = `the scopes are ${apiScopes.join(', ')}.`;

  it.each<[string, string, string[], string]>([
    ['no scope', 'CI', [], `A token needs a scope; ${list}`],
    ['an unknown scope', 'CI', ['LOGS_READ', 'LOGS'], `There is no scope "LOGS"; ${list}`],
    ['a scope in the wrong case', 'CI', ['admin'], `There is no scope "admin"; ${list}`],
    ['an empty scope', 'CI', [''], `There is no scope ""; ${list}`],
    ['a scope that would write on the terminal', 'CI', ['\u001b[2J'], `There is no scope "\\u001b[2J"; ${list}`],
    ['no name', '', ['ADMIN'], 'Give the token a name of 1 to 100 characters without control characters.'],
    [
      'a long name',
      'x'.repeat(101),
      ['ADMIN'],
      'Give the token a name of 1 to 100 characters without control characters.',
    ],
    [
      'a name of two lines',
      'a\nb',
      ['ADMIN'],
      'Give the token a name of 1 to 100 characters without control characters.',
    ],
  ])('%s, before it touches the disk', async (_, name, scopes, message) => {
    const config = defaultConfig({ dataDir });
    await expect(createToken(config, name, scopes)).rejects.toMatchObject({ message, exitCode: 2 });
    expect((await filesBelow(directory)).size).toBe(0);
  });
});
