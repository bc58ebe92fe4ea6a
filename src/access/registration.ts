import type { Config } from '../config.ts';
import type { Invitation, PrismaClient, User } from '../db/sqlite/client.ts';
import { ConflictError, ForbiddenError, InvalidInputError } from '../errors.ts';
import type { Invitations } from './invitation.ts';
import type { Journal } from './journal.ts';
import { type Passwords, passwordProblem } from './password.ts';
import type { Device, Sessions, SignedInCredentials } from './session.ts';
import type { Throttle } from './throttle.ts';
import { emailProblem, foldedUsername, usernameProblem } from './username.ts';

/** Who may register: whoever wants, whoever was invited, or nobody. */
export type RegistrationMode = 'OPEN' | 'INVITATION' | 'CLOSED';

/**
 * As configured; else nobody where others than this machine reach us, and there whoever was invited: not whoever wants,
 * for behind a proxy the whole world comes from this machine.
 */
export function registrationMode({ host, auth }: Pick<Config, 'host' | 'auth'>): RegistrationMode {
  const isLoopback = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
  return auth.registration ?? (isLoopback ? 'INVITATION' : 'CLOSED');
}

export interface NewUser {
  username: string;
  password: string;
  email: string | null;
  /** The code of an invitation. */
  invitation: string | null;
}

export interface RegistrationSurroundings {
  client: PrismaClient;
  passwords: Passwords;
  sessions: Sessions;
  invitations: Invitations;
  throttle: Throttle;
  journal: Journal;
}

/** How people become users. */
export class Registration {
  readonly mode: RegistrationMode;
  readonly #our: RegistrationSurroundings;

  constructor(mode: RegistrationMode, surroundings: RegistrationSurroundings) {
    this.mode = mode;
    this.#our = surroundings;
  }

  /**
   * Makes a user, and signs in. With an invitation they get its role, without one they are a member.
   *
   * @throws {ForbiddenError} when they may not register, or the invitation was used, revoked or is too old
   * @throws {InvalidInputError} when the name, password or address cannot be used
   * @throws {ConflictError} when somebody has the name, in whatever case of letters
   * @throws {LimitReachedError} when this address tries too often, or too many sign in at this moment
   */
  async register(input: NewUser, device: Device): Promise<SignedInCredentials> {
    const { passwords, sessions, throttle, journal } = this.#our;
    await throttle.address(device.remoteAddress);
    const { remoteAddress } = device;
    try {
      const username = foldedUsername(input.username);
      const invitation = await this.#invitation(input.invitation);
      check({ ...input, username });
      await this.#checkFree(username);
      const passwordHash = await passwords.hash(input.password);
      const user = await this.#create({ username, passwordHash, email: input.email }, invitation);
      const who = { userId: user.id, username, role: user.role, invitationId: invitation?.id ?? null, remoteAddress };
      journal.did('register', 'Somebody registered', who);
      return await sessions.begin(user, device);
    } catch (error) {
      if (error instanceof ForbiddenError || error instanceof ConflictError) {
        journal.refused('register_failed', 'A registration was refused', { reason: error.message, remoteAddress });
      }
      throw error;
    }
  }

  /** Null: they need none. */
  async #invitation(code: string | null): Promise<Invitation | null> {
    if (this.mode === 'CLOSED') throw new ForbiddenError('Registration is closed on this server; ask its operator.');
    if (code === null && this.mode === 'OPEN') return null;
    const invitation = code === null ? null : await this.#our.invitations.withCode(code);
    if (invitation === null) throw notInvited();
    return invitation;
  }

  async #checkFree(username: string): Promise<void> {
    const user = await this.#our.client.user.findUnique({ where: { username }, select: { id: true } });
    if (user !== null) throw new ConflictError('Somebody has this name already; choose another.');
  }

  /** Of those who come at the same moment with one name or one invitation, the database lets in the first. */
  async #create(
    { username, passwordHash, email }: { username: string; passwordHash: string; email: string | null },
    invitation: Invitation | null,
  ): Promise<User> {
    try {
      return await this.#our.client.user.create({
        data: {
          username,
          passwordHash,
          email: email ?? invitation?.email ?? null,
          role: invitation?.role ?? 'MEMBER',
          invitationId: invitation?.id ?? null,
        },
      });
    } catch (error) {
      await this.#checkFree(username);
      if (invitation !== null) {
        const isOpen = await this.#our.client.invitation.count({ where: { id: invitation.id, acceptedBy: null } });
        if (isOpen === 0) throw notInvited();
      }
      throw error;
    }
  }
}

function check({ username, password, email }: NewUser): void {
  const problems = [
    usernameProblem(username, ['input', 'username']),
    passwordProblem(password, ['input', 'password']),
    email === null ? null : emailProblem(email, ['input', 'email']),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) throw new InvalidInputError(problems);
}

const notInvited = () =>
  new ForbiddenError('Registration is by invitation: pass the code of one that was not used and is not too old.');
