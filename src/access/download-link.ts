import type { KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { InvalidInputError, UnauthenticatedError } from '../errors.ts';

/** Issuer and audience, as of access tokens. */
const name = 'tailql';

/** The kind of token: the key also signs access tokens, and neither kind passes for the other. */
const kind = 'download+jwt';

/**
 * Time to click the link or to paste it into a terminal. No longer, for a URL is kept in histories and in the logs of
 * proxies; a download that has begun by then goes on.
 */
const validSeconds = 5 * 60;

/** Bytes that a filter may take in a link. Proxies refuse request lines of more than 8 KiB. */
const longestFilter = 4096;

/** Longer than any of ours: checking a signature takes time that grows with what is signed. */
const longestToken = 8192;

/** What may be downloaded: a log, or what of it fulfils a filter (as the text of a search); or an archive of actions. */
export type Downloadable = { sourceId: string; filter: string | null } | { archiveId: string };

/** And for whom. */
export type Download = Downloadable & { userId: string };

export interface DownloadLink {
  token: string;
  expiresAt: Date;
}

/** Short-lived tokens for a URL, which stand for the person who asked: JWTs (RFC 7519) signed with HMAC-SHA-256. */
export class DownloadLinks {
  readonly #key: KeyObject;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(key: KeyObject, now: () => number = Date.now) {
    this.#key = key;
    this.#now = now;
  }

  /**
   * @param until end of the credential with which it was asked for, which a link does not outlive; null: none
   * @throws {InvalidInputError} when the filter is too long for a URL
   */
  async issue({ userId, ...download }: Download, until: Date | null): Promise<DownloadLink> {
    if ('filter' in download) checkLength(download.filter ?? '');
    // JWT times are seconds.
    const issuedAt = Math.floor(this.#now() / 1000);
    const latest = until === null ? Number.POSITIVE_INFINITY : Math.floor(until.getTime() / 1000);
    const expiresAt = Math.min(issuedAt + validSeconds, latest);
    const token = await new SignJWT(claimsOf(download))
      .setProtectedHeader({ alg: 'HS256', typ: kind })
      .setIssuer(name)
      .setAudience(name)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#key);
    return { token, expiresAt: new Date(expiresAt * 1000) };
  }

  /** @throws {UnauthenticatedError} when the link has expired, or is not one of ours; why not is not said */
  async verify(token: string): Promise<Download & { expiresAt: Date }> {
    if (token.length > longestToken) throw invalid();
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
        typ: kind,
        issuer: name,
        audience: name,
        requiredClaims: ['sub', 'iat', 'exp'],
        currentDate: new Date(this.#now()),
      });
      const { sub, exp, source, filter, archive } = payload;
      // Signed by us or not, a claim may have any type.
      if (typeof sub !== 'string' || typeof exp !== 'number') throw invalid();
      const whose = { userId: sub, expiresAt: new Date(exp * 1000) };
      if (typeof archive === 'string') return { ...whose, archiveId: archive };
      if (typeof source !== 'string' || (filter !== null && typeof filter !== 'string')) throw invalid();
      return { ...whose, sourceId: source, filter };
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw new UnauthenticatedError('This download link has expired; ask for a new one with Source.download.');
      if (error instanceof errors.JOSEError) throw invalid();
      throw error;
    }
  }
}

const claimsOf = (download: Downloadable): JWTPayload =>
  'archiveId' in download ? { archive: download.archiveId } : { source: download.sourceId, filter: download.filter };

function checkLength(filter: string): void {
  const length = Buffer.from(filter).toString('base64url').length;
  if (length <= longestFilter) return;
  const message = `This filter takes ${length} bytes of a link, and at most ${longestFilter} are allowed; leave out conditions, or read the entries with Source.entries.`;
  throw new InvalidInputError([{ path: ['filter'], message, code: 'TOO_LONG' }]);
}

const invalid = () =>
  new UnauthenticatedError('This download link is not valid; ask for a new one with Source.download.');
