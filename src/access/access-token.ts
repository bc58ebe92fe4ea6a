import type { KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { UnauthenticatedError } from '../errors.ts';

/** Issuer and audience: a token of another program is refused even if it shares our key. */
const name = 'tailql';

/** The kind of token, so that no other kind passes for it. RFC 9068, section 2.1. */
const kind = 'at+jwt';

/** Ours have about 250 bytes. Checking the signature of a token takes time that grows with it. */
const longestToken = 8192;

export interface AccessToken {
  token: string;
  expiresAt: Date;
}

/** Whose sign-in it is, and which. */
export interface SignInIds {
  userId: string;
  sessionId: string;
}

/** Short-lived proof of who signed in: a JWT (RFC 7519), signed with HMAC-SHA-256, that says nothing but these ids. */
export class AccessTokens {
  readonly #key: KeyObject;
  readonly #lifetimeSeconds: number;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(key: KeyObject, lifetimeSeconds: number, now: () => number = Date.now) {
    this.#key = key;
    this.#lifetimeSeconds = lifetimeSeconds;
    this.#now = now;
  }

  /** @param lifetimeSeconds left out: as configured */
  async issue({ userId, sessionId }: SignInIds, lifetimeSeconds = this.#lifetimeSeconds): Promise<AccessToken> {
    // JWT times are seconds.
    const issuedAt = Math.floor(this.#now() / 1000);
    const expiresAt = issuedAt + lifetimeSeconds;
    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'HS256', typ: kind })
      .setIssuer(name)
      .setAudience(name)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#key);
    return { token, expiresAt: new Date(expiresAt * 1000) };
  }

  /**
   * Whose token it is, and until when.
   * @throws {UnauthenticatedError} when it has expired, or is not one of ours; why not is not said
   */
  async verify(token: string): Promise<SignInIds & { expiresAt: Date }> {
    if (token.length > longestToken) throw invalid();
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
        typ: kind,
        issuer: name,
        audience: name,
        requiredClaims: ['sub', 'sid', 'iat', 'exp'],
        currentDate: new Date(this.#now()),
      });
      const { sub, sid, exp } = payload;
      // Signed by us or not, a claim may have any type.
      if (typeof sub !== 'string' || sub === '' || typeof exp !== 'number') throw invalid();
      if (typeof sid !== 'string' || sid === '') throw invalid();
      return { userId: sub, sessionId: sid, expiresAt: new Date(exp * 1000) };
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw new UnauthenticatedError('Your sign-in has expired; sign in again.');
      if (error instanceof errors.JOSEError) throw invalid();
      throw error;
    }
  }
}

const invalid = () => new UnauthenticatedError('This access token is not valid; sign in again.');
