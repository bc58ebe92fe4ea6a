import type { KeyObject } from 'node:crypto';
import type { Config } from '../config.ts';
import type { PrismaClient } from '../db/client.ts';
import type { Source } from '../db/sqlite/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { EngineEvents } from '../events.ts';
import { type AccessToken, AccessTokens } from './access-token.ts';
import { ApiTokens } from './api-tokens.ts';
import type { AuditLog } from './audit.ts';
import { activeUser, authenticate, type Credentials } from './authenticate.ts';
import { type Download, type Downloadable, type DownloadLink, DownloadLinks } from './download-link.ts';
import { ExternalIdentity } from './external-identity.ts';
import { Invitations } from './invitation.ts';
import { Journal } from './journal.ts';
import { Login } from './login.ts';
import { Passwords } from './password.ts';
import { People } from './person.ts';
import { type ApiScope, type Principal, requireScope, requireSignedIn, type SignedIn } from './principal.ts';
import { Registration, registrationMode } from './registration.ts';
import { signingKey } from './secret.ts';
import { type Device, Sessions, type SignedInCredentials } from './session.ts';
import { SignInCodes } from './sign-in.ts';
import { Throttle } from './throttle.ts';
import { UploadLinks } from './upload-link.ts';
import { CredentialWatch } from './watch.ts';

export interface AccessSurroundings {
  client: PrismaClient;
  audit: AuditLog;
  events: EngineEvents;
}

/**
 * Time (s) that the cookie of a browser is good for: a working day, for in GraphiQL nobody refreshes it. No script can
 * read it, and whether its session was ended is asked each time.
 */
const browserSeconds = 12 * 3600;

/** Who may come in. */
export class Access {
  readonly sessions: Sessions;
  readonly login: Login;
  readonly registration: Registration;
  readonly invitations: Invitations;
  readonly people: People;
  readonly tokens: ApiTokens;
  readonly watch: CredentialWatch;
  readonly uploads: UploadLinks;
  readonly #client: PrismaClient;
  readonly #journal: Journal;
  readonly #credentials: Credentials;
  readonly #codes: SignInCodes;
  readonly #links: DownloadLinks;

  private constructor(config: Config, { client, audit, events }: AccessSurroundings, key: KeyObject) {
    const { accessTokenSeconds, refreshTokenSeconds: lifetimeSeconds, jwks } = config.auth;
    const accessTokens = new AccessTokens(key, accessTokenSeconds);
    const journal = new Journal(audit, events);
    const watch = new CredentialWatch(client, events);
    const throttle = new Throttle(client, config.limits);
    const passwords = new Passwords();
    const sessions = new Sessions({ client, accessTokens, journal, watch, throttle, key, lifetimeSeconds });
    const mode = registrationMode(config);
    const invitations = new Invitations(client, journal, mode);
    this.sessions = sessions;
    this.login = new Login({ client, passwords, sessions, throttle, journal });
    this.registration = new Registration(mode, { client, passwords, sessions, invitations, throttle, journal });
    this.invitations = invitations;
    this.people = new People({ client, sessions, watch, journal });
    this.tokens = new ApiTokens(client, watch, journal);
    this.watch = watch;
    this.#client = client;
    this.#journal = journal;
    const external = jwks === undefined ? null : new ExternalIdentity(jwks, events);
    this.#credentials = { client, events, accessTokens, external, journal, now: Date.now };
    this.#codes = new SignInCodes(client);
    this.#links = new DownloadLinks(key);
    this.uploads = new UploadLinks(key);
  }

  /** @throws {OperatorError} when the signing key cannot be had */
  static async open(config: Config, surroundings: AccessSurroundings): Promise<Access> {
    return new Access(config, surroundings, await signingKey(config));
  }

  close(): void {
    this.watch.close();
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
        this.#journal.refused('access_denied', 'A credential was refused', { reason: error.message, remoteAddress });
      }
      throw error;
    }
  }

  /**
   * A one-time code for the link that signs in the built-in administrator, valid for 15 minutes. Null once they have a
   * password: then that is the way in, and this one stays closed.
   */
  async createSignInCode(): Promise<string | null> {
    return (await this.#codes.areOpen()) ? this.#codes.create() : null;
  }

  /** @throws {UnauthenticatedError} when the code is unknown, used or too old */
  async signIn(code: string, device: Device): Promise<SignedInCredentials> {
    const { remoteAddress } = device;
    try {
      const user = await this.#codes.redeem(code);
      const credentials = await this.sessions.begin(user, device);
      const who = { userId: user.id, username: user.username, sessionId: credentials.session.id, remoteAddress };
      this.#journal.did('sign_in', 'Signed in with a one-time link', who);
      return credentials;
    } catch (error) {
      if (error instanceof UnauthenticatedError) {
        this.#journal.refused('sign_in_failed', 'A sign-in link was refused', { remoteAddress });
      }
      throw error;
    }
  }

  /** An access token for the cookie of a browser that signed in. */
  browserToken({ user, session }: SignedInCredentials): Promise<AccessToken> {
    return this.#credentials.accessTokens.issue({ userId: user.id, sessionId: session.id }, browserSeconds);
  }

  /** Puts down that somebody was denied something. */
  recordDenial(principal: Principal, field: string, { message }: Error): void {
    const { userId = null, username = null } = principal.kind === 'user' ? principal : {};
    this.#journal.refused('access_denied', 'A request was denied', { userId, username, field, reason: message });
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
        this.#journal.refused('access_denied', 'A download link was refused', { reason: error.message, remoteAddress });
      }
      throw error;
    }
  }

  /**
   * Whom a link stands for, and which upload it is for.
   *
   * @throws {UnauthenticatedError} when it is not or no longer valid, or its person is disabled or gone
   */
  async openUploadLink(token: string, remoteAddress: string): Promise<{ userId: string; sourceId: string }> {
    try {
      const { userId, sourceId } = await this.uploads.verify(token);
      await activeUser(this.#client, userId);
      return { userId, sourceId };
    } catch (error) {
      if (error instanceof UnauthenticatedError) {
        this.#journal.refused('access_denied', 'An upload link was refused', { reason: error.message, remoteAddress });
      }
      throw error;
    }
  }

  /** Puts down that somebody takes a log, or part of it, away. */
  recordDownload(principal: Principal, { id, name }: Source, how: { part: 'all' | 'filtered'; remoteAddress: string }) {
    const { userId, username } = requireSignedIn(principal);
    const metadata = { userId, username, sourceId: id, source: name, ...how };
    this.#journal.did('log_download', 'A log was downloaded', metadata);
  }
}

const scopeFor = (download: Downloadable): ApiScope => ('archiveId' in download ? 'ACTIONS_READ' : 'LOGS_READ');
