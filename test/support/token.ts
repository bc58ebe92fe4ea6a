import { AccessTokens } from '../../src/access/access-token.ts';
import { builtInAdministrator } from '../../src/access/administrator.ts';
import { signingKey } from '../../src/access/secret.ts';
import { openDatabase } from '../../src/db/client.ts';
import { sessionOf } from '../access/database.ts';
import type { TestServer } from './server.ts';

/** An access token of the built-in administrator that is signed as the server signs its own, valid for so long. */
export async function accessToken({ config }: TestServer, seconds: number): Promise<string> {
  const { client, close } = await openDatabase(config.databaseUrl);
  try {
    const { id } = await builtInAdministrator(client);
    const tokens = new AccessTokens(await signingKey(config), seconds);
    return (await tokens.issue(await sessionOf(client, id))).token;
  } finally {
    await close();
  }
}
