import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sealed, type Tip } from '../audit/link.ts';
import type { Position } from '../entry.ts';
import { LimitReachedError } from '../errors.ts';
import { Segment } from '../file/segment.ts';
import { StorageError } from '../storage/storage.ts';

/** Which file a stream goes on in at a moment, and how large it may become before another one follows; null: as it likes. */
export interface Segmentation {
  path(now: number): string;
  /** Path of the file that was written to last; null: there is none, or it is compressed by now. */
  last(): Promise<string | null>;
  maxBytes: number | null;
  /** The last record of a chain that each record is tied to; null: records are not tied together. */
  tip: (() => Promise<Tip>) | null;
}

/** Records that wait to be written, and who waits for that. */
interface Waiting {
  bytes: Buffer;
  /** Called just before it is written, with what will stand where; what it does is done when it is. */
  intend: ((place: Place, lines: Buffer) => Promise<void>) | null;
  until: Until;
  resolve(end: Position): void;
  reject(error: unknown): void;
}

/** When whoever appends is answered: `written` is what a crash of the machine may take, until something is `on the disk`. */
export type Until = 'written' | 'on the disk';

/** Where records stand: in which file, whatever it is called by now, and at which bytes. */
export interface Place {
  inode: number;
  offset: number;
  length: number;
}

/** Bytes that may wait for the disk: more would pile up when that is slower than those who write. */
const mostWaitingBytes = 16 * 1024 * 1024;

/**
 * The one writer of a stream. Whoever appends is answered when the disk has what they wrote; all who wait meanwhile are
 * written together, each as a whole. What was written in part, by a disk that is full or a server that was killed, is taken
 * back before anything else is written.
 */
export class Appender {
  readonly #segmentation: Segmentation;
  #file: { path: string; handle: FileHandle; segment: Segment; size: number } | null = null;
  /** The last record that was written; null: ask. */
  #tip: Tip | null = null;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | null = null;

  constructor(segmentation: Segmentation) {
    this.#segmentation = segmentation;
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return this.#writing === null;
  }

