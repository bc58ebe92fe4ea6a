import type { PrismaClient, User } from '../db/sqlite/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { AccessTokens } from './access-token.ts';
import { type ApiTokenStore, apiTokenPrefix, findApiToken, grantedScopes, grantedSources } from './api-token.ts';
import type { ExternalIdentity } from './external-identity.ts';
import { externalUser } from './external-user.ts';
import type { Journal } from './journal.ts';
import { anonymous, type Principal, type SignedIn, scopesOfRole, scopesOfToken } from './principal.ts';
import { noteSessionUse } from './session-use.ts';

export interface Credentials extends ApiTokenStore {
  accessTokens: AccessTokens;
  /** Whose tokens are accepted beside our own; null: nobody's. */
  external: ExternalIdentity | null;
  journal: Journal;
}

/** Ours have about 300 bytes, those of others some thousand. Checking a signature takes time that grows with them. */
const longestToken = 8192;

/**
 * Who asks.
 * @param authorization `Bearer TOKEN` as in the HTTP header of that name (RFC 6750, section 2.1); undefined when there
 *   was none
 * @throws {UnauthenticatedError} when it is anything else, or the token is not or no longer valid
 */
export async function authenticate(credentials: Credentials, authorization: string | undefined): Promise<Principal> {
  if (authorization === undefined) return anonymous;
  const token = tokenIn(authorization);
  if (token.startsWith(apiTokenPrefix)) return ofApiToken(credentials, token);
  if (token.length > longestToken) throw new UnauthenticatedError('This access token is not valid; sign in again.');
  const { external } = credentials;
  if (external?.isFor(token)) return ofExternalToken(credentials, external, token);
  return ofAccessToken(credentials, token);
}

function tokenIn(authorization: string): string {
  // Two joined by a comma, as some proxies do, do not match: it would not be known whose word counts.
  const token = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new UnauthenticatedError('Send one credential, as "Authorization: Bearer TOKEN".');
  return token;
}

async function ofApiToken(credentials: Credentials, secret: string): Promise<SignedIn> {
  const apiToken = await findApiToken(credentials, secret);
  const sourceIds = grantedSources(apiToken);
  return {
    kind: 'user',
    userId: apiToken.owner.id,
    username: apiToken.owner.username,
    role: apiToken.owner.role,
    scopes: scopesOfToken(apiToken.owner.role, grantedScopes(apiToken)),
    credential: 'api-token',
    credentialId: apiToken.id,
    ...(sourceIds !== null && { sourceIds: new Set(sourceIds) }),
    expiresAt: apiToken.expiresAt,
  };
}

async function ofAccessToken(credentials: Credentials, token: string): Promise<SignedIn> {
  const { sessionId, expiresAt } = await credentials.accessTokens.verify(token);
  const session = await credentials.client.session.findUnique({ where: { id: sessionId }, include: { user: true } });
  if (session === null) throw new UnauthenticatedError('Your session was ended; sign in again.');
  const { user } = session;
  checkActive(user);
  await noteSessionUse(credentials, session);
  return personal(user, { credential: 'session', credentialId: sessionId, expiresAt });
}

async function ofExternalToken(
  { client, journal }: Credentials,
  external: ExternalIdentity,
  token: string,
): Promise<SignedIn> {
  const person = await external.verify(token);
  const user = await externalUser(client, journal, person);
  checkActive(user);
  return personal(user, { credential: 'external', expiresAt: person.expiresAt });
}

function personal(
  { id, username, role }: User,
  credential: Pick<SignedIn, 'credential' | 'credentialId' | 'expiresAt'>,
): SignedIn {
  return { kind: 'user', userId: id, username, role, scopes: scopesOfRole(role), ...credential };
}

/** @throws {UnauthenticatedError} when there is no such user any more, or it is disabled */
export async function activeUser(client: PrismaClient, id: string): Promise<User> {
  return checkActive(await client.user.findUnique({ where: { id } }));
}

function checkActive(user: User | null): User {
  if (user === null || user.disabled) {
    throw new UnauthenticatedError('Your account is disabled or was deleted; ask an administrator.');
  }
  return user;
}
