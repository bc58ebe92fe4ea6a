import type { Prisma, PrismaClient, Role, User } from '../db/sqlite/client.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { Journal } from './journal.ts';
import { type Principal, requireScope, requireSignedIn } from './principal.ts';
import type { Sessions } from './session.ts';
import { foldedUsername } from './username.ts';
import type { CredentialWatch } from './watch.ts';

/** A user as in the database. */
export type UserRow = User;

/** The query that @pothos/plugin-prisma makes of a GraphQL selection: which columns and relations to load. */
export type PersonQuery = Pick<Prisma.UserFindManyArgs, 'include' | 'cursor' | 'take' | 'skip'>;

export interface PersonSurroundings {
  client: PrismaClient;
  sessions: Sessions;
  watch: CredentialWatch;
  journal: Journal;
}

/** Who there is. Administrators see everybody, others themselves. */
export class People {
  readonly #our: PersonSurroundings;

  constructor(surroundings: PersonSurroundings) {
    this.#our = surroundings;
  }

  /** The person signed in, or for whom the API token acts. */
  async me(principal: Principal, query: PersonQuery = {}): Promise<User | null> {
    const { userId } = requireSignedIn(principal);
    return this.#our.client.user.findUnique({ include: query.include, where: { id: userId } });
  }

  /** A person by id. Null: none, or not to be seen. */
  async find(principal: Principal, id: string, query: PersonQuery = {}): Promise<User | null> {
    const { userId, scopes } = requireSignedIn(principal);
    if (!scopes.has('ADMIN') && userId !== id) return null;
    return this.#our.client.user.findUnique({ include: query.include, where: { id } });
  }

  /** In the order in which they came. */
  async list(principal: Principal, nameContains: string | null, query: PersonQuery): Promise<User[]> {
    requireScope(principal, 'ADMIN');
    return this.#our.client.user.findMany({ ...query, where: named(nameContains), orderBy: { id: 'asc' } });
  }

  async count(principal: Principal, nameContains: string | null): Promise<number> {
    requireScope(principal, 'ADMIN');
    return this.#our.client.user.count({ where: named(nameContains) });
  }

  /**
   * Gives somebody another role, or keeps them from signing in (and lets them again). What they have open ends, so that
   * they come back as what they are now; a disabled user's sessions end for good.
   *
   * @throws {ForbiddenError} when whoever asks is no administrator
   * @throws {NotFoundError} when there is no such user
   * @throws {ConflictError} when no administrator would be left
   */
  async update(principal: Principal, id: string, change: { role?: Role; disabled?: boolean }): Promise<User> {
    const { userId, username } = requireScope(principal, 'ADMIN');
    const { client, sessions, watch, journal } = this.#our;
    const user = await client.user.findUnique({ where: { id } });
    if (user === null) throw new NotFoundError('There is no such user; list them with Query.users.');
    const { role = user.role, disabled = user.disabled } = change;
    if (role === user.role && disabled === user.disabled) return user;
    if (role !== user.role && user.issuer !== null) {
      throw new ConflictError('What they may do is decided by the identity provider they come from; change it there.');
    }
    const updated = await client.user.update({ where: { id }, data: { role, disabled } });
    // Looked at afterwards: of two administrators who demote each other at the same moment, at least one stays.
    if (!(await this.#isAnyAdministrator())) {
      await client.user.update({ where: { id }, data: { role: user.role, disabled: user.disabled } });
      throw new ConflictError('This is the only administrator left; make another one first.');
    }
    if (disabled) await sessions.end({ userId: id });
    watch.end(id);
    const by = { userId, username };
    journal.did('user_update', 'A user was changed', { ...by, changedId: id, changed: user.username, role, disabled });
    return updated;
  }

  async #isAnyAdministrator(): Promise<boolean> {
    return (await this.#our.client.user.count({ where: { role: 'ADMIN', disabled: false } })) > 0;
  }
}

/** No name has anything that is left out here, and PostgreSQL refuses to be asked about some of it. */
function named(part: string | null): Prisma.UserWhereInput {
  if (part === null || part === '') return {};
  const folded = foldedUsername(part);
  return /^[a-z0-9._@+-]*$/.test(folded) ? { username: { contains: folded } } : { id: '' };
}
