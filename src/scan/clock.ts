import { endOf } from '../entry.ts';
import type { Reading } from '../format/registry.ts';
import { type TimedEntry, timeAfter, timeBefore } from '../history/time-before.ts';
import type { Piece } from './piece.ts';
import type { ScannedRecord } from './scanned-record.ts';
import { PieceText } from './text.ts';

/**
 * Tells when the records of a piece happened, shown in their order: one without a time has that of the one before. Where
 * that was passed over, or stands before the piece, it is looked up.
 */
export class Clock {
  readonly #piece: Piece;
  readonly #reading: Reading;
  readonly #order: 'all' | 'some';
  /** The last entry that is known to say when it happened, and the byte offset up to which no other does. */
  #last: TimedEntry | null | 'not looked up' = 'not looked up';
  #offset: number;
  /** The same object for all that are shown: millions may be. */
  readonly #seen: TimedEntry = { time: 0, offset: 0 };

  /** @param order whether every record is shown to it */
  constructor(piece: Piece, reading: Reading, order: 'all' | 'some') {
    this.#piece = piece;
    this.#reading = reading;
    this.#order = order;
    this.#offset = piece.start;
  }

  /** A record that was not shown to it, at byte `offset`, said that. */
  saw(time: number | null, offset: number): void {
    if (time === null) return;
    this.#seen.time = time;
    this.#seen.offset = offset;
    this.#last = this.#seen;
  }

  async setTimes(records: ScannedRecord[]): Promise<void> {
    for (const one of records) {
      const { timestamp } = one.parsed;
      const { position } = one.record;
      this.saw(timestamp, position.offset);
      one.time = timestamp ?? timeAfter(await this.#lastBefore(position.offset), position.offset);
      this.#offset = endOf(position);
    }
  }

  async #lastBefore(offset: number): Promise<TimedEntry | null> {
    const since = this.#order === 'some' ? await this.#lastBetween(this.#offset, offset) : null;
    if (since !== null) this.#last = since;
    if (this.#last === 'not looked up') {
      this.#last = (await this.#lastBetween(0, this.#piece.start)) ?? this.#piece.timeBeforeFile;
    }
    return this.#last;
  }

  #lastBetween(start: number, end: number): Promise<TimedEntry | null> {
    const { maxRecordBytes } = this.#piece;
    return timeBefore(new PieceText(this.#piece), { start, end }, { ...this.#reading, maxRecordBytes });
  }
}
