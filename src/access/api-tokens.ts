import type { ApiToken, PrismaClient } from '../db/sqlite/client.ts';
import { ForbiddenError, InvalidInputError, LimitReachedError, NotFoundError } from '../errors.ts';
import { type CreatedToken, checkTokenName, createApiToken, type NewApiToken } from './api-token.ts';
import type { Journal } from './journal.ts';
import { isPerson, type Principal, requirePerson, requireSignedIn, type SignedIn } from './principal.ts';
import type { CredentialWatch } from './watch.ts';

/** An API token as in the database. */
export type ApiTokenRow = ApiToken;

/** Of one person; so that the list of them needs no pages. */
const mostTokens = 1000;

/** Sources that one token may be kept to; its principal carries them on every request. */
const mostSources = 1000;

/** The API tokens of the person who asks. */
export class ApiTokens {
  readonly #client: PrismaClient;
  readonly #watch: CredentialWatch;
  readonly #journal: Journal;

  constructor(client: PrismaClient, watch: CredentialWatch, journal: Journal) {
    this.#client = client;
    this.#watch = watch;
    this.#journal = journal;
  }

  /**
   * Makes a token, which may do no more than the credential that asks. Its secret is returned here and never again.
   *
   * @throws {InvalidInputError} when the name, scopes, sources or time cannot be used
   * @throws {ForbiddenError} when whoever asks may not do it all themselves
   * @throws {LimitReachedError} when they have too many
   */
  async create(principal: Principal, token: NewApiToken): Promise<CreatedToken> {
    const owner = requirePerson(principal);
    check(owner, token);
    if ((await this.#client.apiToken.count({ where: { ownerId: owner.userId } })) >= mostTokens) {
      throw new LimitReachedError(`You have ${mostTokens} API tokens, which is the most; revoke some.`, {
        limit: mostTokens,
      });
    }
    const created = await createApiToken(this.#client, { id: owner.userId }, token);
    const { name, scopes } = token;
    this.#journal.did('token_create', 'API token created', {
      ...{ tokenId: created.apiToken.id, name, scopes: [...scopes] },
      ...{ userId: owner.userId, username: owner.username },
    });
    return created;
  }

  /** In the order of their creation. */
  async list(principal: Principal): Promise<ApiToken[]> {
    const { userId } = requirePerson(principal);
    return this.#client.apiToken.findMany({ where: { ownerId: userId }, orderBy: { id: 'asc' } });
  }

  /** One's own, by id. Null: none, or somebody else's. */
  async find(principal: Principal, id: string): Promise<ApiToken | null> {
    const signedIn = requireSignedIn(principal);
    if (!isPerson(signedIn)) return null;
    return this.#client.apiToken.findFirst({ where: { id, ownerId: signedIn.userId } });
  }

  /**
   * Ends a token, and what was opened with it.
   * @returns the token as it was
   * @throws {NotFoundError} when one has none with this id
   */
  async revoke(principal: Principal, id: string): Promise<ApiToken> {
    const { userId, username } = requirePerson(principal);
    const apiToken = await this.find(principal, id);
    const deleted = await this.#client.apiToken.deleteMany({ where: { id, ownerId: userId } });
    if (apiToken === null || deleted.count === 0) {
      throw new NotFoundError('There is no such API token; list yours with Query.apiTokens.');
    }
    this.#watch.end(id);
    this.#journal.did('token_revoke', 'API token revoked', { tokenId: id, name: apiToken.name, userId, username });
    return apiToken;
  }
}

function check({ scopes: own, sourceIds: ownSources }: SignedIn, token: NewApiToken): void {
  checkTokenName(token.name);
  const { scopes, sourceIds, expiresAt } = token;
  if (scopes.length === 0) {
    const message = 'Name at least one scope; without any, a token is good for nothing.';
    throw new InvalidInputError([{ path: ['scopes'], message, code: 'EMPTY' }]);
  }
  if (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) {
    const message = 'Let it expire in the future, or not at all.';
    throw new InvalidInputError([{ path: ['expiresAt'], message, code: 'OUT_OF_RANGE' }]);
  }
  if (sourceIds !== undefined && (sourceIds.length === 0 || sourceIds.length > mostSources)) {
    const message = `Name 1 to ${mostSources} sources, or leave them out for all that you may see.`;
    throw new InvalidInputError([{ path: ['sources'], message, code: 'OUT_OF_RANGE' }]);
  }
  const missing = scopes.find((scope) => !own.has(scope));
  if (missing !== undefined) {
    throw new ForbiddenError(`You may not give a token the scope ${missing}, for you do not have it yourself.`);
  }
  if (ownSources !== undefined && (sourceIds === undefined || sourceIds.some((id) => !ownSources.has(id)))) {
    throw new ForbiddenError('A token that is kept to some sources makes others for no more than these.');
  }
}
