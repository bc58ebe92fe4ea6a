import type { Reading } from '../format/registry.ts';
import { timeBefore } from '../history/time-before.ts';
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
  /** The last time that is known, and the byte offset up to which no other is. */
  #time: number | null | 'not looked up' = 'not looked up';
  #offset: number;

  /** @param order whether every record is shown to it */
  constructor(piece: Piece, reading: Reading, order: 'all' | 'some') {
    this.#piece = piece;
    this.#reading = reading;
    this.#order = order;
    this.#offset = piece.start;
  }

  /** A record that was not shown to it said that. */
  saw(time: number | null): void {
    if (time !== null) this.#time = time;
  }

  async setTimes(records: ScannedRecord[]): Promise<void> {
    for (const one of records) {
      const { timestamp } = one.parsed;
      if (timestamp !== null) this.#time = timestamp;
      else this.#time = await this.#timeBefore(one);
      one.time = this.#time;
      this.#offset = one.record.position.offset + one.record.position.length;
    }
  }

  async #timeBefore({ record }: ScannedRecord): Promise<number | null> {
    const since = this.#order === 'some' ? await this.#lastBetween(this.#offset, record.position.offset) : null;
    if (since !== null) return since;
    if (this.#time !== 'not looked up') return this.#time;
    return (await this.#lastBetween(0, this.#piece.start)) ?? this.#piece.timeBeforeFile;
  }

  #lastBetween(start: number, end: number): Promise<number | null> {
    const { maxRecordBytes } = this.#piece;
    return timeBefore(new PieceText(this.#piece), { start, end }, { ...this.#reading, maxRecordBytes });
  }
}
