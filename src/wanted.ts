import type { Position } from './entry.ts';
import { SharedFilter } from './filter/shared.ts';
import type { Entry } from './format/entry.ts';
import type { Sought } from './history/scan.ts';
import { PositionLostError } from './history/span.ts';
import { type TimedEntry, timeAfter } from './history/time-before.ts';
import { Portion } from './hub/portion.ts';
import type { Log } from './source/log.ts';

/**
 * Which live entries of a log a tail wants, and how much was looked at for that. Bounds in time are for history: what is
 * written now is wanted whatever its time.
 */
export class Wanted {
  /** Null: everything. */
  readonly sought: Sought | null;
  /** Null where nothing is left out, or where the time matters, which depends on what came before. */
  readonly #shared: SharedFilter | null;
  /** The last entry that says when it happened; its offset is in what came since this began. */
  #last: TimedEntry | null = null;
  /** Bytes that came, over all files. */
  #passed = 0;
  #scannedBytes = 0;

  constructor(sought: Sought | null) {
    this.sought = sought;
    const unbounded = sought?.filter.unbounded;
    this.#shared = unbounded === undefined || unbounded.needsTime ? null : new SharedFilter(unbounded);
  }

  /** What comes next stands after a position, null for the end of the log: an entry without a time has one from there. */
  async beginAfter(log: Log, position: Position | null): Promise<void> {
    if (this.sought?.filter.unbounded.needsTime !== true) return;
    this.#last = null;
    this.#passed = 0;
    try {
      this.#last = await log.timeBefore(position);
    } catch (error) {
      // Its file is gone, and with it the time.
      if (!(error instanceof PositionLostError)) throw error;
    }
  }

  /** What is wanted of a portion. */
  of(portion: Portion): Portion {
    if (this.sought === null) return portion;
    if (this.#shared !== null) {
      this.#scannedBytes += portion.bytes;
      return portion.where(this.#shared);
    }
    const entries = portion.entries.filter((entry) => this.has(entry));
    return new Portion(entries, portion.position, 'stale');
  }

  has(entry: Entry): boolean {
    if (this.sought === null) return true;
    this.#scannedBytes += entry.record.position.length;
    const { unbounded } = this.sought.filter;
    return unbounded.matches(entry, unbounded.needsTime ? this.#timeOf(entry) : null);
  }

  #timeOf({ parsed: { timestamp }, record }: Entry): number | null {
    const offset = this.#passed;
    this.#passed += record.position.length;
    if (timestamp !== null) this.#last = { time: timestamp, offset };
    return timeAfter(this.#last, offset);
  }

  /** So much of history was looked at. */
  scanned(bytes: number): void {
    this.#scannedBytes += bytes;
  }

  /** Bytes looked at since this was last asked. */
  takeScannedBytes(): number {
    const bytes = this.#scannedBytes;
    this.#scannedBytes = 0;
    return bytes;
  }
}
