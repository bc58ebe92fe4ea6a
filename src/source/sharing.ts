import type { PrismaClient } from '../db/client.ts';
import type { Role, User } from '../db/sqlite/client.ts';
import { InvalidInputError } from '../errors.ts';
import { type Grantee, granteeOf } from './grant.ts';

/** With whom the owner of a log shares it. */
export interface Sharing {
  roles: readonly Role[];
  userIds: readonly string[];
}

/** The same, with the people themselves. */
export interface SourceAccess {
  roles: Role[];
  users: User[];
}

/** People that one source may be shared with; each is a row. */
const mostUsers = 1000;

/** @throws {InvalidInputError} when somebody is not there, or they are too many */
export async function granteesIn(client: PrismaClient, { roles, userIds }: Sharing): Promise<Grantee[]> {
  const ids = [...new Set(userIds)];
  const path = ['sharedWith', 'users'];
  if (ids.length > mostUsers) {
    const message = `Share a source with at most ${mostUsers} people, or with everybody of a role.`;
    throw new InvalidInputError([{ path, message, code: 'OUT_OF_RANGE' }]);
  }
  if ((await client.user.count({ where: { id: { in: ids } } })) < ids.length) {
    const message = 'One of these people is not there; leave out who is gone.';
    throw new InvalidInputError([{ path, message, code: 'UNKNOWN' }]);
  }
  return [...new Set(roles.map((role): Grantee => `role:${role}`)), ...ids.map((id): Grantee => `user:${id}`)];
}

/** The grantees of a source in the database. */
export async function granteesOf(client: PrismaClient, sourceId: string): Promise<Grantee[]> {
  const grants = await client.sourceGrant.findMany({ where: { sourceId }, orderBy: { grantee: 'asc' } });
  return grants.flatMap(({ grantee }) => granteeOf(grantee) ?? []);
}

/** Who they are. Whom the configuration names and who has not come yet is left out. */
export async function accessOf(client: PrismaClient, grantees: readonly Grantee[]): Promise<SourceAccess> {
  const named = (kind: 'role' | 'user' | 'name') =>
    grantees.filter((grantee) => grantee.startsWith(`${kind}:`)).map((grantee) => grantee.slice(kind.length + 1));
  const users = await client.user.findMany({
    where: { OR: [{ id: { in: named('user') } }, { username: { in: named('name') } }] },
    orderBy: { id: 'asc' },
  });
  const roles = (['ADMIN', 'MEMBER'] as const).filter((role) => grantees.includes(`role:${role}`));
  return { roles, users };
}
