import type { RawRecord } from '../entry.ts';
import { LineSplitter, markerBytes } from '../file/line.ts';
import type { Needle } from '../filter/condition.ts';
import { type Begins, Joiner } from '../history/joiner.ts';
import { linesOf } from '../history/lines.ts';
import { NeedleFinder } from './needle-finder.ts';
import type { Piece } from './piece.ts';
import { PieceText } from './text.ts';

/** Bytes read at once: they stay in the processor's cache between reading and looking. */
const blockBytes = 512 * 1024;

/** So many records of a block, so near to each other (bytes), make it likely that the next ones follow as closely. */
const [fewRecords, denseBytes] = [32, 1024];

/** One that is not used just now: they are collected late. */
let spare: Buffer | null = null;

function spareBlock(): Buffer {
  const block = spare ?? Buffer.allocUnsafe(blockBytes);
  spare = null;
  return block;
}

/** Bytes of whole records, and where in the file they begin. */
export interface Block {
  bytes: Buffer;
  offset: number;
}

/**
 * The records of a piece, in order: all of them, or at least those in which one of the needles stands. They are cut, joined
 * and decoded by the same functions as when a log is followed or paged through; what is passed over is not even decoded.
 */
export class Candidates {
  readonly #piece: Piece;
  readonly #text: PieceText;
  readonly #begins: Begins | null;
  readonly #finder: NeedleFinder | null;
  readonly #block: Buffer;

  constructor(piece: Piece, begins: Begins | null, needles: readonly Needle[] | null) {
    this.#piece = piece;
    this.#text = new PieceText(piece);
    this.#begins = begins;
    // In other encodings the bytes of a needle are others.
    const canFind = needles !== null && this.#text.encoding.name === 'UTF-8';
    this.#finder = canFind ? new NeedleFinder(needles, blockBytes) : null;
    this.#block = this.#finder?.block ?? spareBlock();
  }

  /** Whether every record is handed out, or only those in which a needle stands. */
  get kind(): 'all' | 'some' {
    return this.#finder === null ? 'all' : 'some';
  }

  /** Whether its text is in UTF-8, and each line a record. */
  get areLines(): boolean {
    return this.#begins === null && this.#text.encoding.name === 'UTF-8';
  }

  async *portions(): AsyncGenerator<RawRecord[], void, undefined> {
    for await (const block of this.blocks()) {
      if (Array.isArray(block)) yield block;
      else yield this.#finder ? this.#found(this.#finder, block) : this.records(block, 0, block.bytes.length);
    }
  }

  /**
   * The piece in blocks of whole records, each good until the next is asked for; a record that fills one comes alone. Only
   * once: afterwards others use what it was read into.
   */
  async *blocks(): AsyncGenerator<Block | RawRecord[], void, undefined> {
    try {
      yield* this.#wholeBlocks();
    } finally {
      if (this.#finder === null) spare = this.#block;
      else this.#finder.release();
    }
  }

  async *#wholeBlocks(): AsyncGenerator<Block | RawRecord[], void, undefined> {
    const { start, end, cancelled } = this.#piece;
    for (let at = start; at < end && cancelled[0] === 0; ) {
      const room = Math.min(blockBytes, end - at);
      const bytes = this.#text.readNow(this.#block.subarray(0, room), at);
      if (bytes.length === 0) return;
      // Also where the file ends sooner, for it was emptied meanwhile: more than a part of a line may never come.
      const isLast = at + bytes.length >= end || bytes.length < room;
      const whole = isLast ? bytes.length : this.#lastRecordStart(bytes);
      if (whole === 0) {
        for await (const { records, reached } of this.#longRecord(at)) {
          yield records;
          at = reached;
        }
      } else {
        yield { bytes: bytes.subarray(0, whole), offset: at };
        at += whole;
      }
    }
  }

