import { describe, expect, it } from 'vitest';
import {
  type ApiScope,
  anonymous,
  apiScopes,
  requireScope,
  type SignedIn,
  scopesOfRole,
  scopesOfToken,
} from '../../src/access/principal.ts';
import { ForbiddenError, InsufficientTokenError, UnauthenticatedError } from '../../src/errors.ts';

const everything = new Set(apiScopes);
const allButAdmin = new Set(apiScopes.filter((scope) => scope !== 'ADMIN'));

function signedIn(scopes: Iterable<ApiScope>, credential: SignedIn['credential'] = 'session'): SignedIn {
  const role = 'MEMBER';
  return { kind: 'user', userId: '1', username: 'ada', role, scopes: new Set(scopes), credential, expiresAt: null };
}

describe('scopes', () => {
  it('gives a session everything its role allows', () => {
    expect(scopesOfRole('ADMIN')).toEqual(everything);
    expect(scopesOfRole('MEMBER')).toEqual(allButAdmin);
  });

  it.each<[SignedIn['role'], ApiScope[], ReadonlySet<ApiScope>]>([
    ['ADMIN', ['LOGS_READ'], new Set(['LOGS_READ'])],
    ['ADMIN', [], new Set()],
    ['ADMIN', ['ADMIN'], everything],
    ['ADMIN', ['ADMIN', 'LOGS_READ'], everything],
    ['MEMBER', ['ADMIN'], new Set()],
    ['MEMBER', ['ADMIN', 'LOGS_READ'], new Set(['LOGS_READ'])],
    ['MEMBER', [...allButAdmin], allButAdmin],
  ])('gives a token of an owner who is %s with %j no more than both allow', (role, granted, expected) => {
    expect(scopesOfToken(role, granted)).toEqual(expected);
  });
});

describe('requireScope', () => {
  it.each(apiScopes)('denies %s to whoever is not signed in', (scope) => {
    expect(() => requireScope(anonymous, scope)).toThrow(UnauthenticatedError);
  });

  it.each(apiScopes)('denies %s to a principal that has every other scope', (scope) => {
    const others = apiScopes.filter((other) => other !== scope);
    expect(() => requireScope(signedIn(others), scope)).toThrow(ForbiddenError);
  });

  it.each(apiScopes)('returns the principal that has %s', (scope) => {
    const principal = signedIn([scope]);
    expect(requireScope(principal, scope)).toBe(principal);
  });

  it('names the scope that an API token lacks, and does not take it for a rule about its owner', () => {
    const lacking = () => requireScope(signedIn([], 'api-token'), 'LOGS_WRITE');
    expect(lacking).toThrow(/LOGS_WRITE/);
    expect(lacking).toThrow(InsufficientTokenError);
  });
});
