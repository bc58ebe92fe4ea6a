import type { KeyObject } from 'node:crypto';
import type { Prisma, PrismaClient, Session, User } from '../db/sqlite/client.ts';
import { InvalidCredentialsError, NotFoundError } from '../errors.ts';
import type { AccessToken, AccessTokens } from './access-token.ts';
import type { Journal } from './journal.ts';
import { isPerson, type Principal, requirePerson, requireSession, requireSignedIn } from './principal.ts';
import { RefreshToken } from './refresh-token.ts';
import type { Throttle } from './throttle.ts';
import type { CredentialWatch } from './watch.ts';

/**
 * How long (ms) the refresh token before the good one still gets the good one. Requests race, and answers are lost: two
 * tabs, or a client that tries again, are no thieves. After that, an old token means that two have the same one.
 */
const graceMs = 10_000;

/** So that signing in without end does not fill the database; the one that was not used for longest gives way. */
const mostSessions = 100;

/** Where somebody signs in from. */
export interface Device {
  remoteAddress: string;
  /** What the client calls itself; null: nothing. */
  userAgent: string | null;
}

/** What a client needs to stay signed in. The secrets are nowhere else. */
export interface SignedInCredentials {
  accessToken: AccessToken;
  refreshToken: string;
  user: User;
  session: OwnSession;
}

/** A session, as the person whose it is sees it. */
export interface OwnSession extends Session {
  /** Whether it is the one that asks, or has just begun. */
  current: boolean;
}

export interface SessionSurroundings {
  client: PrismaClient;
  accessTokens: AccessTokens;
  journal: Journal;
  watch: CredentialWatch;
  throttle: Throttle;
  /** From which the successors of refresh tokens are derived. */
  key: KeyObject;
  /** Time (s) after which a session that was not refreshed is over. */
  lifetimeSeconds: number;
}

/** Sign-ins: each is a family of refresh tokens, of which the last one is good. */
export class Sessions {
  readonly #our: SessionSurroundings;

  constructor(surroundings: SessionSurroundings) {
    this.#our = surroundings;
  }

