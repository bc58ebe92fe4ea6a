import type { ApiToken, PrismaClient, User } from '../db/sqlite/client.ts';
import { InvalidInputError, UnauthenticatedError } from '../errors.ts';
import type { EngineEvents } from '../events.ts';
import { type ApiScope, isApiScope } from './principal.ts';
import { newSecret, secretHash } from './secret-hash.ts';

/** Told from an access token by its beginning; also what secret scanners look for. */
export const apiTokenPrefix = 'tailql_';

/** So that a program in a busy loop costs one write a minute, not one a request. */
export const useRecordedEveryMs = 60_000;

export interface NewApiToken {
  /** 1 to 100 characters, none of them a control character. */
  name: string;
  scopes: readonly ApiScope[];
  /** Ids of the only sources it is for; left out: all that its owner may see. */
  sourceIds?: readonly string[];
  expiresAt?: Date;
}

/** A token and its secret, which is nowhere else. */
export interface CreatedToken {
  apiToken: ApiToken;
  secret: string;
}

/** @throws {InvalidInputError} when the name cannot be used */
export function checkTokenName(name: string): void {
  if (/^\P{Cc}{1,100}$/u.test(name)) return;
  const message = 'Give the token a name of 1 to 100 characters without control characters.';
  throw new InvalidInputError([{ path: ['name'], message, code: 'INVALID_NAME' }]);
}

/**
 * Makes an API token for a user. Its secret is returned here and never again: only the hash is kept.
 * @throws {InvalidInputError} when the name cannot be used
 */
export async function createApiToken(
  client: PrismaClient,
  owner: Pick<User, 'id'>,
  { name, scopes, sourceIds, expiresAt }: NewApiToken,
): Promise<CreatedToken> {
  checkTokenName(name);
  const secret = apiTokenPrefix + newSecret();
  const apiToken = await client.apiToken.create({
    data: {
      name,
      secretHash: secretHash(secret),
      scopes: [...new Set(scopes)].join(' '),
      sourceIds: sourceIds === undefined ? null : [...new Set(sourceIds)].join(' '),
      ownerId: owner.id,
      expiresAt: expiresAt ?? null,
    },
  });
  return { apiToken, secret };
}

/** The scopes a token was given; a name that this version does not know grants nothing. */
export const grantedScopes = (apiToken: Pick<ApiToken, 'scopes'>): ApiScope[] =>
  apiToken.scopes.split(' ').filter(isApiScope);

/** The only sources a token is for; null: all that its owner may see. An empty list is none. */
export const grantedSources = ({ sourceIds }: Pick<ApiToken, 'sourceIds'>): string[] | null =>
  sourceIds === null ? null : sourceIds.split(' ').filter((id) => id !== '');

export interface ApiTokenStore {
  client: PrismaClient;
  events: Pick<EngineEvents, 'failed'>;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * The token that a secret belongs to, and its owner. Notes that it was used, to the minute.
 * @throws {UnauthenticatedError} when there is no such token, it has expired, or its owner is disabled
 */
export async function findApiToken(store: ApiTokenStore, secret: string): Promise<ApiToken & { owner: User }> {
  // Looked up by hash: how long the comparison takes says nothing about the secret.
  const found = await store.client.apiToken.findUnique({
    where: { secretHash: secretHash(secret) },
    include: { owner: true },
  });
  if (found === null) {
    throw new UnauthenticatedError('This API token is not valid; it may have been revoked. Create a new one.');
  }
  if (found.expiresAt !== null && found.expiresAt.getTime() <= store.now()) {
    throw new UnauthenticatedError('This API token has expired; create a new one.');
  }
  if (found.owner.disabled) {
    throw new UnauthenticatedError('The account this API token belongs to is disabled; ask an administrator.');
  }
  await noteUse(store, found);
  return found;
}

/** A request is worth more than the note that it was made: a failure is reported, not thrown. */
async function noteUse({ client, events, now }: ApiTokenStore, { id, lastUsedAt }: ApiToken): Promise<void> {
  const usedAt = now();
  if (lastUsedAt !== null && usedAt - lastUsedAt.getTime() < useRecordedEveryMs) return;
  try {
    // Of requests at the same moment, only the first writes.
    await client.apiToken.updateMany({
      where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: new Date(usedAt - useRecordedEveryMs) } }] },
      data: { lastUsedAt: new Date(usedAt) },
    });
  } catch (error) {
    events.failed({ doing: 'noting that an API token was used', error });
  }
}
