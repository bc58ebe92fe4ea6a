import type { RawRecord, SegmentIdentity } from '../entry.ts';
import { type Encoding, encodingOf, utf8 } from './encoding.ts';
import { fnv1a } from './hash.ts';
import { HeldLine, textStart } from './held-line.ts';
import { cutAfter, isBlank, stretchBytes } from './stretch.ts';

/** Bytes that a position's marker covers, counted back from its end. */
export const markerBytes = 32;

const carriageReturn = 13;

/** Bytes that may stand beside a line's text: a byte order mark and a line end. */
const besideText = 8;

export interface SplitterOptions {
  /** Byte offset of the first byte that will be pushed: where a line begins, or was cut. */
  offset: number;
  /** The bytes before it, as many as a marker covers; fewer only where the file begins. */
  before: Buffer;
  /** The file's; null when its first bytes, the first that will be pushed, will tell. */
  encoding: Encoding | null;
  /** Longest line kept whole, in bytes. */
  maxBytes: number;
  /** The file's identity, by what it begins with up to a byte. */
  segment: (end: number) => SegmentIdentity;
}

/** What a line ends with, for now or for good. */
type Ending = 'newline' | 'cut' | 'end of file';

/**
 * Cuts a file's bytes into lines as they arrive, in any portions. A line is cut on its newline and decoded afterwards,
 * so a character split between two portions is whole again; a line without its newline is held.
 *
 * A line longer than `maxBytes` is kept up to that size and marked truncated; the rest is counted, not kept. So are NULs
 * that a line begins with: a file that was emptied under a writer who goes on at the old offset begins with a hole, which
 * reads as NULs. They are no part of the text, and neither is a byte order mark; but the record's length counts them.
 * The lengths of all records add up to the file's size, unless a line is so long that it is cut (see `stretchBytes`).
 */
export class LineSplitter {
  readonly #segment: (end: number) => SegmentIdentity;
  readonly #maxBytes: number;
  readonly #held: HeldLine;
  #encoding: Encoding | null;
  #offset: number;
  /** The last bytes pushed, without `#pending`. */
  #before: Buffer;
  /** Bytes that cannot be understood yet: the first few of a file, or half a code unit. */
  #pending = none;
  /** Whether what is held begins a line, or goes on after a cut. */
  #part: 'beginning' | 'rest';

  constructor({ offset, before, encoding, maxBytes, segment }: SplitterOptions) {
    this.#offset = offset;
    this.#before = before;
    this.#encoding = encoding ?? (offset === 0 ? null : utf8);
    this.#held = new HeldLine(maxBytes + besideText);
    this.#maxBytes = maxBytes;
    this.#segment = segment;
    const afterLine = this.#encoding?.lastLineEnd(before, before.length) === before.length;
    this.#part = offset % stretchBytes > 0 || afterLine ? 'beginning' : partAfterCut(before);
  }

  /** Byte offset up to which everything was given out: where the line begins, or was cut, that has no end yet. */
  get offset(): number {
    return this.#offset;
  }

  /** Byte offset of the next byte to be pushed. */
  get readOffset(): number {
    return this.#offset + this.#held.length + this.#pending.length;
  }

  /** The last bytes pushed, as many as a marker covers: as long as they stand in the file, it was not written anew. */
  get before(): Buffer {
    return this.#pending.length === 0 ? this.#before : lastOf(this.#before, this.#pending);
  }

