import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { endOf, type FileIdentity, isSameFile, type Position, placeInTime, type SegmentIdentity } from '../entry.ts';
import { type Encoding, encodingOf, tellingBytes } from './encoding.ts';
import { fnv1a } from './hash.ts';
import { markerBytes } from './line.ts';
import type { OpenedFile } from './open.ts';
import { isBlank } from './stretch.ts';

/** Bytes of a file's beginning that mostly tell it from other files of its log. */
const glanceBytes = 32;

/** Bytes of a file's beginning that tell it from others. */
export const prefixBytes = 255;

/** A file as told by its beginning up to byte `end`, of which `prefix` is known. */
export function identityBy({ inode, bornAt }: FileIdentity, prefix: Buffer, end: number): SegmentIdentity {
  const prefixLength = Math.min(end, prefix.length);
  return { inode, bornAt, prefixLength, prefixHash: fnv1a(prefix, 0, prefixLength) };
}

/** One file of a log's chain, open for reading. Whoever opens it closes it. */
export class Segment {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  readonly bornAt: number;
  readonly #handle: FileHandle;
  /** The file's beginning, as far as it was needed. */
  #prefix = Buffer.alloc(0);
  #whole: SegmentIdentity | null = null;

  private constructor(path: string, { handle, stats }: OpenedFile) {
    this.path = path;
    this.device = stats.dev;
    this.inode = stats.ino;
    this.bornAt = Math.floor(stats.birthtimeMs);
    this.#handle = handle;
  }

  /** Of a compressed file, `handle` is of its content, and `stats` are its own. */
  static of(path: string, opened: OpenedFile): Segment {
    return new Segment(path, opened);
  }

  /** File descriptor, for the follower's synchronous reads; valid until `close`. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** How its text is written, as its first bytes tell; null while there are too few. */
  get encoding(): Encoding | null {
    this.#readPrefix(tellingBytes);
    return encodingOf(this.#prefix);
  }

  /** Its first bytes, as many as tell it from other files. */
  get prefix(): Buffer {
    this.#readPrefix(prefixBytes);
    return this.#prefix;
  }

  /** Bytes in the file now. */
  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** When it was last written, in ms since 1970, UTC. */
  async modifiedAt(): Promise<number> {
    return (await this.#handle.stat()).mtimeMs;
  }

  /** Reads up to `buffer.length` bytes at `offset`; fewer only at the end of the file. */
  async read(buffer: Buffer, offset: number): Promise<Buffer> {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, buffer.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** The bytes before `offset`, as many as a marker covers. */
  before(offset: number): Promise<Buffer> {
    const length = Math.min(markerBytes, offset);
    return this.read(Buffer.alloc(length), offset - length);
  }

  /**
   * The file, as told by its beginning up to byte `end`: so what is said of an entry never changes, however short the
   * file was. Synchronous, for it is asked while lines are cut.
   */
  identityAt(end: number): SegmentIdentity {
    if (this.#whole !== null && end >= prefixBytes) return this.#whole;
    this.#readPrefix(Math.min(end, prefixBytes));
    const identity = identityBy(this, this.#prefix, end);
    if (identity.prefixLength === prefixBytes) this.#whole = identity;
    return identity;
  }

  /** The place before the first entry. */
  get beginning(): Position {
    return this.#beginningBy(prefixBytes);
  }

  /** The same of a file in which more may stand, by a few bytes: enough to know it again for a moment. */
  get beginningForNow(): Position {
    // More is kept for `beginsAsEver`: many lines of a log begin with the same second, host and program.
    this.#readPrefix(prefixBytes);
    return this.#beginningBy(glanceBytes);
  }

  #beginningBy(length: number): Position {
    const segment = this.identityAt(length);
    return segment.prefixLength === 0 ? placeInTime(Date.now()) : { segment, offset: 0, length: 0, marker: fnv1a([]) };
  }

  /** The place between two entries at `offset`. */
  async positionAt(offset: number): Promise<Position> {
    return offset === 0 ? this.beginning : this.positionAfter(await this.before(offset), offset);
  }

  /** The same, of which the bytes before it are known, as many as a marker covers. */
  positionAfter(before: Buffer, offset: number): Position {
    return { segment: this.identityAt(prefixBytes), offset, length: 0, marker: fnv1a(before) };
  }

  /** Whether the bytes that `position` was taken from are (still) here; what the file began with may have been taken out. */
  async holds(position: Position): Promise<boolean> {
    const { prefixLength, prefixHash } = position.segment;
    if (prefixLength === 0 && !isSameFile(position.segment, this.identityAt(0))) return false;
    const prefix = await this.read(Buffer.alloc(prefixLength), 0);
    this.saw(prefix, 0);
    const isPunched = isSameFile(position.segment, this) && isBlank(prefix);
    if (prefix.length < prefixLength || (fnv1a(prefix) !== prefixHash && !isPunched)) return false;
    const end = endOf(position);
    const before = await this.before(end);
    return before.length === Math.min(markerBytes, end) && fnv1a(before) === position.marker;
  }

  /** Bytes of it that somebody read: so that the beginning is not read again for `identityAt`. */
  saw(bytes: Buffer, offset: number): void {
    const known = this.#prefix.length;
    if (known >= prefixBytes || offset > known || offset + bytes.length <= known) return;
    this.#prefix = Buffer.concat([this.#prefix.subarray(0, offset), bytes.subarray(0, prefixBytes - offset)]);
  }

  /**
   * Whether its first bytes are those that were read before, or were taken out of it, which leaves a hole. Synchronous, for
   * it is asked while lines are read.
   */
  beginsAsEver(): boolean {
    const known = this.#prefix;
    const found = Buffer.alloc(known.length);
    return readSync(this.fd, found, 0, found.length, 0) === known.length && (found.equals(known) || isBlank(found));
  }

  /** Forgets the beginning: the file was emptied and is written anew. */
  forget(): void {
    this.#prefix = Buffer.alloc(0);
    this.#whole = null;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Reads so much of the beginning, unless that was done. */
  #readPrefix(length: number): void {
    if (this.#prefix.length >= length) return;
    const prefix = Buffer.alloc(length);
    this.#prefix = prefix.subarray(0, readSync(this.fd, prefix, 0, length, 0));
  }
}
