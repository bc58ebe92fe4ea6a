import type { Role } from '../db/sqlite/client.ts';
import { ForbiddenError, InsufficientTokenError, UnauthenticatedError } from '../errors.ts';

/** What a credential may be used for. ADMIN includes all others, but only for an administrator. */
export const apiScopes = [
  'LOGS_READ',
  'LOGS_WRITE',
  'ACTIONS_READ',
  'ACTIONS_WRITE',
  'SOURCES_WRITE',
  'ANALYSES_WRITE',
  'ADMIN',
] as const;
export type ApiScope = (typeof apiScopes)[number];

export const isApiScope = (name: string): name is ApiScope => apiScopes.some((scope) => scope === name);

/** A person, or a program that acts for one. */
export interface SignedIn {
  readonly kind: 'user';
  readonly userId: string;
  readonly username: string;
  readonly role: Role;
  /** Everything this credential may be used for; what is not in it is denied. */
  readonly scopes: ReadonlySet<ApiScope>;
  readonly credential: 'session' | 'api-token' | 'external' | 'download-link';
  /** Id of the session or API token; the other kinds have none. */
  readonly credentialId?: string;
  /** Ids of the only sources that this credential is for; without: all that the person may see. */
  readonly sourceIds?: ReadonlySet<string>;
  /** From then on the credential is worth nothing, also to what was begun with it. Null: never. */
  readonly expiresAt: Date | null;
}

/** Who asks. */
export type Principal = { readonly kind: 'anonymous' } | SignedIn;

export const anonymous: Principal = { kind: 'anonymous' };

/** Everything that people of a role may do; a session has all of it. */
export function scopesOfRole(role: Role): ReadonlySet<ApiScope> {
  return new Set(role === 'ADMIN' ? apiScopes : apiScopes.filter((scope) => scope !== 'ADMIN'));
}

/** What an API token may be used for: what it was given, as far as its owner's role (still) allows it. */
export function scopesOfToken(role: Role, granted: readonly ApiScope[]): ReadonlySet<ApiScope> {
  const allowed = scopesOfRole(role);
  const scopes = new Set(granted.filter((scope) => allowed.has(scope)));
  return scopes.has('ADMIN') ? allowed : scopes;
}

/**
 * Whoever is signed in, whatever their credential is for.
 * @throws {UnauthenticatedError} when nobody is
 */
export function requireSignedIn(principal: Principal): SignedIn {
  if (principal.kind === 'user') return principal;
  throw new UnauthenticatedError('Sign in first: send an access token or API token as "Authorization: Bearer TOKEN".');
}

/**
 * The signed-in principal, if its credential may be used for `scope`.
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {InsufficientTokenError} when the API token lacks the scope
 * @throws {ForbiddenError} when the person's role does
 */
export function requireScope(principal: Principal, scope: ApiScope): SignedIn {
  const signedIn = requireSignedIn(principal);
  if (signedIn.scopes.has(scope)) return signedIn;
  if (signedIn.credential === 'api-token') {
    throw new InsufficientTokenError(`This API token may not be used for this; use one that has the scope ${scope}.`);
  }
  throw new ForbiddenError('Your account may not do this; ask an administrator.');
}

/**
 * Whether somebody may look after what is theirs: their sessions and tokens. A program may only with the scope ADMIN, for
 * it could make itself a token that outlives its own.
 */
export const isPerson = ({ credential, scopes }: SignedIn): boolean =>
  credential === 'session' || credential === 'external' || scopes.has('ADMIN');

/**
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {InsufficientTokenError} when it is not a person, as `isPerson` has it
 */
export function requirePerson(principal: Principal): SignedIn {
  const signedIn = requireSignedIn(principal);
  if (isPerson(signedIn)) return signedIn;
  throw new InsufficientTokenError('An API token may not be used for this without the scope ADMIN; sign in yourself.');
}

/**
 * Somebody who signed in here, and the id of that session.
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {InsufficientTokenError} when the credential is no session of ours
 */
export function requireSession(principal: Principal): SignedIn & { credentialId: string } {
  const signedIn = requireSignedIn(principal);
  const { credential, credentialId } = signedIn;
  if (credential === 'session' && credentialId !== undefined) return { ...signedIn, credentialId };
  throw new InsufficientTokenError('This is for the access token of somebody who signed in with Mutation.login.');
}
