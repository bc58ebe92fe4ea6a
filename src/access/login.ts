import type { PrismaClient, User } from '../db/sqlite/client.ts';
import { InvalidCredentialsError, InvalidInputError, LimitReachedError } from '../errors.ts';
import type { Journal } from './journal.ts';
import { type Passwords, passwordProblem } from './password.ts';
import { type Principal, requireSession } from './principal.ts';
import type { Device, Sessions, SignedInCredentials } from './session.ts';
import type { Throttle } from './throttle.ts';
import { foldedUsername, isUsername } from './username.ts';

export interface LoginSurroundings {
  client: PrismaClient;
  passwords: Passwords;
  sessions: Sessions;
  throttle: Throttle;
  journal: Journal;
}

/** Signing in with a password, and choosing another. */
export class Login {
  readonly #our: LoginSurroundings;

  constructor(surroundings: LoginSurroundings) {
    this.#our = surroundings;
  }

  /**
   * @throws {InvalidCredentialsError} alike, and after the same time, for an unknown name, a wrong password and a
   *   disabled user
   * @throws {LimitReachedError} when this address or this name had too many tries, or too many sign in at this moment
   */
  async login(input: { username: string; password: string }, device: Device): Promise<SignedInCredentials> {
    const { client, passwords, sessions, throttle, journal } = this.#our;
    const username = foldedUsername(input.username);
    const { remoteAddress } = device;
    // Only that of somebody who is: what was typed may be a password in the wrong field.
    let who: { userId?: string; username?: string } = {};
    try {
      await throttle.address(remoteAddress);
      // One that nobody can have is not looked for; it would take room in the count of wrong passwords.
      if (!isUsername(username)) throw invalid();
      // In a flood most are turned away: before they cost the database anything, or count as wrong.
      passwords.checkRoom();
      const forgive = await throttle.account(username, remoteAddress);
      const user = await client.user.findUnique({ where: { username } });
      if (user !== null) who = { userId: user.id, username };
      const passwordHash = await this.#verify(user, input.password);
      if (user === null || user.disabled || passwordHash === null) throw invalid();
      const credentials = await sessions.begin(user, device);
      // The password may have been changed while it was hashed, which ended only the sessions that had begun.
      if ((await client.user.count({ where: { id: user.id, passwordHash, disabled: false } })) === 0) {
        await sessions.end({ id: credentials.session.id });
        throw invalid();
      }
      await forgive();
      journal.did('sign_in', 'Signed in with a password', { ...who, sessionId: credentials.session.id, remoteAddress });
      return credentials;
    } catch (error) {
      if (error instanceof InvalidCredentialsError || error instanceof LimitReachedError) {
        journal.refused('sign_in_failed', 'A sign-in was refused', { ...who, reason: error.message, remoteAddress });
      }
      throw error;
    }
  }

  /**
   * Sets another password, ends all sessions of the user, and begins a new one. A user without a password, who came by
   * the link that the server prints, passes an empty current one.
   *
   * @throws {InvalidCredentialsError} when the current password is wrong
   * @throws {InvalidInputError} when the new one cannot be used
   * @throws {LimitReachedError} when too many were wrong
   */
  async changePassword(
    principal: Principal,
    { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
    device: Device,
  ): Promise<SignedInCredentials> {
    const { userId, username } = requireSession(principal);
    const { client, passwords, sessions, throttle, journal } = this.#our;
    const problem = passwordProblem(newPassword, ['input', 'newPassword']);
    if (problem !== null) throw new InvalidInputError([problem]);
    const { remoteAddress } = device;
    const forgive = await throttle.account(username, remoteAddress);
    const user = await client.user.findUniqueOrThrow({ where: { id: userId } });
    const known = user.passwordHash === null ? null : await this.#verify(user, currentPassword);
    const isRight = user.passwordHash === null ? currentPassword === '' : known !== null;
    if (!isRight) {
      journal.refused('password_change_failed', 'A wrong current password', { userId, username, remoteAddress });
      throw new InvalidCredentialsError('The current password is wrong.');
    }
    await forgive();
    const passwordHash = await passwords.hash(newPassword);
    // As long as it is the one that was checked: of two changes at the same moment one knows a password of the past.
    const changed = await client.user.updateMany({
      where: { id: userId, passwordHash: known },
      data: { passwordHash },
    });
    if (changed.count === 0) throw new InvalidCredentialsError('The password was changed meanwhile; sign in again.');
    journal.did('password_change', 'A password was changed', { userId, username, remoteAddress });
    await sessions.end({ userId });
    return sessions.begin(user, device);
  }

  /** The hash that is stored of a password that is right, which may be a new one; null when it is wrong. */
  async #verify(user: User | null, password: string): Promise<string | null> {
    const { client, passwords } = this.#our;
    const found = await passwords.verify(user?.passwordHash ?? null, password);
    if (user === null || found === 'wrong') return null;
    if (found === 'right') return user.passwordHash;
    const passwordHash = await passwords.hash(password);
    await client.user.updateMany({ where: { id: user.id, passwordHash: user.passwordHash }, data: { passwordHash } });
    return passwordHash;
  }
}

const invalid = () => new InvalidCredentialsError('The name or the password is wrong.');
