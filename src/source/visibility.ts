import type { Principal, SignedIn } from '../access/principal.ts';
import { requireScope } from '../access/principal.ts';
import type { Prisma } from '../db/sqlite/client.ts';
import { type Grantee, namesOf } from './grant.ts';
import type { Source } from './source.ts';

/**
 * The sources that a principal may see: administrators all that are there, others their own and those shared with them;
 * and of these only those that their token is for.
 *
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {InsufficientTokenError} when the credential may not read logs
 */
export function visibleTo(principal: Principal): Prisma.SourceWhereInput {
  const signedIn = requireScope(principal, 'LOGS_READ');
  const { role, userId } = signedIn;
  const shared = { grants: { some: { grantee: { in: namesOf(signedIn) } } } };
  return {
    retiredAt: null,
    ...(role === 'ADMIN' ? {} : { OR: [{ ownerId: userId }, shared] }),
    ...ofToken(signedIn),
  };
}

/**
 * The sources that a principal may change: administrators everybody's, others their own.
 *
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {InsufficientTokenError} when the credential may not change sources
 */
export function changeableBy(principal: Principal): Prisma.SourceWhereInput {
  const signedIn = requireScope(principal, 'SOURCES_WRITE');
  const { role, userId } = signedIn;
  return { ownerId: role === 'ADMIN' ? { not: null } : userId, ...ofToken(signedIn) };
}

/**
 * The streams that a principal may write to: administrators everybody's, others their own.
 *
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {InsufficientTokenError} when the credential may not write logs
 */
export function writableBy(principal: Principal): Prisma.SourceWhereInput {
  const signedIn = requireScope(principal, 'LOGS_WRITE');
  const { role, userId } = signedIn;
  return { kind: 'STREAM', ...(role === 'ADMIN' ? {} : { ownerId: userId }), ...ofToken(signedIn) };
}

/** `visibleTo`, for a source at hand and those it is shared with. */
export function mayRead(principal: Principal, source: Source, grantees: readonly Grantee[] = []): boolean {
  const signedIn = requireScope(principal, 'LOGS_READ');
  const { role, userId, sourceIds } = signedIn;
  if (sourceIds !== undefined && !sourceIds.has(source.id)) return false;
  const names = namesOf(signedIn);
  return role === 'ADMIN' || source.ownerId === userId || grantees.some((grantee) => names.includes(grantee));
}

const ofToken = ({ sourceIds }: SignedIn): Prisma.SourceWhereInput => (sourceIds ? { id: { in: [...sourceIds] } } : {});
