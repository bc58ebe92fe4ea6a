import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Config } from '../config.ts';
import type { Role } from '../db/sqlite/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { EngineEvents } from '../events.ts';
import { ProviderKeys, UnreachableError } from './provider-keys.ts';

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
  readonly #keys: ProviderKeys;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(config: JwksConfig, events: Pick<EngineEvents, 'failed'>, now: () => number = Date.now) {
    this.#config = config;
    this.#keys = new ProviderKeys(config.url, events, now);
    this.#now = now;
  }

  /** Whether a token says, unproven so far, that it is of this provider. */
  isFor(token: string): boolean {
    return issuerIn(token) === this.#config.issuer;
  }

  /** @throws {UnauthenticatedError} when it has expired, is not good, or the keys cannot be had */
  async verify(token: string): Promise<ExternalPerson> {
    const { issuer, audience, nameClaim, roleClaim, adminRole } = this.#config;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys.find, {
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
      if (error instanceof UnreachableError) throw unreachable();
      if (error instanceof errors.JOSEError) throw invalid();
      throw error;
    }
  }
}

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
