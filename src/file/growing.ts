import { fstatSync, readSync } from 'node:fs';
import { type Position, placeAfter, type RawRecord } from '../entry.ts';
import { LineSplitter } from './line.ts';
import type { Segment } from './segment.ts';

/** Bytes one file may be read before others get their turn, so that a busy file cannot starve a quiet one. */
const roundBytes = 1 << 20;

/** Bytes before a place by which the file is known again: fewer than in a cursor, for they are read over and over. */
const knownBytes = 16;

/** Time (ms) for which it is trusted that what was read before still stands in a busy file. */
const trustMs = 50;

/** What reading came to: the end, for now; more to read, in another round; or that the file was emptied. */
export type ReadOutcome = 'end' | 'more' | 'emptied';

/**
 * Reads what is appended to one open file, synchronously. It notices when the file was emptied, also when it was
 * written again beyond the place where reading had stopped: then the bytes before that place are others.
 */
export class GrowingFile {
  readonly segment: Segment;
  /** When reading began, in ms since 1970, UTC. */
  readonly since = Date.now();
  readonly #buffer = Buffer.allocUnsafe(64 * 1024);
  readonly #splitter: LineSplitter;
  #position: Position;
  /** Up to where the file is known to be the one that was read, the bytes before that, and when that was found. */
  #known: { offset: number; before: Buffer; at: number };
  /** Most bytes that came at once. */
  #mostGrowth = 0;
  /** Bytes that the file is known to have had. */
  #size: number;

  /**
   * @param offset of the byte at which a line begins
   * @param maxRecordBytes longest record kept whole
   */
  static async at(segment: Segment, offset: number, maxRecordBytes: number): Promise<GrowingFile> {
    const [position, before] = [await segment.positionAt(offset), await segment.before(offset)];
    return new GrowingFile(segment, position, before, maxRecordBytes);
  }

  private constructor(segment: Segment, position: Position, before: Buffer, maxRecordBytes: number) {
    const { offset } = position;
    this.segment = segment;
    this.#position = position;
    this.#splitter = new LineSplitter({
      offset,
      before,
      encoding: segment.encoding,
      maxBytes: maxRecordBytes,
      segment: (end) => segment.identityAt(end),
    });
    this.#known = { offset, before: before.subarray(-knownBytes), at: Number.NEGATIVE_INFINITY };
    this.#size = offset;
  }

  /** The place after the last record that was given out. */
  get position(): Position {
    return this.#position;
  }

  /** Byte offset of the next byte to be read. */
  get readOffset(): number {
    return this.#splitter.readOffset;
  }

  /** Whether something was appended, without reading it. */
  get hasGrown(): boolean {
    return fstatSync(this.segment.fd).size > this.#splitter.readOffset;
  }

  /** Bytes that the file had beyond that place; at least these. */
  get unread(): number {
    return Math.max(this.#size, this.#splitter.readOffset) - this.#splitter.offset;
  }

  /** Gives out the records that are whole, in portions. */
  read(give: (records: RawRecord[]) => void): ReadOutcome {
    let total = 0;
    while (total < roundBytes) {
      const count = this.#readOn(give);
      if (count === 'emptied') return 'emptied';
      if (count < this.#buffer.length / 2) return 'end';
      total += count;
    }
    this.#size = fstatSync(this.segment.fd).size;
    return 'more';
  }

  /** Gives out the line whose newline has not come, if there is one: when the file will not grow any more. */
  finish(give: (records: RawRecord[]) => void): void {
    this.#give(this.#splitter.flush(), give);
  }

  /** Bytes that were read. */
  #readOn(give: (records: RawRecord[]) => void): number | 'emptied' {
    const { readOffset } = this.#splitter;
    const { fd } = this.segment;
    const now = performance.now();
    const trusted = this.#isTrusted(readOffset, now);
    if (!trusted && this.#known.offset < readOffset && !this.#stands()) return 'emptied';
    // In one read with what comes after, where they are side by side.
    const before = trusted || this.#known.offset < readOffset ? none : this.#known.before;
    const seen = before.length;
    const count = readSync(fd, this.#buffer, 0, this.#buffer.length, readOffset - seen);
    if (count < seen || this.#buffer.compare(before, 0, seen, 0, seen) !== 0) return 'emptied';
    if (count === seen) return seen === 0 && fstatSync(fd).size < readOffset ? 'emptied' : 0;
    const records = this.#splitter.push(this.#buffer.subarray(seen, count));
    this.#mostGrowth = Math.max(this.#mostGrowth, count - seen);
    if (!trusted) {
      const before = this.#splitter.before.subarray(-knownBytes);
      this.#known = { offset: this.#splitter.readOffset, before, at: now };
    }
    this.#give(records, give);
    return count - seen;
  }

  #give(records: RawRecord[], give: (records: RawRecord[]) => void): void {
    const last = records.at(-1);
    if (last === undefined) return;
    this.#position = placeAfter(last.position);
    give(records);
  }

  /**
   * Looking at what was read before makes reading dearer, in a busy file by a third. So for a while it is trusted to
   * stand, where the file cannot have been emptied and written up to here meanwhile, unless far faster than it ever was.
   */
  #isTrusted(readOffset: number, now: number): boolean {
    return now - this.#known.at < trustMs && readOffset > 2 * this.#mostGrowth;
  }

  #stands(): boolean {
    const { offset, before } = this.#known;
    const found = Buffer.alloc(before.length);
    const count = readSync(this.segment.fd, found, 0, found.length, offset - found.length);
    return count === found.length && found.equals(before);
  }
}

const none = Buffer.alloc(0);
