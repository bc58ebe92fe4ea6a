import type { Role } from '../db/sqlite/client.ts';
import { ForbiddenError, UnauthenticatedError } from '../errors.ts';

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
  readonly credential: 'session' | 'api-token' | 'download-link';
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
 * The signed-in principal, if its credential may be used for `scope`.
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {ForbiddenError} when the credential lacks the scope
 */
export function requireScope(principal: Principal, scope: ApiScope): SignedIn {
  if (principal.kind === 'anonymous') {
    throw new UnauthenticatedError(
      'Sign in first: send an access token or API token as "Authorization: Bearer TOKEN".',
    );
  }
  if (!principal.scopes.has(scope)) {
    throw new ForbiddenError(
      principal.credential === 'api-token'
        ? `This API token may not be used for this; use one that has the scope ${scope}.`
        : 'Your account may not do this; ask an administrator.',
    );
  }
  return principal;
}
