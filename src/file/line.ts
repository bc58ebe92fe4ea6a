import type { RawRecord, SegmentIdentity } from '../entry.ts';
import { fnv1a } from './hash.ts';

/** Bytes that a position's marker covers, counted back from its end. */
export const markerBytes = 32;

const newline = 10;
const carriageReturn = 13;

export interface SplitterOptions {
  /** Byte offset of the first byte that will be pushed: the beginning of a line. */
  offset: number;
  /** The bytes before it, as many as a marker covers; fewer only where the file begins. */
  before: Buffer;
  /** Longest line kept whole, in bytes. */
  maxBytes: number;
  /** The file's identity, by what it begins with up to a byte. */
  segment: (end: number) => SegmentIdentity;
}

/**
 * Cuts a file's bytes into lines as they arrive, in any portions. A line is cut on its newline byte and decoded
 * afterwards, so a character split between two portions is whole again; a line without its newline is held.
 *
 * A line longer than `maxBytes` is kept up to that size and marked truncated; the rest is counted, not kept.
 */
export class LineSplitter {
  readonly #segment: (end: number) => SegmentIdentity;
  readonly #maxBytes: number;
  #offset: number;
  /** The last bytes pushed. */
  #before: Buffer;
  /** Portions of the line that has no end yet, up to `maxBytes` and a line end. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes of the line that has no end yet, kept or not. */
  #length = 0;

  constructor({ offset, before, maxBytes, segment }: SplitterOptions) {
    this.#offset = offset;
    this.#before = before;
    this.#maxBytes = maxBytes;
    this.#segment = segment;
  }

  /** Byte offset of the first line that is not yet whole. */
  get offset(): number {
    return this.#offset;
  }

  /** Byte offset of the next byte to be pushed. */
  get readOffset(): number {
    return this.#offset + this.#length;
  }

  /** The last bytes pushed, as many as a marker covers: as long as they stand in the file, it was not written anew. */
  get before(): Buffer {
    return this.#before;
  }

  /** The lines that these bytes complete. Nothing of `bytes` is kept by reference. */
  push(bytes: Buffer): RawRecord[] {
    const records: RawRecord[] = [];
    let start = 0;
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, start)) {
      const marker = this.#marker(bytes, at + 1);
      if (this.#length === 0) {
        records.push(this.#record(bytes, start, at + 1, at + 1 - start, marker));
      } else {
        this.#hold(bytes.subarray(start, at + 1));
        records.push(this.#release(marker));
      }
      start = at + 1;
    }
    if (start < bytes.length) this.#hold(bytes.subarray(start));
    this.#before =
      bytes.length >= markerBytes
        ? Buffer.from(bytes.subarray(-markerBytes))
        : Buffer.concat([this.#before, bytes]).subarray(-markerBytes);
    return records;
  }

  /** The held line, if there is one, as a record: for files that are known not to grow any more. */
  flush(): RawRecord[] {
    return this.#length === 0 ? [] : [this.#release(fnv1a(this.#before))];
  }

  /** Hash of the bytes that end at `bytes[end]`, reaching back into what was pushed before. */
  #marker(bytes: Buffer, end: number): number {
    if (end >= markerBytes) return fnv1a(bytes, end - markerBytes, end);
    const earlier = fnv1a(this.#before, Math.max(this.#before.length + end - markerBytes, 0));
    return fnv1a(bytes, 0, end, earlier);
  }

  #hold(bytes: Buffer): void {
    const room = this.#maxBytes + 2 - this.#heldBytes;
    if (room > 0) {
      const kept = Buffer.from(bytes.subarray(0, room));
      this.#held.push(kept);
      this.#heldBytes += kept.length;
    }
    this.#length += bytes.length;
  }

  #release(marker: number): RawRecord {
    const held = Buffer.concat(this.#held);
    const length = this.#length;
    this.#held = [];
    this.#heldBytes = 0;
    this.#length = 0;
    return this.#record(held, 0, held.length, length, marker);
  }

  /** `bytes[start, end)` is what is kept of a line of `length` bytes. */
  #record(bytes: Buffer, start: number, end: number, length: number, marker: number): RawRecord {
    const segment = this.#segment(this.#offset + length);
    const position = { segment, offset: this.#offset, length, marker };
    this.#offset += length;
    let textEnd = end;
    if (end - start === length && bytes[textEnd - 1] === newline) {
      textEnd--;
      if (textEnd > start && bytes[textEnd - 1] === carriageReturn) textEnd--;
    }
    const truncated = textEnd - start > this.#maxBytes;
    if (truncated) {
      textEnd = start + this.#maxBytes;
      // Cut before a character, not inside one.
      while (textEnd > start && ((bytes[textEnd] ?? 0) & 0xc0) === 0x80) textEnd--;
    }
    return { position, raw: bytes.toString('utf8', start, textEnd), truncated };
  }
}
