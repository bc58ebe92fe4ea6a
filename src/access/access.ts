import type { Config } from '../config.ts';
import type { PrismaClient } from '../db/client.ts';
import type { Prisma, Source, User } from '../db/sqlite/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { EngineEvents } from '../events.ts';
import { AccessTokens } from './access-token.ts';
import type { AuditAction, AuditLog } from './audit.ts';
import { activeUser, authenticate, type Credentials } from './authenticate.ts';
import { type Download, type Downloadable, type DownloadLink, DownloadLinks } from './download-link.ts';
import { type ApiScope, type Principal, requireScope, type SignedIn } from './principal.ts';
import { signingKey } from './secret.ts';
import { SignInCodes } from './sign-in.ts';

export interface AccessSurroundings {
  client: PrismaClient;
  audit: AuditLog;
  events: EngineEvents;
}

/** What a browser gets for a sign-in code. */
export interface SignIn {
  accessToken: string;
  expiresAt: Date;
}

/** Refusals recorded in a minute: whoever guesses must not be able to fill the disk. */
const mostRefusals = 60;

/** Who may come in. */
export class Access {
  readonly #client: PrismaClient;
  readonly #audit: AuditLog;
  readonly #events: EngineEvents;
  readonly #credentials: Credentials;
  readonly #codes: SignInCodes;
  readonly #links: DownloadLinks;
  #refusals = { minute: 0, count: 0 };

  private constructor({ client, audit, events }: AccessSurroundings, accessTokens: AccessTokens, links: DownloadLinks) {
    this.#client = client;
    this.#audit = audit;
    this.#events = events;
    this.#credentials = { client, events, accessTokens, now: Date.now };
    this.#codes = new SignInCodes(client, accessTokens);
    this.#links = links;
  }

  /** @throws {OperatorError} when the signing key cannot be had */
  static async open(config: Config, surroundings: AccessSurroundings): Promise<Access> {
    const key = await signingKey(config);
    return new Access(surroundings, new AccessTokens(key, config.auth.accessTokenSeconds), new DownloadLinks(key));
  }

  /**
   * Who asks, by `Bearer TOKEN`; anonymous without.
   *
   * @throws {UnauthenticatedError} when the token is not or no longer valid
   */
  async authenticate(authorization: string | undefined, remoteAddress: string): Promise<Principal> {
    try {
      return await authenticate(this.#credentials, authorization);
    } catch (error) {
      if (error instanceof UnauthenticatedError) {
        this.#refused('access_denied', 'A credential was refused', { reason: error.message, remoteAddress });
      }
      throw error;
    }
  }

  /** A one-time code for the link that signs in the built-in administrator, valid for 15 minutes. */
  createSignInCode(): string {
    return this.#codes.create();
  }

  /** @throws {UnauthenticatedError} when the code is unknown, used or too old */
  async signIn(code: string, remoteAddress: string): Promise<SignIn> {
    try {
      const { user, accessToken } = await this.#codes.redeem(code);
      const who = { userId: user.id, username: user.username, remoteAddress };
      this.#record('INFO', 'sign_in', 'Signed in with a one-time link', who);
      return { accessToken: accessToken.token, expiresAt: accessToken.expiresAt };
    } catch (error) {
      if (error instanceof UnauthenticatedError) {
        this.#refused('sign_in_failed', 'A sign-in link was refused', { remoteAddress });
      }
      throw error;
    }
  }

  /**
   * A link to the text of a source or to an archive of actions, which whoever has it may open for 5 minutes in the principal's name.
   *
   * @throws {InvalidInputError} when the filter is too long for a URL
   */
  async createDownloadLink(principal: Principal, download: Downloadable): Promise<DownloadLink> {
    const { userId, expiresAt } = requireScope(principal, scopeFor(download));
    return this.#links.issue({ ...download, userId }, expiresAt);
  }

  /**
   * Whom a link stands for, and what for. Whether they may read the source is another question.
   *
   * @throws {UnauthenticatedError} when it is not or no longer valid, or its person is disabled or gone
   */
  async openDownloadLink(token: string, remoteAddress: string): Promise<Download & { principal: SignedIn }> {
    try {
      const { expiresAt, ...download } = await this.#links.verify(token);
      const { id: userId, username, role } = await activeUser(this.#client, download.userId);
      const scopes = new Set([scopeFor(download)]);
      const principal = {
        kind: 'user',
        userId,
        username,
        role,
        scopes,
        credential: 'download-link',
        expiresAt,
      } as const;
      return { ...download, principal };
    } catch (error) {
      if (error instanceof UnauthenticatedError) {
        this.#refused('access_denied', 'A download link was refused', { reason: error.message, remoteAddress });
      }
      throw error;
    }
  }

  /** Puts down that somebody takes a log, or part of it, away. */
  recordDownload(principal: Principal, { id, name }: Source, how: { part: 'all' | 'filtered'; remoteAddress: string }) {
    const { userId, username } = requireSignedIn(principal);
    const metadata = { userId, username, sourceId: id, source: name, ...how };
    this.#record('INFO', 'log_download', 'A log was downloaded', metadata);
  }

  /** The person signed in, or for whom the API token acts. */
  async me(principal: Principal, query: Pick<Prisma.UserFindUniqueArgs, 'include'>): Promise<User | null> {
    const { userId } = requireSignedIn(principal);
    return this.#client.user.findUnique({ ...query, where: { id: userId } });
  }

  /** A person by id: oneself; administrators see everybody. Null: none, or not to be seen. */
  async user(
    principal: Principal,
    id: string,
    query: Pick<Prisma.UserFindUniqueArgs, 'include'>,
  ): Promise<User | null> {
    const { userId, role } = requireSignedIn(principal);
    return role === 'ADMIN' || userId === id ? this.#client.user.findUnique({ ...query, where: { id } }) : null;
  }

  /** Records a refusal; of more than can be kept in a minute, how many there were. */
  #refused(action: AuditAction, message: string, metadata: Record<string, string>): void {
    const minute = Math.floor(Date.now() / 60_000);
    const { minute: before, count } = this.#refusals;
    if (minute === before) this.#refusals.count++;
    else {
      this.#refusals = { minute, count: 1 };
      const unrecorded = count - mostRefusals;
      if (unrecorded > 0) {
        this.#record('WARN', action, 'More were refused than are recorded one by one', { unrecorded: `${unrecorded}` });
      }
    }
    if (this.#refusals.count <= mostRefusals) this.#record('WARN', action, message, metadata);
  }

  /** Access is granted or denied also when the disk is full; that the record is missing is reported. */
  #record(level: 'INFO' | 'WARN', action: AuditAction, message: string, metadata: Record<string, string>): void {
    try {
      this.#audit.record({ level, logger: 'tailql.access', message, action, metadata });
    } catch (error) {
      this.#events.failed({ doing: 'write the audit log', error });
    }
  }
}

const scopeFor = (download: Downloadable): ApiScope => ('archiveId' in download ? 'ACTIONS_READ' : 'LOGS_READ');

function requireSignedIn(principal: Principal): SignedIn {
  return principal.kind === 'user' ? principal : requireScope(principal, 'LOGS_READ');
}
