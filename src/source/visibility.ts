import type { Principal } from '../access/principal.ts';
import { requireScope } from '../access/principal.ts';
import type { Prisma } from '../db/sqlite/client.ts';
import type { Source } from './source.ts';

/**
 * The sources that a principal may see: administrators all that are there, others their own; and of these only those
 * that their token is for.
 *
 * @throws {UnauthenticatedError} when nobody is signed in
 * @throws {InsufficientTokenError} when the credential may not read logs
 */
export function visibleTo(principal: Principal): Prisma.SourceWhereInput {
  const { role, userId, sourceIds } = requireScope(principal, 'LOGS_READ');
  return {
    retiredAt: null,
    ...(role === 'ADMIN' ? {} : { ownerId: userId }),
    ...(sourceIds && { id: { in: [...sourceIds] } }),
  };
}

/** `visibleTo`, for a source at hand. */
export function mayRead(principal: Principal, source: Source): boolean {
  const { role, userId, sourceIds } = requireScope(principal, 'LOGS_READ');
  return (role === 'ADMIN' || source.ownerId === userId) && (sourceIds?.has(source.id) ?? true);
}