  /** The lines that these bytes complete. Nothing of `bytes` is kept by reference. */
  push(bytes: Buffer): RawRecord[] {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#encoding ??= encodingOf(all);
    if (this.#encoding === null) {
      this.#pending = Buffer.from(all);
      return [];
    }
    const usable = all.length - (all.length % this.#encoding.unit);
    this.#pending = usable === all.length ? none : Buffer.from(all.subarray(usable));
    return this.#split(all.subarray(0, usable), this.#encoding);
  }

  /** The held line, if there is one, as a record: for files that are known not to grow any more. */
  flush(): RawRecord[] {
    this.#encoding ??= utf8;
    const records = this.#split(this.#pending, this.#encoding);
    this.#pending = none;
    if (this.#held.length > 0) records.push(...this.#end(none, 0, 'end of file', this.#encoding));
    return records;
  }

  #split(bytes: Buffer, encoding: Encoding): RawRecord[] {
    const records: RawRecord[] = [];
    let start = 0;
    while (start < bytes.length) {
      const lineEnd = encoding.firstLineEnd(bytes, start);
      if (this.#held.length === 0 && this.#part === 'beginning' && lineEnd !== -1 && lineEnd - start < stretchBytes) {
        const text = textStart(bytes, start, lineEnd, encoding);
        const end = textEnd(bytes, text, lineEnd, encoding);
        records.push(this.#record(bytes, text, end, lineEnd - start, this.#marker(bytes, lineEnd), encoding));
        start = lineEnd;
        continue;
      }
      const cut = start + cutAfter(this.#offset) - this.#offset - this.#held.length;
      const end = Math.min(cut, lineEnd === -1 ? bytes.length : lineEnd);
      if (this.#part === 'beginning') this.#held.add(bytes.subarray(start, end), encoding);
      else this.#held.length += end - start;
      if (end === lineEnd) records.push(...this.#end(bytes, end, 'newline', encoding));
      else if (end === cut) records.push(...this.#end(bytes, end, 'cut', encoding));
      start = end;
    }
    this.#before = lastOf(this.#before, bytes);
    return records;
  }

  /** What is held ends at `bytes[end]`: as a record, unless it goes on after a cut, or is nothing but a hole. */
  #end(bytes: Buffer, end: number, ending: Ending, encoding: Encoding): RawRecord[] {
    const held = this.#held;
    const records: RawRecord[] = [];
    if (this.#part === 'beginning' && (ending !== 'cut' || held.bytes.length > 0)) {
      const hasLineEnd = ending === 'newline' && held.isWhole;
      const kept = hasLineEnd ? textEnd(held.bytes, 0, held.bytes.length, encoding) : held.bytes.length;
      const record = this.#record(held.bytes, 0, kept, held.length, this.#marker(bytes, end), encoding);
      records.push(ending === 'cut' ? { ...record, truncated: true } : record);
    } else this.#offset += held.length;
    held.clear();
    if (ending === 'newline') this.#part = 'beginning';
    else if (ending === 'cut') this.#part = partAfterCut(lastOf(this.#before, bytes.subarray(0, end)));
    return records;
  }

  /** `bytes[start, end)` is what is kept of the text of a line of `length` bytes, or more than `maxBytes` of it. */
  #record(bytes: Buffer, start: number, end: number, length: number, marker: number, encoding: Encoding): RawRecord {
    const segment = this.#segment(this.#offset + length);
    const position = { segment, offset: this.#offset, length, marker };
    const from = this.#offset === 0 ? afterMark(bytes, start, encoding) : start;
    this.#offset += length;
    const truncated = end - from > this.#maxBytes;
    const to = truncated ? Math.max(encoding.characterStart(bytes, from + this.#maxBytes), from) : end;
    return { position, raw: encoding.decode(bytes, from, to), truncated };
  }

  /** Hash of the bytes that end at `bytes[end]`, reaching back into what was pushed before. */
  #marker(bytes: Buffer, end: number): number {
    if (end >= markerBytes) return fnv1a(bytes, end - markerBytes, end);
    const earlier = fnv1a(this.#before, Math.max(this.#before.length + end - markerBytes, 0));
    return fnv1a(bytes, 0, end, earlier);
  }
}

const none = Buffer.alloc(0);

/** The last bytes of both, as many as a marker covers; a copy. */
const lastOf = (before: Buffer, bytes: Buffer): Buffer =>
  bytes.length >= markerBytes
    ? Buffer.from(bytes.subarray(-markerBytes))
    : Buffer.concat([before, bytes]).subarray(-markerBytes);

const partAfterCut = (before: Buffer): 'beginning' | 'rest' =>
  before.length === 0 || isBlank(before) ? 'beginning' : 'rest';

/** Where the newline that ends before `bytes[lineEnd]` begins, with a carriage return before it. */
function textEnd(bytes: Buffer, start: number, lineEnd: number, { unit, isAt }: Encoding): number {
  const end = lineEnd - unit;
  return end - unit >= start && isAt(bytes, end - unit, carriageReturn) ? end - unit : end;
}

function afterMark(bytes: Buffer, start: number, { byteOrderMark }: Encoding): number {
  const end = start + byteOrderMark.length;
  return byteOrderMark.equals(bytes.subarray(start, end)) ? end : start;
}
