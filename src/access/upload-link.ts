import type { KeyObject } from 'node:crypto';
import { type SignedToken, SignedTokens } from './signed-token.ts';

/** Time to begin to send the bytes; an upload that has begun by then goes on. */
const validSeconds = 15 * 60;

/** Short-lived tokens for a URL to which the bytes of one upload are sent, once, in the name of the person who asked. */
export class UploadLinks {
  readonly #tokens: SignedTokens;

  constructor(key: KeyObject) {
    const refusals = {
      expired: 'This upload link has expired; ask for a new one with Mutation.createUpload.',
      invalid: 'This upload link is not valid; ask for a new one with Mutation.createUpload.',
    };
    this.#tokens = new SignedTokens(key, 'upload+jwt', refusals);
  }

  /** @param until end of the credential with which it was asked for, which a link does not outlive; null: none */
  issue(userId: string, sourceId: string, until: Date | null): Promise<SignedToken> {
    return this.#tokens.issue(userId, { source: sourceId }, validSeconds, until);
  }

  /** @throws {UnauthenticatedError} when the link has expired, or is not one of ours; why not is not said */
  async verify(token: string): Promise<{ userId: string; sourceId: string }> {
    const { userId, payload } = await this.#tokens.verify(token);
    if (typeof payload.source !== 'string') throw this.#tokens.invalid();
    return { userId, sourceId: payload.source };
  }
}
