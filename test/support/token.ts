import { AccessTokens } from '../../src/access/access-token.ts';
import { builtInAdministrator } from '../../src/access/administrator.ts';
import { signingKey } from '../../src/access/secret.ts';
import { sessionOf } from '../access/database.ts';
import { withDatabase } from './database.ts';
import type { TestServer } from './server.ts';

/** An access token of the built-in administrator that is signed as the server signs its own, valid for so long. */
export async function accessToken(server: TestServer, seconds: number): Promise<string> {
  const session = await withDatabase(server, async (client) =>
    sessionOf(client, (await builtInAdministrator(client)).id),
  );
  const tokens = new AccessTokens(await signingKey(server.config), seconds);
  return (await tokens.issue(session)).token;
}
