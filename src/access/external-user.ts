import type { PrismaClient, User } from '../db/sqlite/client.ts';
import type { ExternalPerson } from './external-identity.ts';
import type { Journal } from './journal.ts';
import { secretHash } from './secret-hash.ts';
import { foldedUsername, usernameProblem } from './username.ts';

/**
 * The user that a person of another identity provider is here: known by issuer and subject, whatever their name; made
 * when they first come. Their role is as the provider says.
 */
export async function externalUser(client: PrismaClient, journal: Journal, person: ExternalPerson): Promise<User> {
  const { issuer, subject, role } = person;
  const where = { issuer_subject: { issuer, subject } };
  const found = (await client.user.findUnique({ where })) ?? (await make(client, journal, person));
  if (found.role === role || found.disabled) return found;
  const { id: changedId, username: changed } = found;
  journal.did('user_update', 'The identity provider gave a user another role', { changedId, changed, role });
  return client.user.update({ where, data: { role } });
}

async function make(client: PrismaClient, journal: Journal, person: ExternalPerson): Promise<User> {
  const { issuer, subject, role } = person;
  let problem: unknown;
  for (const username of namesFor(person)) {
    try {
      const user = await client.user.create({ data: { username, role, issuer, subject } });
      journal.did('register', 'Somebody came by the identity provider', { userId: user.id, username, role });
      return user;
    } catch (error) {
      // Another request of theirs was first, or somebody else has the name.
      const user = await client.user.findUnique({ where: { issuer_subject: { issuer, subject } } });
      if (user !== null) return user;
      problem = error;
    }
  }
  throw problem;
}

/** As the provider calls them; where somebody else has that name, with something after it that nobody else has. */
function namesFor({ issuer, subject, name }: ExternalPerson): string[] {
  const folded = foldedUsername(name ?? '');
  const base =
    folded
      .replaceAll(/[^a-z0-9._@+-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 48) || 'user';
  const unique = `${base}-${secretHash(`${issuer} ${subject}`).slice(0, 12)}`;
  return usernameProblem(base, []) === null && folded !== '' ? [base, unique] : [unique];
}
