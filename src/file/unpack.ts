import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LimitReachedError, OperatorError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { contentOf, DamagedFileError, type Packing } from './packing.ts';
import { prefixBytes } from './segment.ts';

/** A compressed file. All but its name tell it, as it is now, from others. */
export interface PackedFile {
  packing: Packing;
  device: number;
  inode: number;
  size: number;
  modifiedAt: number;
}

/** What is known of the content of a compressed file. */
export interface Content {
  /** Its first bytes, as many as tell a segment. */
  beginning: Buffer;
  /** Bytes; null until it was read to its end. */
  size: number | null;
  /** Why there is not more of it, in words; null when that is all, as far as is known. */
  problem: string | null;
}

type UnpackLimits = Pick<Limits, 'maxUnpackedBytes' | 'unpackedCacheBytes'>;

/** Files of whose content is remembered what is known: about 500 bytes each. */
const mostKnown = 10_000;

/**
 * Compressed files as plain ones, which can be read from any place.
 *
 * A file is unpacked when it is read, once however many readers wait for it, into a directory of the server's own; the
 * last used are kept there for the next reader. One file is unpacked at a time: so disk and threads are left to those
 * who follow logs, and there is never more on the disk than what may be kept, and one file. Damaged files, and those
 * that expand beyond the limit, are read as far as they have whole lines.
 */
export class Unpacker {
  readonly #directory: string;
  readonly #limits: UnpackLimits;
  /** Those learnt of first come first. */
  readonly #known = new Map<string, Content>();
  /** Bytes of the unpacked files that are there, those used least recently first. */
  readonly #kept = new Map<string, number>();
  readonly #working = new Map<string, Promise<void>>();
  #turn: Promise<void> = Promise.resolve();
  #state: 'open' | 'closed' = 'open';

  constructor(directory: string, limits: UnpackLimits) {
    this.#directory = directory;
    this.#limits = limits;
  }

