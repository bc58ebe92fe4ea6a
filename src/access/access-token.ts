import type { KeyObject } from 'node:crypto';
import { type SignedToken, SignedTokens } from './signed-token.ts';

export type AccessToken = SignedToken;

/** Whose sign-in it is, and which. */
export interface SignInIds {
  userId: string;
  sessionId: string;
}

/** Short-lived proof of who signed in, which says nothing but these ids. RFC 9068, section 2.1. */
export class AccessTokens {
  readonly #tokens: SignedTokens;
  readonly #lifetimeSeconds: number;

  /** @param now milliseconds since 1970 */
  constructor(key: KeyObject, lifetimeSeconds: number, now: () => number = Date.now) {
    const refusals = {
      expired: 'Your sign-in has expired; sign in again.',
      invalid: 'This access token is not valid; sign in again.',
    };
    this.#tokens = new SignedTokens(key, 'at+jwt', refusals, now);
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  /** @param lifetimeSeconds left out: as configured */
  issue({ userId, sessionId }: SignInIds, lifetimeSeconds = this.#lifetimeSeconds): Promise<AccessToken> {
    return this.#tokens.issue(userId, { sid: sessionId }, lifetimeSeconds);
  }

  /**
   * Whose token it is, and until when.
   * @throws {UnauthenticatedError} when it has expired, or is not one of ours
   */
  async verify(token: string): Promise<SignInIds & { expiresAt: Date }> {
    const { userId, payload, expiresAt } = await this.#tokens.verify(token);
    const { sid } = payload;
    if (typeof sid !== 'string' || sid === '') throw this.#tokens.invalid();
    return { userId, sessionId: sid, expiresAt };
  }
}
