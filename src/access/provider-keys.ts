import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWTVerifyGetKey } from 'jose';
import type { EngineEvents } from '../events.ts';

/** Keys are asked for again after this time (ms), so that one which was withdrawn is not believed for ever. */
const freshMs = 10 * 60_000;
/** Time (ms) between two times of asking when a token names a key that is not there, or the provider does not answer. */
const pauseMs = 30_000;
const patienceMs = 5000;

/** The provider does not answer, and did not answer before. */
export class UnreachableError extends Error {}

/** The keys that an identity provider publishes, as a JSON Web Key Set. RFC 7517, section 5. */
export class ProviderKeys {
  readonly #events: Pick<EngineEvents, 'failed'>;
  readonly #now: () => number;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #lookedAt = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds since 1970 */
  constructor(url: string, events: Pick<EngineEvents, 'failed'>, now: () => number) {
    this.#events = events;
    this.#now = now;
    this.#keys = createRemoteJWKSet(new URL(url), {
      // Old keys are better than none while the provider does not answer: we ask again ourselves, beside the requests.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: pauseMs,
      timeoutDuration: patienceMs,
      [customFetch]: (url, options) => this.#fetch(url, options),
    });
  }

  /**
   * The key for a token: from those that are there, else asked for. Throws UnreachableError when it cannot be asked for,
   * JOSEError when there is none.
   */
  readonly find: JWTVerifyGetKey = (header, token) => {
    this.#refresh();
    return this.#keys(header, token);
  };

  /** Asks for the keys again when they are old. Nobody waits for it, and those that are there serve meanwhile. */
  #refresh(): void {
    if (this.#keys.jwks() === undefined || this.#now() - this.#lookedAt < freshMs) return;
    this.#lookedAt = this.#now();
    // A failure was reported where it happened.
    this.#keys.reload().catch(() => {});
  }

  /** So that tokens which name keys that nobody has do not make us ask, and wait, all the time. */
  readonly #fetch: FetchImplementation = async (url, options) => {
    if (this.#now() - this.#failedAt < pauseMs) throw new UnreachableError();
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
      this.#lookedAt = this.#now();
      return response;
    } catch (error) {
      this.#failedAt = this.#now();
      this.#events.failed({ doing: 'ask for the keys of auth.jwks.url', error });
      throw new UnreachableError();
    }
  };
}