  /** Index in the block at which the last record begins that is not the first; 0 when there is none. */
  #lastRecordStart(bytes: Buffer): number {
    let line = Math.max(this.#text.encoding.lastLineEnd(bytes, bytes.length), 0);
    if (this.#begins === null) return line;
    // The last line is not whole: whether it begins a record is told by the ones before.
    line = this.#lineBefore(line);
    while (line > 0 && !this.#isBeginning(line)) line = this.#lineBefore(line);
    return line;
  }

  /** A record that is longer than a block. */
  async *#longRecord(at: number): AsyncGenerator<{ records: RawRecord[]; reached: number }, void, undefined> {
    const { end, maxRecordBytes, cancelled } = this.#piece;
    const joiner = this.#begins && new Joiner(this.#begins, maxRecordBytes);
    let begun = at;
    for await (const { lines, offset } of linesOf(this.#text, at, end, maxRecordBytes)) {
      const records: RawRecord[] = [];
      for (const line of lines) {
        records.push(...(joiner?.push(line) ?? [line]));
        if (joiner?.held.length === 1) begun = line.position.offset;
      }
      if (offset >= end && joiner) records.push(...joiner.flush());
      yield { records, reached: joiner?.held.length ? begun : offset };
      if (records.length > 0 || cancelled[0] !== 0) return;
    }
  }

  #found(finder: NeedleFinder, block: Block): RawRecord[] {
    const records: RawRecord[] = [];
    const end = block.bytes.length;
    for (let from = 0, hit = finder.find(0, end); hit !== -1; hit = finder.find(from, end)) {
      const start = this.#recordStart(from, hit);
      from = this.#recordEnd(hit, end);
      for (const record of this.records(block, start, from)) records.push(record);
      // Where it stands in most of them, one cutting of them all takes less.
      if (records.length > fewRecords && from < records.length * denseBytes) {
        for (const record of this.records(block, from, end)) records.push(record);
        break;
      }
    }
    return records;
  }

  /** Index at which the record begins that `block[hit]` is in, at or after `from`, where one begins. */
  #recordStart(from: number, hit: number): number {
    let line = Math.max(this.#text.encoding.lastLineEnd(this.#block, hit), from);
    while (line > from && !this.#isBeginning(line)) line = Math.max(this.#lineBefore(line), from);
    return line;
  }

  /** Index at which the record ends that `block[hit]` is in. */
  #recordEnd(hit: number, end: number): number {
    let line = Math.min(this.#lineEnd(hit), end);
    while (line < end && !this.#isBeginning(line)) line = Math.min(this.#lineEnd(line), end);
    return line;
  }

  /** Whether the line at `block[line]` begins a record, as the line before it helps to tell. */
  #isBeginning(line: number): boolean {
    if (this.#begins === null) return true;
    const { encoding } = this.#text;
    const text = (from: number, to: number) => encoding.decode(this.#block, from, Math.max(to - encoding.unit, from));
    const before = this.#lineBefore(line);
    return this.#begins(text(line, this.#lineEnd(line)), before < line ? text(before, line) : undefined);
  }

  /** Index of the line before the one that begins at `block[line]`; 0 for the first. */
  #lineBefore(line: number): number {
    const { encoding } = this.#text;
    return Math.max(encoding.lastLineEnd(this.#block, line - encoding.unit), 0);
  }

  /** Index after the line that `block[at]` is in. */
  #lineEnd(at: number): number {
    const end = this.#text.encoding.firstLineEnd(this.#block, at);
    return end === -1 ? this.#block.length : end;
  }

  /** The records in `bytes[start, end)` of a block. */
  records({ bytes, offset }: Block, start: number, end: number): RawRecord[] {
    const { maxRecordBytes } = this.#piece;
    const isFirst = start < markerBytes;
    const splitter = new LineSplitter({
      offset: offset + start,
      before: isFirst ? this.#text.beforeNow(offset + start) : bytes.subarray(start - markerBytes, start),
      encoding: this.#text.encoding,
      maxBytes: maxRecordBytes,
      segment: (to) => this.#text.identityAt(to),
    });
    const lines = splitter.push(bytes.subarray(start, end));
    // The last line of a file may lack its newline.
    lines.push(...splitter.flush());
    if (this.#begins === null) return lines;
    const joiner = new Joiner(this.#begins, maxRecordBytes);
    return [...lines.flatMap((line) => joiner.push(line)), ...joiner.flush()];
  }
}
