import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLine } from '../append/line.ts';
import type { JsonObject, Level } from '../entry.ts';
import { OperatorError } from '../errors.ts';

/** A write of any length is over by then. */
const settledMs = 1000;

/**
 * What is recorded, and what its metadata say:
 * - `server_start`, `server_stop`: the server began or ended; its version
 * - `sign_in`: somebody signed in; who, in which session, from which address
 * - `sign_in_failed`: a sign-in was refused; from which address, and who if the name is somebody's
 * - `sign_out`: somebody signed out; who, of which session
 * - `register`, `register_failed`: somebody became a user, or was refused; who and as what, or why not
 * - `session_refresh`, `session_refresh_failed`: a refresh token was taken, or refused; whose and of which session
 * - `session_reuse`: a refresh token was used again, so that its session ended; whose and which
 * - `session_revoke`: somebody ended a session; who, and which
 * - `password_change`, `password_change_failed`: a password was changed, or the current one was wrong; whose
 * - `user_invite`, `invitation_revoke`: an invitation was made or revoked; by whom, which, and for what role
 * - `user_update`: a user got another role, or was disabled or enabled; by whom, who, and what they are now
 * - `token_create`: an API token was made; its id, name and scopes, and whose it is
 * - `token_revoke`: an API token was revoked; its id and name, and whose it was
 * - `log_download`: a download began; who, from which address, of which source, and whether all of it
 * - `upload_create`, `upload_store`, `upload_failed`: a file was announced, came, or failed; whose, which, of how many bytes
 * - `stream_create`, `stream_clear`: a stream was made, or emptied; by whom, and which
 * - `source_update`, `source_delete`: somebody changed a source that is owned, or deleted it; who, which, and what of it
 * - `actions_clear`: the action log was cleared; who, what was recorded before when, how many, and whether archived
 * - `actions_archive`, `actions_archive_delete`: actions were archived, or an archive was deleted; who, and which
 * - `access_denied`: a credential or a lack of scope ended a request; who as far as known, and what was asked for
 */
export type AuditAction =
  | 'server_start'
  | 'server_stop'
  | 'sign_in'
  | 'sign_in_failed'
  | 'sign_out'
  | 'register'
  | 'register_failed'
  | 'session_refresh'
  | 'session_refresh_failed'
  | 'session_reuse'
  | 'session_revoke'
  | 'password_change'
  | 'password_change_failed'
  | 'user_invite'
  | 'invitation_revoke'
  | 'user_update'
  | 'token_create'
  | 'token_revoke'
  | 'log_download'
  | 'upload_create'
  | 'upload_store'
  | 'upload_failed'
  | 'stream_create'
  | 'stream_clear'
  | 'source_update'
  | 'source_delete'
  | 'analysis_start'
  | 'analysis_cancel'
  | 'analysis_delete'
  | 'actions_clear'
  | 'actions_archive'
  | 'actions_archive_delete'
  | 'access_denied';

export interface AuditRecord {
  level: Exclude<Level, 'UNKNOWN'>;
  /** The part of the program that speaks, such as `tailql.access`. */
  logger: string;
  message: string;
  action: AuditAction;
  /** Ids and names only; never a token, code or password. */
  metadata: JsonObject;
  /** When it happened; left out: now. */
  at?: Date;
}

/**
 * The audit trail: one JSON object per line in `<dataDir>/log/audit_YYYYMMDD.jsonl`, by UTC day. Several processes
 * may append to it at once, because a record is one write at the end of the file.
 */
export class AuditLog {
  readonly #directory: string;
  readonly #now: () => number;
  #file: { path: string; descriptor: number } | undefined;
  #lastWrite: 'whole' | 'failed' = 'whole';

  /** @param now milliseconds since 1970 */
  constructor(dataDir: string, now: () => number = Date.now) {
    this.#directory = join(dataDir, 'log');
    this.#now = now;
  }

  /**
   * Appends a record; it is with the operating system when this returns.
   * @throws {OperatorError} when it cannot be written: whether to go on without is the caller's choice
   */
  record({ level, logger, message, action, metadata, at = new Date(this.#now()) }: AuditRecord): void {
    const timestamp = at.toISOString();
    const line = jsonLine({ timestamp, level, logger, message, action, metadata });
    const path = join(this.#directory, `audit_${timestamp.slice(0, 10).replaceAll('-', '')}.jsonl`);
    try {
      this.#append(path, line);
    } catch (error) {
      this.#lastWrite = 'failed';
      this.close();
      if (!(error instanceof Error)) throw error;
      const reason = 'code' in error ? error.code : error.message;
      throw new OperatorError(
        `Cannot write the audit log ${path} (${reason}); free space on its disk, or let the server write there.`,
      );
    }
  }

  close(): void {
    if (this.#file === undefined) return;
    const { descriptor } = this.#file;
    this.#file = undefined;
    closeSync(descriptor);
  }

  #append(path: string, line: string): void {
    const descriptor = this.#open(path);
    // Half a line, left by a crash or a full disk, would swallow this one.
    const bytes = Buffer.from(this.#endsInsideLine(descriptor) ? `\n${line}` : line);
    const written = writeSync(descriptor, bytes);
    if (written < bytes.length) throw new Error(`${written} of ${bytes.length} bytes written`);
    this.#lastWrite = 'whole';
  }

  #open(path: string): number {
    if (this.#file?.path === path) return this.#file.descriptor;
    this.close();
    mkdirSync(this.#directory, { recursive: true });
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    const descriptor = openSync(path, flags, 0o640);
    this.#file = { path, descriptor };
    return descriptor;
  }

  /** Whether the file ends with half a line that nobody is writing any more. */
  #endsInsideLine(descriptor: number): boolean {
    const { size, mtimeMs } = fstatSync(descriptor);
    // What another process has written so far of a long record looks the same, but was written just now.
    if (size === 0 || (this.#lastWrite === 'whole' && Date.now() - mtimeMs < settledMs)) return false;
    const last = Buffer.alloc(1);
    readSync(descriptor, last, 0, 1, size - 1);
    return last.toString() !== '\n';
  }
}
