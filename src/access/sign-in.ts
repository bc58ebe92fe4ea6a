import type { PrismaClient, User } from '../db/sqlite/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import { builtInAdministrator, builtInName } from './administrator.ts';
import { newSecret, secretHash } from './secret-hash.ts';

/** Time to open the link that the server prints when it starts. */
const validMs = 15 * 60_000;

/** So that whatever makes codes cannot fill the memory; the oldest gives way. */
const mostCodes = 100;

/** One-time codes that sign in as the built-in administrator. Kept in memory: those of an earlier run are worth nothing. */
export class SignInCodes {
  readonly #client: PrismaClient;
  readonly #now: () => number;
  /** SHA-256 of each code, and when it ends (ms since 1970); oldest first. */
  readonly #endings = new Map<string, number>();

  /** @param now milliseconds since 1970 */
  constructor(client: PrismaClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  /** A new code, valid for 15 minutes. */
  create(): string {
    const [oldest] = this.#endings.keys();
    if (oldest !== undefined && this.#endings.size >= mostCodes) this.#endings.delete(oldest);
    const code = newSecret();
    this.#endings.set(secretHash(code), this.#now() + validMs);
    return code;
  }

  /**
   * Whom a code signs in. It does this once.
   * @throws {UnauthenticatedError} when the code is unknown, used or too old, or the administrator has a password by now
   */
  async redeem(code: string): Promise<User> {
    // Found by hash: how long the comparison takes says nothing about the code.
    const hash = secretHash(code);
    const ending = this.#endings.get(hash);
    // Deleted before anything is awaited, so that of two callers one is refused.
    this.#endings.delete(hash);
    if (ending === undefined || ending <= this.#now()) {
      throw new UnauthenticatedError(
        'This sign-in link was used before or is too old; restart the server for a new one, or make an API token with "tailql token create".',
      );
    }
    const user = await builtInAdministrator(this.#client);
    if (user.passwordHash !== null || user.disabled) {
      throw new UnauthenticatedError('The administrator has a password; sign in with Mutation.login.');
    }
    return user;
  }

  /** Whether codes are of use: until the built-in administrator has a password, and never again. */
  async areOpen(): Promise<boolean> {
    const administrator = await this.#client.user.findUnique({ where: { username: builtInName } });
    return administrator === null || (administrator.passwordHash === null && !administrator.disabled);
  }
}