  /** A new sign-in of somebody who has proven who they are. */
  async begin(user: User, device: Device): Promise<SignedInCredentials> {
    await this.#makeRoom(user.id);
    const token = RefreshToken.first();
    const session = await this.#our.client.session.create({
      data: {
        userId: user.id,
        familyHash: token.familyHash,
        refreshHash: token.hash,
        expiresAt: this.#ending(),
        remoteAddress: device.remoteAddress,
        userAgent: device.userAgent?.slice(0, 300) ?? null,
      },
    });
    return this.#credentials(user, session, token);
  }

  /**
   * New tokens for a refresh token, which is worth nothing from then on, but for a moment: see `graceMs`.
   *
   * @throws {InvalidCredentialsError} when it is not or no longer good. If it was good once, the session ends: somebody
   *   has a token who should not, and nobody knows which of the two.
   * @throws {LimitReachedError} when too many were wrong
   */
  async refresh(text: string, { remoteAddress }: Device): Promise<SignedInCredentials> {
    const { client, journal, watch, throttle } = this.#our;
    const refuse = async (metadata: Record<string, string> = {}) => {
      journal.refused('session_refresh_failed', 'A refresh token was refused', { ...metadata, remoteAddress });
      await throttle.address(remoteAddress);
      return invalid();
    };
    const token = RefreshToken.parse(text);
    if (token === null) throw await refuse();
    const found = await this.#find(token.familyHash);
    if (found === null) throw await refuse();
    const { user, ...session } = found;
    const who = { userId: user.id, username: user.username, sessionId: session.id };
    if (user.disabled || session.expiresAt.getTime() <= Date.now()) throw await refuse(who);

    const renewed = session.refreshHash === token.hash ? await this.#rotate(session, token) : session;
    if (renewed === null) throw await refuse(who);
    const isGood = renewed.refreshHash === token.next(this.#our.key).hash && renewed.previousHash === token.hash;
    if (isGood && Date.now() - renewed.rotatedAt.getTime() <= graceMs) {
      journal.did('session_refresh', 'Stayed signed in', { ...who, remoteAddress });
      return this.#credentials(user, renewed, token.next(this.#our.key));
    }
    await client.session.deleteMany({ where: { id: session.id } });
    watch.end(session.id);
    journal.alarm('session_reuse', 'A refresh token was used again, and its session ended', { ...who, remoteAddress });
    throw invalid();
  }

  /** Those that are not over, oldest first. */
  async list(principal: Principal): Promise<OwnSession[]> {
    const { userId, credentialId } = requirePerson(principal);
    const where = { userId, expiresAt: { gt: new Date() } };
    const sessions = await this.#our.client.session.findMany({ where, orderBy: { id: 'asc' } });
    return sessions.map((session) => ({ ...session, current: session.id === credentialId }));
  }

  /** One's own, by id. Null: none, or somebody else's. */
  async find(principal: Principal, id: string): Promise<OwnSession | null> {
    if (!isPerson(requireSignedIn(principal))) return null;
    return (await this.list(principal)).find((session) => session.id === id) ?? null;
  }

  /**
   * Ends one of one's own sessions, and what was opened with it.
   * @throws {NotFoundError} when there is none with this id
   */
  async revoke(principal: Principal, id: string): Promise<OwnSession> {
    const { userId, username } = requirePerson(principal);
    const session = await this.find(principal, id);
    if (session === null) throw new NotFoundError('There is no such session; list yours with Query.sessions.');
    await this.end({ id, userId });
    this.#our.journal.did('session_revoke', 'A session was ended', { userId, username, sessionId: id });
    return session;
  }

  /** Ends the session that asks. */
  async logout(principal: Principal): Promise<void> {
    const { userId, username, credentialId: sessionId } = requireSession(principal);
    await this.end({ id: sessionId, userId });
    this.#our.journal.did('sign_out', 'Signed out', { userId, username, sessionId });
  }

  /** Ends sessions, and what was opened with them. */
  async end(which: Prisma.SessionWhereInput): Promise<void> {
    const { client, watch } = this.#our;
    const ended = await client.session.findMany({ where: which, select: { id: true } });
    await client.session.deleteMany({ where: { id: { in: ended.map(({ id }) => id) } } });
    for (const { id } of ended) watch.end(id);
  }

  #find(familyHash: string) {
    return this.#our.client.session.findUnique({ where: { familyHash }, include: { user: true } });
  }

  /** The session after the token was replaced, by this request or by another; null when it was ended meanwhile. */
  async #rotate({ id }: Session, token: RefreshToken): Promise<Session | null> {
    const { client, key } = this.#our;
    // Of requests at the same moment one replaces it; the others find it replaced.
    await client.session.updateMany({
      where: { id, refreshHash: token.hash },
      data: {
        refreshHash: token.next(key).hash,
        previousHash: token.hash,
        rotatedAt: new Date(),
        lastUsedAt: new Date(),
        expiresAt: this.#ending(),
      },
    });
    return client.session.findUnique({ where: { id } });
  }

  async #credentials(user: User, session: Session, token: RefreshToken): Promise<SignedInCredentials> {
    const accessToken = await this.#our.accessTokens.issue({ userId: user.id, sessionId: session.id });
    return { accessToken, refreshToken: token.text, user, session: { ...session, current: true } };
  }

  async #makeRoom(userId: string): Promise<void> {
    const { client } = this.#our;
    await client.session.deleteMany({ where: { userId, expiresAt: { lte: new Date() } } });
    const surplus = await client.session.findMany({
      where: { userId },
      orderBy: { rotatedAt: 'desc' },
      skip: mostSessions - 1,
      select: { id: true },
    });
    if (surplus.length > 0) await this.end({ id: { in: surplus.map(({ id }) => id) } });
  }

  #ending(): Date {
    return new Date(Date.now() + this.#our.lifetimeSeconds * 1000);
  }
}

const invalid = () => new InvalidCredentialsError('This refresh token is not or no longer valid; sign in again.');
