import type { SignedIn } from '../access/principal.ts';
import type { SourceConfig } from '../config.ts';
import type { Role } from '../db/sqlite/client.ts';

/**
 * Whom a log is shared with: everybody of a role, or a person by id; by name where the configuration says so, for then
 * they need not have come yet.
 */
export type Grantee = `role:${Role}` | `user:${string}` | `name:${string}`;

/** A grantee as the database has it; null for what is none. */
export function granteeOf(text: string): Grantee | null {
  if (text === 'role:ADMIN' || text === 'role:MEMBER') return text;
  const [, kind, name] = /^(user|name):(.+)$/s.exec(text) ?? [];
  return kind === 'user' || kind === 'name' ? `${kind}:${name}` : null;
}

/** Everything that somebody may be called in a grant. */
export const namesOf = ({ role, userId, username }: Pick<SignedIn, 'role' | 'userId' | 'username'>): Grantee[] => [
  `role:${role}`,
  `user:${userId}`,
  `name:${username}`,
];

/** Those that the configuration lets read a log. */
export const granteesNamed = (readers: SourceConfig['readers']): Grantee[] => [
  ...(readers?.roles ?? []).map((role): Grantee => `role:${role}`),
  ...(readers?.users ?? []).map((username): Grantee => `name:${username}`),
];
