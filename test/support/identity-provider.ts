import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll } from 'vitest';

/** Another identity provider: its people come in with its tokens, and have no password here. */
export interface IdentityProvider {
  /** For `auth.jwks` of the configuration. */
  readonly jwks: { url: string; issuer: string; audience: string };
  /** A token with these claims, valid for ten minutes unless they say otherwise. */
  tokenOf(claims: JWTPayload): Promise<string>;
}

/** Runs until the test file has run. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }];
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => server.close());
  const address = server.address();
  const [issuer, audience] = ['https://id.example', 'tailql'];
  return {
    jwks: { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`, issuer, audience },
    tokenOf(payload) {
      const seconds = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, aud: audience, iat: seconds, exp: seconds + 600, ...payload };
      return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(privateKey);
    },
  };
}
