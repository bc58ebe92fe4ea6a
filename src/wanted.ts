import type { Position } from './entry.ts';
import type { Entry } from './format/entry.ts';
import type { Sought } from './history/scan.ts';
import { PositionLostError } from './history/span.ts';
import type { Log } from './source/log.ts';

/**
 * Which live entries of a log a tail wants, and how much was looked at for that. Bounds in time are for history: what is
 * written now is wanted whatever its time.
 */
export class Wanted {
  /** Null: everything. */
  readonly sought: Sought | null;
  /** When the last entry happened that says so; ms since 1970, UTC. */
  #time: number | null = null;
  #scannedBytes = 0;

  constructor(sought: Sought | null) {
    this.sought = sought;
  }

  /** What comes next stands after a position, null for the end of the log: an entry without a time has one from there. */
  async beginAfter(log: Log, position: Position | null): Promise<void> {
    if (this.sought?.filter.unbounded.needsTime !== true) return;
    try {
      this.#time = await log.timeBefore(position);
    } catch (error) {
      // Its file is gone, and with it the time.
      if (!(error instanceof PositionLostError)) throw error;
    }
  }

  has(entry: Entry): boolean {
    if (this.sought === null) return true;
    this.#scannedBytes += entry.record.position.length;
    const { unbounded } = this.sought.filter;
    if (unbounded.needsTime) this.#time = entry.parsed.timestamp ?? this.#time;
    return unbounded.matches(entry, this.#time);
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
