import { decodeGlobalID } from '@pothos/plugin-relay';
import { AccessTokens } from '../../src/access/access-token.ts';
import { signingKey } from '../../src/access/secret.ts';
import type { TestServer } from './server.ts';

/** An access token of the built-in administrator that is signed as the server signs its own, valid for so long. */
export async function accessToken(server: TestServer, seconds: number): Promise<string> {
  const { me } = await server.data<{ me: { id: string } }>('{ me { id } }');
  const tokens = new AccessTokens(await signingKey(server.config), seconds);
  return (await tokens.issue(decodeGlobalID(me.id).id)).token;
}
