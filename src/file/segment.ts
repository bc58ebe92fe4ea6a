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
  readonly #handle: FileHandle;
  #identity: SegmentIdentity;

  private constructor(path: string, handle: FileHandle, identity: SegmentIdentity) {
    this.path = path;
    this.#handle = handle;
    this.#identity = identity;
  }

  /** @throws {RefusedFileError} as `openLog` does */
  static async open(path: string, permits: Permits): Promise<Segment> {
    const { handle, stats } = await openLog(path, permits);
    try {
      return new Segment(path, handle, identify(handle.fd, stats.ino));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get identity(): SegmentIdentity {
    return this.#identity;
  }

  /** File descriptor, for the follower's synchronous reads; valid until `close`. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** Bytes in the file now. */
  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** Bytes in the file and the time (ms since 1970, UTC) it was last written. */
  async state(): Promise<{ size: number; modifiedAt: number }> {
    const { size, mtimeMs } = await this.#handle.stat();
    return { size, modifiedAt: mtimeMs };
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

  /** The place between two entries at `offset`. */
  async positionAt(offset: number): Promise<Position> {
    return { segment: this.#identity, offset, length: 0, marker: fnv1a(await this.before(offset)) };
  }

  /** Whether the bytes that `position` was taken from are (still) here. */
  async holds(position: Position): Promise<boolean> {
    const { inode, prefixLength, prefixHash } = position.segment;
    if (prefixLength === 0 && inode !== this.#identity.inode) return false;
    const prefix = await this.read(Buffer.alloc(prefixLength), 0);
    if (prefix.length < prefixLength || fnv1a(prefix) !== prefixHash) return false;
    const end = endOf(position);
    const before = await this.before(end);
    return before.length === Math.min(markerBytes, end) && fnv1a(before) === position.marker;
  }

  /**
   * Takes more of the beginning into the identity while the file is short; positions taken before stay valid.
   * Synchronous, so that the first records of a new file already carry it.
   */
  sharpen(): void {
    if (this.#identity.prefixLength < prefixBytes) this.reidentify();
  }

  /** Looks at the beginning again: the file was emptied and written anew. */
  reidentify(): void {
    this.#identity = identify(this.fd, this.#identity.inode);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function identify(fd: number, inode: number): SegmentIdentity {
  const prefix = Buffer.alloc(prefixBytes);
  const prefixLength = readSync(fd, prefix, 0, prefixBytes, 0);
  return { inode, prefixLength, prefixHash: fnv1a(prefix, 0, prefixLength) };
}
