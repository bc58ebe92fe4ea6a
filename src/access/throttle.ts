import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { PrismaClient } from '../db/client.ts';
import { LimitReachedError } from '../errors.ts';
import type { Limits } from '../limits.ts';

/** Over which the tries of an address, and the wrong passwords for an account, are counted, in seconds. */
const addressWindow = 60;
const accountWindow = 15 * 60;

/**
 * How often one may try to come in. Counted in memory, each try by itself however many one document makes; what is
 * counted is forgotten after its time, so a minute of tries from an address is the most that it can make us remember.
 */
export class Throttle {
  readonly #client: PrismaClient;
  readonly #addresses: RateLimiterMemory;
  readonly #accounts: RateLimiterMemory;

  constructor(client: PrismaClient, limits: Limits) {
    this.#client = client;
    this.#addresses = new RateLimiterMemory({ points: limits.maxSignInsPerAddress, duration: addressWindow });
    this.#accounts = new RateLimiterMemory({ points: limits.maxWrongPasswords, duration: accountWindow });
  }

  /**
   * Counts a try of this address.
   * @throws {LimitReachedError} when it made too many in the last minute
   */
  async address(address: string): Promise<void> {
    await take(this.#addresses, networkOf(address), 'Too many tries from this address; wait a minute.');
  }

  /**
   * Counts a try of a password for an account, whether or not there is one.
   *
   * An address from which the person signed in before is counted by itself: so strangers who guess lock out one
   * another, and not the person at their own desk.
   *
   * @param username folded
   * @returns what takes the count back, to be called when the password was right
   * @throws {LimitReachedError} when too many were wrong in the last quarter of an hour
   */
  async account(username: string, remoteAddress: string): Promise<() => Promise<unknown>> {
    const known = await this.#client.session.findFirst({
      where: { remoteAddress, user: { username } },
      select: { id: true },
    });
    const key = known === null ? username : `${username} ${remoteAddress}`;
    await take(this.#accounts, key, 'Too many wrong passwords for this account; wait a quarter of an hour.');
    return () => this.#accounts.delete(key);
  }
}

/**
 * What an address is counted as: of IPv6 the first 64 bits, for whoever has one address has all of that network
 * (RFC 6177). One that is written in two ways counts as two.
 */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [beginning = ''] = address.split('::');
  return beginning.split(':').slice(0, 4).join(':');
}

async function take(limiter: RateLimiterMemory, key: string, message: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw new LimitReachedError(message, { limit: limiter.points, retryAfterMs: refused.msBeforeNext });
  }
}
