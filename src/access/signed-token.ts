import type { KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { UnauthenticatedError } from '../errors.ts';

/** Issuer and audience: a token of another program is refused even if it shares our key. */
const name = 'tailql';

/** Longer than any of ours: checking a signature takes time that grows with what is signed. */
const longestToken = 8192;

/** What a token is for (RFC 8725, section 3.11): one key signs all, and no kind passes for another. */
export type TokenKind = 'at+jwt' | 'download+jwt' | 'upload+jwt';

export interface SignedToken {
  token: string;
  expiresAt: Date;
}

/** What a token says, and of whom. */
export interface Claims {
  userId: string;
  /** Signed by us or not, a claim may have any type. */
  payload: JWTPayload;
  expiresAt: Date;
}

/** Why a token is refused, to whoever has it; why it is not valid is not said. */
export interface Refusals {
  expired: string;
  invalid: string;
}

/** Tokens of one kind: JWTs (RFC 7519), signed with HMAC-SHA-256. */
export class SignedTokens {
  readonly #key: KeyObject;
  readonly #kind: TokenKind;
  readonly #refusals: Refusals;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(key: KeyObject, kind: TokenKind, refusals: Refusals, now: () => number = Date.now) {
    this.#key = key;
    this.#kind = kind;
    this.#refusals = refusals;
    this.#now = now;
  }

  /** @param until what it does not outlive; null: nothing */
  async issue(userId: string, claims: JWTPayload, seconds: number, until: Date | null = null): Promise<SignedToken> {
    // JWT times are seconds.
    const issuedAt = Math.floor(this.#now() / 1000);
    const latest = until === null ? Number.POSITIVE_INFINITY : Math.floor(until.getTime() / 1000);
    const expiresAt = Math.min(issuedAt + seconds, latest);
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: this.#kind })
      .setIssuer(name)
      .setAudience(name)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#key);
    return { token, expiresAt: new Date(expiresAt * 1000) };
  }

  /** @throws {UnauthenticatedError} when it has expired, or is not one of ours */
  async verify(token: string): Promise<Claims> {
    if (token.length > longestToken) throw this.invalid();
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
        typ: this.#kind,
        issuer: name,
        audience: name,
        requiredClaims: ['sub', 'iat', 'exp'],
        currentDate: new Date(this.#now()),
      });
      const { sub, exp } = payload;
      if (typeof sub !== 'string' || sub === '' || typeof exp !== 'number') throw this.invalid();
      return { userId: sub, payload, expiresAt: new Date(exp * 1000) };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new UnauthenticatedError(this.#refusals.expired);
      if (error instanceof errors.JOSEError) throw this.invalid();
      throw error;
    }
  }

  invalid(): UnauthenticatedError {
    return new UnauthenticatedError(this.#refusals.invalid);
  }
}