  /** Makes the file that comes first, if there is none, so that there is something to follow. */
  async prepare(): Promise<void> {
    await this.#exclusively(async () => {
      await this.#current(0);
    });
  }

  /**
   * Appends whole lines; none, to be answered when all before are on the disk.
   *
   * @returns where they end
   * @throws {LimitReachedError} when too much waits already
   * @throws {StorageError} when they cannot be written; then nothing of them is
   */
  append(bytes: Buffer, until: Until, intend: Waiting['intend'] = null): Promise<Position> {
    if (this.#waitingBytes + bytes.length > mostWaitingBytes && this.#waiting.length > 0) {
      const message = 'More is written to this stream than the disk takes; try again in a moment.';
      return Promise.reject(new LimitReachedError(message, { limit: mostWaitingBytes, retryAfterMs: 100 }));
    }
    this.#waitingBytes += bytes.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, until, intend, resolve, reject });
      this.#writing ??= this.#write().finally(() => {
        this.#writing = null;
      });
    });
  }

  /** Does something while nothing is written, and nothing is open. */
  async #exclusively(work: () => Promise<void>): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    this.#writing = work().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  /** Everything is written, and the file closed; whoever appends opens it again. */
  async rest(work: () => Promise<void> = async () => {}): Promise<void> {
    await this.#exclusively(async () => {
      await this.#close();
      await work();
    });
  }

  async #write(): Promise<void> {
    // Whoever comes in the same moment is written along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#writeBatch(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
  }

  async #writeBatch(batch: Waiting[]): Promise<void> {
    const file = await this.#current(batch.reduce((sum, { bytes }) => sum + bytes.length, 0));
    const { lines, tip } = await this.#sealed(batch);
    const start = file.size;
    let offset = start;
    for (const [index, { intend }] of batch.entries()) {
      const own = lines[index] ?? Buffer.alloc(0);
      await intend?.({ inode: file.segment.inode, offset, length: own.length }, own);
      offset += own.length;
    }
    const [only] = lines;
    const bytes = lines.length === 1 && only !== undefined ? only : Buffer.concat(lines);
    try {
      for (let at = 0; at < bytes.length; ) {
        at += (await file.handle.write(bytes, at, bytes.length - at, start + at)).bytesWritten;
      }
      if (batch.some(({ until }) => until === 'on the disk')) await file.handle.datasync();
      file.size += bytes.length;
      this.#tip = tip;
    } catch (error) {
      await this.#takeBack(start);
      throw cannot(error);
    }
    let end = start;
    for (const [index, { resolve, reject }] of batch.entries()) {
      end += lines[index]?.length ?? 0;
      await file.segment.positionAt(end).then(resolve, reject);
    }
  }

  /** What is to be written of each, tied to what was written before where that is so. */
  async #sealed(batch: Waiting[]): Promise<{ lines: Buffer[]; tip: Tip | null }> {
    if (this.#segmentation.tip === null) return { lines: batch.map(({ bytes }) => bytes), tip: null };
    let tip = this.#tip ?? (await this.#segmentation.tip());
    const lines = batch.map(({ bytes }) => {
      const one = sealed(bytes, tip);
      tip = one.tip;
      return one.lines;
    });
    return { lines, tip };
  }

  /** Nothing stands after byte `size` any more. If that cannot be done now, it is when the file is opened again. */
  async #takeBack(size: number): Promise<void> {
    await this.#file?.handle.truncate(size).catch(() => {});
    await this.#close();
  }

  /** The file that so many bytes go to, open. */
  async #current(bytes: number) {
    const path = this.#segmentation.path(Date.now());
    const { maxBytes } = this.#segmentation;
    if (this.#file !== null && this.#file.path !== path) {
      await this.#file.handle.datasync().catch(rethrow);
      await this.#close();
    }
    this.#file ??= await this.#open(path);
    if (maxBytes === null || this.#file.size === 0 || this.#file.size + bytes <= maxBytes) return this.#file;
    await this.#file.handle.datasync().catch(rethrow);
    await this.#close();
    await rotate(path);
    this.#file = await openWhole(path);
    return this.#file;
  }

  /** Not before that is whole which was written to last: a server may have been killed there, and this be another day. */
  async #open(path: string) {
    const last = await this.#segmentation.last();
    if (last !== null && last !== path) await (await openWhole(last)).handle.close();
    return openWhole(path);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    this.#tip = null;
    await file?.handle.close();
  }
}

/** Opens a file to go on after its last whole line: half a line was never acknowledged. */
async function openWhole(path: string) {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch(rethrow);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600).catch(rethrow);
  try {
    const stats = await handle.stat();
    // The name of a new file is on the disk only when the directory is.
    if (stats.size === 0) await syncDirectory(dirname(path));
    const size = await lastLineEnd(handle, stats.size);
    if (size < stats.size) await handle.truncate(size);
    return { path, handle, segment: Segment.of(path, { handle, stats }), size };
  } catch (error) {
    await handle.close();
    throw cannot(error);
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Bytes looked back over at once for the last line end. */
const blockBytes = 64 * 1024;

async function lastLineEnd(handle: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (at !== -1) return start + at + 1;
    end = start;
  }
  return 0;
}

/** Gives the file a name with its time, by which the files of a log are in order; of a moment later, if that is taken. */
async function rotate(path: string): Promise<void> {
  const [directory, name] = [dirname(path), basename(path)];
  const taken = await readdir(directory).catch(rethrow);
  let now = new Date();
  const stamp = () => {
    const day = now.toISOString().slice(0, 10).replaceAll('-', '');
    return `${name}-${day}-${Math.floor(now.getTime() / 1000)}`;
  };
  while (taken.some((other) => other.startsWith(stamp()))) now = new Date(now.getTime() + 1000);
  await rename(path, join(directory, stamp())).catch(rethrow);
}

const rethrow = (error: unknown): never => {
  throw cannot(error);
};

function cannot(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StorageError) return error;
  const code = 'code' in error ? String(error.code) : error.message;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const message = isFull
    ? 'The disk of the server is full, so nothing was written; try again when there is room.'
    : `The stream cannot be written (${code}); try again later.`;
  return new StorageError(isFull ? 'full' : 'unavailable', message, { cause: error });
}
