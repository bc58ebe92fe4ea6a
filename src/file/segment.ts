import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { endOf, type Position, type SegmentIdentity } from '../entry.ts';
import { fnv1a } from './hash.ts';
import { markerBytes } from './line.ts';
import { openLog, type Permits } from './open.ts';

/** Bytes of a file's beginning that tell it from others. */
const prefixBytes = 255;

/** One file of a log's chain, open for reading. Whoever opens it closes it. */
export class Segment {
  readonly path: string;
  readonly inode: number;
  readonly #handle: FileHandle;
  /** The file's beginning, as far as it was needed. */
  #prefix = Buffer.alloc(0);
  #whole: SegmentIdentity | null = null;

  private constructor(path: string, handle: FileHandle, inode: number) {
    this.path = path;
    this.inode = inode;
    this.#handle = handle;
  }

  /** @throws {RefusedFileError} as `openLog` does */
  static async open(path: string, permits: Permits): Promise<Segment> {
    const { handle, stats } = await openLog(path, permits);
    return new Segment(path, handle, stats.ino);
  }

  /** File descriptor, for the follower's synchronous reads; valid until `close`. */
  get fd(): number {
    return this.#handle.fd;
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
    if (this.#prefix.length < Math.min(end, prefixBytes)) this.#readPrefix();
    const prefixLength = Math.min(end, this.#prefix.length);
    const identity = { inode: this.inode, prefixLength, prefixHash: fnv1a(this.#prefix, 0, prefixLength) };
    if (prefixLength === prefixBytes) this.#whole = identity;
    return identity;
  }

  /** The place between two entries at `offset`. */
  async positionAt(offset: number): Promise<Position> {
    const before = await this.before(offset);
    return { segment: this.identityAt(prefixBytes), offset, length: 0, marker: fnv1a(before) };
  }

  /** Whether the bytes that `position` was taken from are (still) here. */
  async holds(position: Position): Promise<boolean> {
    const { inode, prefixLength, prefixHash } = position.segment;
    if (prefixLength === 0 && inode !== this.inode) return false;
    const prefix = await this.read(Buffer.alloc(prefixLength), 0);
    if (prefix.length < prefixLength || fnv1a(prefix) !== prefixHash) return false;
    const end = endOf(position);
    const before = await this.before(end);
    return before.length === Math.min(markerBytes, end) && fnv1a(before) === position.marker;
  }

  /** Forgets the beginning: the file was emptied and is written anew. */
  forget(): void {
    this.#prefix = Buffer.alloc(0);
    this.#whole = null;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #readPrefix(): void {
    const prefix = Buffer.alloc(prefixBytes);
    this.#prefix = prefix.subarray(0, readSync(this.fd, prefix, 0, prefixBytes, 0));
  }
}
