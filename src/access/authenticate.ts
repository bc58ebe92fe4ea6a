import type { PrismaClient, User } from '../db/sqlite/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { AccessTokens } from './access-token.ts';
import { type ApiTokenStore, apiTokenPrefix, findApiToken, grantedScopes } from './api-token.ts';
import { anonymous, type Principal, type SignedIn, scopesOfRole, scopesOfToken } from './principal.ts';

export interface Credentials extends ApiTokenStore {
  accessTokens: AccessTokens;
}

/**
 * Who asks.
 * @param authorization `Bearer TOKEN` as in the HTTP header of that name (RFC 6750, section 2.1); undefined when there
 *   was none
 * @throws {UnauthenticatedError} when it is anything else, or the token is not or no longer valid
 */
export async function authenticate(credentials: Credentials, authorization: string | undefined): Promise<Principal> {
  if (authorization === undefined) return anonymous;
  const token = tokenIn(authorization);
  return token.startsWith(apiTokenPrefix) ? ofApiToken(credentials, token) : ofAccessToken(credentials, token);
}

function tokenIn(authorization: string): string {
  // Two joined by a comma, as some proxies do, do not match: it would not be known whose word counts.
  const token = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new UnauthenticatedError('Send one credential, as "Authorization: Bearer TOKEN".');
  return token;
}

async function ofApiToken(credentials: Credentials, secret: string): Promise<SignedIn> {
  const apiToken = await findApiToken(credentials, secret);
  return {
    kind: 'user',
    userId: apiToken.owner.id,
    username: apiToken.owner.username,
    role: apiToken.owner.role,
    scopes: scopesOfToken(apiToken.owner.role, grantedScopes(apiToken)),
    credential: 'api-token',
    expiresAt: apiToken.expiresAt,
  };
}

async function ofAccessToken({ accessTokens, client }: Credentials, token: string): Promise<SignedIn> {
  const { userId, expiresAt } = await accessTokens.verify(token);
  const user = await activeUser(client, userId);
  return {
    kind: 'user',
    userId,
    username: user.username,
    role: user.role,
    scopes: scopesOfRole(user.role),
    credential: 'session',
    expiresAt,
  };
}

/** @throws {UnauthenticatedError} when there is no such user any more, or it is disabled */
export async function activeUser(client: PrismaClient, id: string): Promise<User> {
  const user = await client.user.findUnique({ where: { id } });
  if (user === null || user.disabled) {
    throw new UnauthenticatedError('Your account is disabled or was deleted; ask an administrator.');
  }
  return user;
}
