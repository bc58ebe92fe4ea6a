import type { KeyObject } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { InvalidInputError } from '../errors.ts';
import { type SignedToken, SignedTokens } from './signed-token.ts';

/**
 * Time to click the link or to paste it into a terminal. No longer, for a URL is kept in histories and in the logs of
 * proxies; a download that has begun by then goes on.
 */
const validSeconds = 5 * 60;

/** Bytes that a filter may take in a link. Proxies refuse request lines of more than 8 KiB. */
const longestFilter = 4096;

/** What may be downloaded: a log, or what of it fulfils a filter (as the text of a search); or an archive of actions. */
export type Downloadable = { sourceId: string; filter: string | null } | { archiveId: string };

/** And for whom. */
export type Download = Downloadable & { userId: string };

export type DownloadLink = SignedToken;

/** Short-lived tokens for a URL, which stand for the person who asked. */
export class DownloadLinks {
  readonly #tokens: SignedTokens;

  /** @param now milliseconds since 1970 */
  constructor(key: KeyObject, now: () => number = Date.now) {
    const refusals = {
      expired: 'This download link has expired; ask for a new one with Source.download.',
      invalid: 'This download link is not valid; ask for a new one with Source.download.',
    };
    this.#tokens = new SignedTokens(key, 'download+jwt', refusals, now);
  }

  /**
   * @param until end of the credential with which it was asked for, which a link does not outlive; null: none
   * @throws {InvalidInputError} when the filter is too long for a URL
   */
  async issue({ userId, ...download }: Download, until: Date | null): Promise<DownloadLink> {
    if ('filter' in download) checkLength(download.filter ?? '');
    return this.#tokens.issue(userId, claimsOf(download), validSeconds, until);
  }

  /** @throws {UnauthenticatedError} when the link has expired, or is not one of ours; why not is not said */
  async verify(token: string): Promise<Download & { expiresAt: Date }> {
    const { userId, payload, expiresAt } = await this.#tokens.verify(token);
    const { source, filter, archive } = payload;
    const whose = { userId, expiresAt };
    if (typeof archive === 'string') return { ...whose, archiveId: archive };
    if (typeof source !== 'string' || (filter !== null && typeof filter !== 'string')) throw this.#tokens.invalid();
    return { ...whose, sourceId: source, filter };
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
