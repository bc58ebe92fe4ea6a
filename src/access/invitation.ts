import { randomBytes } from 'node:crypto';
import type { Invitation, Prisma, PrismaClient, Role } from '../db/sqlite/client.ts';
import { ForbiddenError, type InputProblem, InvalidInputError, LimitReachedError, NotFoundError } from '../errors.ts';
import type { Journal } from './journal.ts';
import { type Principal, requireScope } from './principal.ts';
import type { RegistrationMode } from './registration.ts';
import { secretHash } from './secret-hash.ts';
import { emailProblem } from './username.ts';

const dayMs = 24 * 3600_000;

/** Long enough for a holiday; and the longest that may be asked for. */
const usualMs = 7 * dayMs;
const longestMs = 90 * dayMs;

/** Open at a time; so that the list of them needs no pages. */
const mostOpen = 1000;

export interface NewInvitation {
  role: Role;
  email: string | null;
  /** Null: in a week. */
  expiresAt: Date | null;
}

export interface NewlyInvited {
  invitation: Invitation;
  /** The secret that lets register; only its hash is kept. */
  code: string;
}

export type InvitationQuery = Pick<Prisma.InvitationFindManyArgs, 'include'>;

/** Who was invited and has not come yet. Only administrators invite. */
export class Invitations {
  readonly #client: PrismaClient;
  readonly #journal: Journal;
  readonly #mode: RegistrationMode;

  constructor(client: PrismaClient, journal: Journal, mode: RegistrationMode) {
    this.#client = client;
    this.#journal = journal;
    this.#mode = mode;
  }

  /**
   * Lets one person register. The code is returned here and never again.
   *
   * @throws {InvalidInputError} when the address or the time cannot be used
   * @throws {ForbiddenError} when nobody may register, or whoever asks is no administrator
   * @throws {LimitReachedError} when too many are open
   */
  async create(principal: Principal, input: NewInvitation): Promise<NewlyInvited> {
    const { userId, username } = requireScope(principal, 'ADMIN');
    if (this.#mode === 'CLOSED') {
      throw new ForbiddenError('Registration is closed on this server; its operator opens it with auth.registration.');
    }
    const { role, email } = input;
    const expiresAt = input.expiresAt ?? new Date(Date.now() + usualMs);
    const problems = [email === null ? null : emailProblem(email, ['input', 'email']), timeProblem(expiresAt)];
    const found = problems.filter((problem) => problem !== null);
    if (found.length > 0) throw new InvalidInputError(found);
    // Those that nobody used in their time are of no more use.
    await this.#client.invitation.deleteMany({ where: { expiresAt: { lte: new Date() }, acceptedBy: null } });
    if ((await this.#client.invitation.count({ where: open() })) >= mostOpen) {
      throw new LimitReachedError(`At most ${mostOpen} invitations may be open; revoke some.`, { limit: mostOpen });
    }
    const code = randomBytes(24).toString('base64url');
    const invitation = await this.#client.invitation.create({
      data: { codeHash: secretHash(code), role, email, expiresAt, invitedById: userId },
    });
    this.#journal.did('user_invite', 'Somebody was invited', { userId, username, invitationId: invitation.id, role });
    return { invitation, code };
  }

  /** Those that can still be used, oldest first. */
  async list(principal: Principal, query: InvitationQuery): Promise<Invitation[]> {
    requireScope(principal, 'ADMIN');
    return this.#client.invitation.findMany({ ...query, where: open(), orderBy: { id: 'asc' } });
  }

  /** Null: none that can be used, or whoever asks is no administrator. */
  async find(principal: Principal, id: string, query: InvitationQuery): Promise<Invitation | null> {
    if (principal.kind === 'anonymous' || !principal.scopes.has('ADMIN')) return null;
    return this.#client.invitation.findFirst({ ...query, where: { id, ...open() } });
  }

  /** @throws {NotFoundError} when there is none that could still be used */
  async revoke(principal: Principal, id: string): Promise<void> {
    const { userId, username } = requireScope(principal, 'ADMIN');
    const { count } = await this.#client.invitation.deleteMany({ where: { id, ...open() } });
    if (count === 0) throw new NotFoundError('There is no such invitation; it may have been used, or be too old.');
    this.#journal.did('invitation_revoke', 'An invitation was revoked', { userId, username, invitationId: id });
  }

  /** The one with this code, if it can be used; null if not. */
  async withCode(code: string): Promise<Invitation | null> {
    return this.#client.invitation.findFirst({ where: { codeHash: secretHash(code), ...open() } });
  }
}

const open = () => ({ expiresAt: { gt: new Date() }, acceptedBy: null });

function timeProblem(expiresAt: Date): InputProblem | null {
  const leftMs = expiresAt.getTime() - Date.now();
  if (leftMs > 0 && leftMs <= longestMs) return null;
  const message = 'Let it end in the next 90 days; left out, it ends in a week.';
  return { path: ['input', 'expiresAt'], message, code: 'OUT_OF_RANGE' };
}
