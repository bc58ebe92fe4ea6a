import type { JsonObject } from '../entry.ts';
import type { EngineEvents } from '../events.ts';
import type { AuditAction, AuditLog } from './audit.ts';

/** Refusals recorded in a minute: whoever guesses must not be able to fill the disk. */
const mostRefusals = 60;

/** What people did, and what they were refused, for the audit log. Never a secret among it. */
export class Journal {
  readonly #audit: AuditLog;
  readonly #events: Pick<EngineEvents, 'failed'>;
  readonly #logger: string;
  #refusals = { minute: 0, count: 0 };

  /** @param logger the part of the program that speaks */
  constructor(audit: AuditLog, events: Pick<EngineEvents, 'failed'>, logger = 'tailql.access') {
    this.#audit = audit;
    this.#events = events;
    this.#logger = logger;
  }

  did(action: AuditAction, message: string, metadata: JsonObject): void {
    this.#record('INFO', action, message, metadata);
  }

  /** Records a refusal; of more than can be kept in a minute, how many there were. */
  refused(action: AuditAction, message: string, metadata: JsonObject): void {
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

  /** Recorded whatever was refused in that minute: it means that somebody has what they should not have. */
  alarm(action: AuditAction, message: string, metadata: JsonObject): void {
    this.#record('WARN', action, message, metadata);
  }

  /** Access is granted or denied also when the disk is full; that the record is missing is reported. */
  #record(level: 'INFO' | 'WARN', action: AuditAction, message: string, metadata: JsonObject): void {
    try {
      this.#audit.record({ level, logger: this.#logger, message, action, metadata });
    } catch (error) {
      this.#events.failed({ doing: 'write the audit log', error });
    }
  }
}