  /**
   * Removes what an earlier run left.
   *
   * @throws {OperatorError} when that is not possible
   */
  async clear(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true }).catch(({ code }: NodeJS.ErrnoException) => {
      throw new OperatorError(
        `Cannot remove ${this.#directory} (${code}), which is made anew; let the server do that.`,
      );
    });
  }

  /** What is known already. */
  known(file: PackedFile): Content | null {
    return this.#known.get(keyOf(file)) ?? null;
  }

  /**
   * Reads no more than the beginning of a compressed file.
   *
   * @param packed the file itself; stays open, also in `open`
   * @throws {RefusedFileError} when Node cannot read what is compressed in this way, as does `open`
   */
  async peek(file: PackedFile, packed: FileHandle): Promise<Content> {
    const portions: Buffer[] = [];
    const { bytes, wholeLines, ended } = await readContent(file, packed, prefixBytes, async (portion) => {
      portions.push(portion);
    });
    const size = ended instanceof DamagedFileError ? wholeLines : bytes;
    const beginning = Buffer.concat(portions).subarray(0, size);
    if (ended === 'limit') return this.#learn(file, { beginning, size: null, problem: null });
    return this.#learn(file, { beginning, size, problem: ended === 'all' ? null : ended.message });
  }

  /**
   * The content of a compressed file, as a file to read; whoever opens it closes it.
   *
   * @throws {LimitReachedError} when there is no room on the disk
   */
  async open(file: PackedFile, packed: FileHandle): Promise<FileHandle> {
    const key = keyOf(file);
    for (;;) {
      if (!this.#kept.has(key)) await (this.#working.get(key) ?? this.#begin(file, packed));
      const content = await open(this.#pathOf(key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      const bytes = this.#kept.get(key);
      this.#kept.delete(key);
      if (content === null) continue;
      if (bytes !== undefined) this.#kept.set(key, bytes);
      return content;
    }
  }

  /** Gives up what is under way, and removes what was kept. */
  async close(): Promise<void> {
    this.#state = 'closed';
    await Promise.allSettled(this.#working.values());
    await this.clear();
  }

  #begin(file: PackedFile, packed: FileHandle): Promise<void> {
    const key = keyOf(file);
    const work = this.#turn.then(() => this.#unpack(file, packed)).finally(() => this.#working.delete(key));
    this.#working.set(key, work);
    this.#turn = work.catch(() => {});
    return work;
  }

  async #unpack(file: PackedFile, packed: FileHandle): Promise<void> {
    this.#mustBeOpen();
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const key = keyOf(file);
    const path = this.#pathOf(key);
    // Not overwritten: a reader may still have it open.
    await rm(path, { force: true });
    const target = await open(path, 'wx+', 0o600);
    try {
      const content = await this.#fill(target, file, packed);
      this.#learn(file, content);
      this.#kept.set(key, content.size);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await target.close();
    }
    await this.#makeRoom(key);
  }

  async #fill(target: FileHandle, file: PackedFile, packed: FileHandle): Promise<Content & { size: number }> {
    const { maxUnpackedBytes } = this.#limits;
    const { bytes, wholeLines, ended } = await readContent(file, packed, maxUnpackedBytes, async (portion) => {
      this.#mustBeOpen();
      await target.writeFile(portion).catch(explainFullDisk);
    });
    const size = ended === 'all' ? bytes : wholeLines;
    // The rest of a line may still come, as when the file is being copied here.
    if (size < bytes) await target.truncate(size);
    // As that of the file, so that a segment tells when its entries were written.
    await target.utimes(file.modifiedAt / 1000, file.modifiedAt / 1000);
    const { buffer, bytesRead } = await target.read(Buffer.alloc(prefixBytes), 0, prefixBytes, 0);
    return { beginning: buffer.subarray(0, bytesRead), size, problem: this.#problemOf(ended) };
  }

  #problemOf(ended: Ending): string | null {
    if (ended === 'all') return null;
    if (ended !== 'limit') return ended.message;
    const { maxUnpackedBytes } = this.#limits;
    return `Its content is longer than ${maxUnpackedBytes} bytes: only the whole lines before that can be read; raise "limits.maxUnpackedBytes" to read more.`;
  }

  #learn(file: PackedFile, content: Content): Content {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= mostKnown) this.#known.delete(oldest);
    this.#known.set(keyOf(file), content);
    return content;
  }

  /** Removes what was used least recently, until the rest may be kept. What is open somewhere stays readable there. */
  async #makeRoom(newest: string): Promise<void> {
    let bytes = [...this.#kept.values()].reduce((sum, size) => sum + size, 0);
    for (const [key, size] of [...this.#kept]) {
      if (bytes <= this.#limits.unpackedCacheBytes) return;
      if (key === newest) continue;
      this.#kept.delete(key);
      await rm(this.#pathOf(key), { force: true });
      bytes -= size;
    }
  }

  #mustBeOpen(): void {
    if (this.#state === 'closed') throw new Error('The server is stopping.');
  }

  #pathOf(key: string): string {
    return join(this.#directory, key);
  }
}

const keyOf = ({ device, inode, size, modifiedAt }: PackedFile): string => [device, inode, size, modifiedAt].join('-');

type Ending = 'all' | 'limit' | DamagedFileError;

/** Hands out content up to so many bytes; tells how many, up to where they are whole lines, and why there are no more. */
async function readContent(
  { packing }: PackedFile,
  packed: FileHandle,
  limit: number,
  take: (portion: Buffer) => Promise<void>,
): Promise<{ bytes: number; wholeLines: number; ended: Ending }> {
  let bytes = 0;
  let wholeLines = 0;
  try {
    for await (const portion of contentOf(packed, packing)) {
      const taken = portion.subarray(0, limit - bytes);
      await take(taken);
      const newline = taken.lastIndexOf(10);
      if (newline !== -1) wholeLines = bytes + newline + 1;
      bytes += taken.length;
      if (taken.length < portion.length) return { bytes, wholeLines, ended: 'limit' };
    }
    return { bytes, wholeLines, ended: 'all' };
  } catch (error) {
    if (error instanceof DamagedFileError) return { bytes, wholeLines, ended: error };
    throw error;
  }
}

function explainFullDisk(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
  throw new LimitReachedError(
    'A compressed part of the log cannot be unpacked: there is no room in the data directory. Try again once there is.',
    { retryAfterMs: 60_000 },
  );
}
