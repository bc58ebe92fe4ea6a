import type { Level, Parsed, RawRecord } from '../entry.ts';
import type { Subject } from '../filter/condition.ts';
import { type Reading, understood } from '../format/registry.ts';

/** A record that is looked at, understood when that is asked for. */
export class ScannedRecord implements Subject {
  readonly record: RawRecord;
  readonly #reading: Reading;
  #parsed: Parsed | null = null;
  /** When it happened, in ms since 1970, UTC: by itself, or as the one before it; null when nobody knows, or asked. */
  time: number | null = null;

  constructor(record: RawRecord, reading: Reading) {
    this.record = record;
    this.#reading = reading;
  }

  get level(): Level {
    return this.parsed.level;
  }

  /** Nobody glanced at it. */
  request(): null {
    return null;
  }

  whole(): this {
    return this;
  }

  get raw(): string {
    return this.record.raw;
  }

  get parsed(): Parsed {
    this.#parsed ??= understood(this.record.raw, this.#reading);
    return this.#parsed;
  }
}
