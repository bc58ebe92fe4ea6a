import { fstatSync, readSync } from 'node:fs';
import { clockStepMs, isPlaceInTime, type Position, placeAfter, type RawRecord } from '../entry.ts';
import { longBlockBytes } from './block.ts';
import { LineSplitter, markerBytes } from './line.ts';
import { lastBytes, type Sample, sampleOf } from './sample.ts';
import type { Segment } from './segment.ts';

/** Bytes one file may be read before others get their turn, so that a busy file cannot starve a quiet one. */
const roundBytes = 1 << 20;

/** For all files: reading is synchronous, and nothing of it is kept. So large for the sake of long lines and holes. */
const buffer = Buffer.allocUnsafe(longBlockBytes);

/** The same, for samples: none is longer than what is known of the bytes before a place. */
const glance = Buffer.allocUnsafe(markerBytes);

/** Time (ms) for which it is taken for granted that a file begins as ever, while it is written to all the time. */
const beginningMs = 1000;

/**
 * Time (ms) without anything new after which it is not: it may have been emptied, and have the sample where it was. Much
 * longer than a busy writer pauses, for looking costs as many bytes as some lines.
 */
export const quietMs = 200;

/**
 * What reading came to: the end, for now; more to read, in another round; that the file was emptied; or that something
 * came to a file that was empty, and is to be read once `begin` was called.
 */
export type ReadOutcome = 'end' | 'more' | 'emptied' | 'begun';

/**
 * Reads what is appended to one open file, synchronously. It notices when the file was emptied, also when it was
 * written again beyond the place where reading had stopped: then the bytes before that place are others.
 */
export class GrowingFile {
  readonly segment: Segment;
  /** When reading began, in ms since 1970, UTC. */
  readonly since = Date.now();
  readonly #splitter: LineSplitter;
  #position: Position;
  /** Some of what was read: as long as it stands there, the file was not emptied. */
  #sample: Sample;
  /** When the file was last changed, if nothing more was to be read then: as long as that is so, it need not be read. */
  #restsSince: number | null = null;
  /**
   * When the file's beginning was last looked at, and when something was last read. Before it is read for the first time
   * it is looked at: since whoever opened it knew it, it may have been emptied, and another text begun in it.
   */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  /** Bytes that the file is known to have had. */
  #size: number;

  /**
   * @param offset of the byte at which a line begins
   * @param maxRecordBytes longest record kept whole
   */
  static async at(segment: Segment, offset: number, maxRecordBytes: number): Promise<GrowingFile> {
    // What a new file begins with is seen when that is read.
    if (offset === 0) return new GrowingFile(segment, segment.beginningForNow, none, maxRecordBytes);
    const before = await segment.before(offset);
    return new GrowingFile(segment, segment.positionAfter(before, offset), before, maxRecordBytes);
  }

  private constructor(segment: Segment, position: Position, before: Buffer, maxRecordBytes: number) {
    const { offset } = position;
    this.segment = segment;
    this.#position = position;
    this.#splitter = new LineSplitter({
      offset,
      before,
      encoding: offset === 0 ? null : segment.encoding,
      maxBytes: maxRecordBytes,
      segment: (end) => segment.identityAt(end),
    });
    this.#sample = lastBytes({ before, readOffset: offset });
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

  /** From here on what came to an empty file is read, as long as it begins like this. */
  begin(beginning: Position): void {
    if (isPlaceInTime(this.#position)) this.#position = beginning;
  }

  /** Gives out the records that are whole, in portions. */
  read(give: (records: RawRecord[]) => void): ReadOutcome {
    if (isPlaceInTime(this.#position)) return this.hasGrown ? 'begun' : 'end';
    let total = 0;
    while (total < roundBytes) {
      const count = this.#readOn(give);
      if (count === 'emptied') return 'emptied';
      if (count < buffer.length / 2) return 'end';
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
    if (this.#restsSince !== null && this.#restsSince === this.#changedAt()) return 0;
    const count = readSync(this.segment.fd, buffer, 0, buffer.length, readOffset);
    // Not sooner: it may be emptied, and written beyond that place, just before it is read.
    if (!this.#stands(this.#sample) || !this.#beginsAsEver()) return 'emptied';
    this.#restsSince = count === 0 ? this.#changedAt() : null;
    if (count === 0) return 0;
    this.#readAt = performance.now();
    const bytes = buffer.subarray(0, count);
    this.segment.saw(bytes, readOffset);
    const records = this.#splitter.push(bytes);
    this.#sample = sampleOf(bytes, readOffset, records, this.#sample) ?? lastBytes(this.#splitter);
    this.#give(records, give);
    return count;
  }

  /** When a file that was read to its end was changed, in ms since 1970, UTC; null when that may change unnoticed. */
  #changedAt(): number | null {
    const { size, ctimeMs } = fstatSync(this.segment.fd);
    // What is changed in the same step of the clock again has the same time.
    return size === this.#splitter.readOffset && Date.now() - ctimeMs > clockStepMs ? ctimeMs : null;
  }

  /** Apart from what is new: read together with that, a line would be read almost twice. */
  #stands({ offset, latin1 }: Sample): boolean {
    const count = readSync(this.segment.fd, glance, 0, latin1.length, offset);
    return count === latin1.length && glance.toString('latin1', 0, count) === latin1;
  }

  #give(records: RawRecord[], give: (records: RawRecord[]) => void): void {
    const last = records.at(-1);
    if (last === undefined) return;
    this.#position = placeAfter(last.position);
    give(records);
  }

  #beginsAsEver(): boolean {
    const now = performance.now();
    if (now - this.#lookedAt < beginningMs && now - this.#readAt < quietMs) return true;
    if (!this.segment.beginsAsEver()) return false;
    this.#lookedAt = now;
    return true;
  }
}

const none = Buffer.alloc(0);
