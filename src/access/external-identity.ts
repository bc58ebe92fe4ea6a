import { createRemoteJWKSet, customFetch, errors, type FetchImplementation, type JWTPayload, jwtVerify } from 'jose';
import type { Config } from '../config.ts';
import type { Role } from '../db/sqlite/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { EngineEvents } from '../events.ts';

export type JwksConfig = NonNullable<Config['auth']['jwks']>;

/** Only those that need a key pair: whoever can check such a token cannot make one. RFC 8725, section 3.2. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** How far the provider's clock may be from ours, in seconds. */
const skewSeconds = 60;

/** Keys are asked for again after this time (ms), so that one which was withdrawn is not believed for ever. */
const freshMs = 10 * 60_000;
/** Time (ms) between two times of asking when a token names a key that is not there, or the provider does not answer. */
const pauseMs = 30_000;
const patienceMs = 5000;

/** Who another identity provider says that somebody is. */
export interface ExternalPerson {
  issuer: string;
  subject: string;
  /** As the provider calls them; null when it does not. */
  name: string | null;
  role: Role;
  expiresAt: Date;
}

/** Tokens of another identity provider: JWTs, checked with the keys that it publishes. RFC 7517, RFC 9068. */
export class ExternalIdentity {
  readonly #config: JwksConfig;
  readonly #events: Pick<EngineEvents, 'failed'>;
  readonly #now: () => number;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #lookedAt = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds since 1970 */
  constructor(config: JwksConfig, events: Pick<EngineEvents, 'failed'>, now: () => number = Date.now) {
    this.#config = config;
    this.#events = events;
    this.#now = now;
    this.#keys = createRemoteJWKSet(new URL(config.url), {
      // Old keys are better than none while the provider does not answer: we ask again ourselves, beside the requests.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: pauseMs,
      timeoutDuration: patienceMs,
      [customFetch]: (url, options) => this.#fetch(url, options),
    });
  }

  /** Whether a token says, unproven so far, that it is of this provider. */
  isFor(token: string): boolean {
    return issuerIn(token) === this.#config.issuer;
  }

  /** @throws {UnauthenticatedError} when it has expired, is not good, or the keys cannot be had */
  async verify(token: string): Promise<ExternalPerson> {
    const { issuer, audience, nameClaim, roleClaim, adminRole } = this.#config;
    this.#refresh();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys, {
        algorithms,
        issuer,
        audience,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: skewSeconds,
        currentDate: new Date(this.#now()),
      });
      const { sub, exp, iat } = payload;
      // ID tokens say no type either; other kinds (logout, DPoP) do, and are not for us.
      if (!/^((application\/)?at\+)?jwt$/i.test(protectedHeader.typ ?? 'JWT')) throw invalid();
      if (typeof sub !== 'string' || sub === '' || sub.length > 255 || typeof exp !== 'number') throw invalid();
      if (typeof iat === 'number' && iat > this.#now() / 1000 + skewSeconds) throw invalid();
      const name = claimAt(payload, nameClaim);
      return {
        issuer,
        subject: sub,
        name: typeof name === 'string' ? name : null,
        role: includes(claimAt(payload, roleClaim), adminRole) ? 'ADMIN' : 'MEMBER',
        expiresAt: new Date(exp * 1000),
      };
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw new UnauthenticatedError('Your sign-in has expired; sign in again.');
      if (error instanceof UnreachableError || error instanceof errors.JWKSTimeout) throw unreachable();
      if (error instanceof errors.JOSEError) throw invalid();
      throw error;
    }
  }

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

class UnreachableError extends Error {}

function issuerIn(token: string): unknown {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof payload === 'object' && payload !== null && 'iss' in payload ? payload.iss : undefined;
  } catch {
    return undefined;
  }
}

/** A claim by its name, or by names with dots between them: `realm_access.roles`. */
function claimAt(payload: JWTPayload, path: string): unknown {
  if (path in payload) return payload[path];
  return path.split('.').reduce<unknown>((value, name) => {
    return typeof value === 'object' && value !== null
      ? Object.entries(value).find(([key]) => key === name)?.[1]
      : null;
  }, payload);
}

const includes = (claim: unknown, role: string): boolean =>
  claim === role || (Array.isArray(claim) && claim.includes(role));

const invalid = () => new UnauthenticatedError('This access token is not valid; sign in again with your provider.');

const unreachable = () =>
  new UnauthenticatedError(
    'The identity provider does not answer, so nobody new can be let in; try again in a minute.',
  );
