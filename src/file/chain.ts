import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { endOf, isPlaceInTime, isSameFile, type Position } from '../entry.ts';
import { progressOf } from './copying.ts';
import { fnv1a } from './hash.ts';
import { markerBytes } from './line.ts';
import { type ChainFile, directoryOf, type Location, listFiles, lookAt } from './listing.ts';
import { type OpenedFile, openLog, type Permits, RefusedFileError } from './open.ts';
import { packingOf, packingProblem } from './packing.ts';
import { prefixBytes, Segment } from './segment.ts';
import type { Content, PackedFile, Unpacker } from './unpack.ts';

const isPacked = (file: ChainFile): file is ChainFile & PackedFile => file.packing !== null;

/** The log was rotated between a look at its directory and the opening of one of its files. */
export class ChainMovedError extends Error {
  constructor() {
    super('The log was rotated meanwhile.');
  }
}

/** Times that a chain is listed while one of its files is copied. */
const looks = 10;

/** Not to be told when names shift meanwhile. */
function unclear(error: unknown): 'unclear' {
  if (error instanceof ChainMovedError || error instanceof RefusedFileError) return 'unclear';
  throw error;
}

/** A log's files, oldest first; the last one is being written. */
export class Chain {
  readonly location: Location;
  readonly #permits: Permits;
  readonly #unpacker: Unpacker;

  constructor(location: Location, permits: Permits, unpacker: Unpacker) {
    this.location = location;
    this.#permits = permits;
    this.#unpacker = unpacker;
  }

  get directory(): string {
    return directoryOf(this.location);
  }

  /** The path to show to operators. */
  get path(): string {
    const { location } = this;
    return location.kind === 'daily'
      ? join(location.directory, `${location.prefix}*${location.suffix}`)
      : location.path;
  }

  /** Whether nothing is written to it any more. */
  get isWhole(): boolean {
    return this.location.kind === 'whole';
  }

  /** Whether a change of this name in the directory may concern the log. */
  concerns(name: string): boolean {
    return this.location.kind === 'daily'
      ? name.startsWith(this.location.prefix)
      : name.startsWith(basename(this.location.path));
  }

  /**
   * The files that are there now; none when there is no such directory. A copy that is being made of the one that is
   * written to is not yet one of them, for nothing is in it that is not in that.
   *
   * @throws {RefusedFileError} BUSY when the directory cannot be looked at just now
   */
  async list(): Promise<ChainFile[]> {
    for (let look = 1; ; look++) {
      const files = await listFiles(this.location);
      const [copy, original] = files.slice(-2);
      const mayBeCopied = copy?.packing === null && original?.path === this.path && isCopyOf(copy, original);
      // One that nobody writes to any longer is what it is, even where nothing but the same line is logged.
      if (!mayBeCopied || Math.abs(Date.now() - copy.modifiedAt) > lateMs) return files;
      const open = (file: ChainFile) => this.openReadable(file);
      const progress = await progressOf(copy, original, { directory: this.directory, open }).catch(unclear);
      if (progress === 'being made') return files.filter((file) => file !== copy);
      if (progress === 'made' || look === looks) return files;
    }
  }

  /**
   * Whether the file that is being written can be read: by name, so that what is wrong with it is told.
   *
   * @throws {RefusedFileError} when there is none, or it may not be read
   */
  async check(): Promise<void> {
    const { handle } = await openLog(await this.#lastPath(), this.#permits);
    await handle.close();
  }

  /**
   * Opens the file that is being written. A log may be named by a compressed file: it is read as any other, and never
   * grows.
   *
   * @throws {RefusedFileError} when there is none, or it may not be read
   */
  async openLast(): Promise<Segment> {
    const path = await this.#lastPath();
    const packed = packingOf(path) === null ? null : await lookAt(this.directory, basename(path));
    return packed === null ? Segment.of(path, await openLog(path, this.#permits)) : this.open(packed);
  }

  /**
   * Opens a file for reading; a compressed one is unpacked before, unless that was done lately.
   *
   * @throws {ChainMovedError} when the name leads to another file than when it was listed: list again
   * @throws {RefusedFileError} when it may not be read
   * @throws {LimitReachedError} when there is no room to unpack it
   */
  async open(file: ChainFile): Promise<Segment> {
    const opened = await this.#openListed(file);
    if (!isPacked(file)) return Segment.of(file.path, opened);
    try {
      return Segment.of(file.path, { ...opened, handle: await this.#unpacker.open(file, opened.handle) });
    } finally {
      await opened.handle.close();
    }
  }

  /** Bytes that can be read of a file; null for a compressed one that was not yet read to its end. */
  contentSize(file: ChainFile): number | null {
    return isPacked(file) ? (this.#unpacker.known(file)?.size ?? null) : file.size;
  }

  /** Whether nothing can be read of a file. Of a compressed one no more than the beginning is read for that. */
  async isEmpty(file: ChainFile): Promise<boolean> {
    if (!isPacked(file)) return file.size === 0;
    const content = await this.#glance(file);
    return content === null || (content.size ?? content.beginning.length) === 0;
  }

  /** Why not all of a file's entries can be read, in words; null when all can, as far as is known. */
  async problem(file: ChainFile): Promise<string | null> {
    try {
      const { handle } = await this.#openListed(file);
      await handle.close();
    } catch (error) {
      if (error instanceof RefusedFileError) return error.message;
      if (!(error instanceof ChainMovedError)) throw error;
    }
    return isPacked(file) ? (packingProblem(file.packing) ?? this.#unpacker.known(file)?.problem ?? null) : null;
  }

  /** Text that changes when the name leads to another file, or its owner or permissions change; null: look yourself. */
  async signature(): Promise<string | null> {
    if (this.location.kind === 'daily') return null;
    const stats = await stat(this.location.path).catch(() => null);
    return stats && [stats.dev, stats.ino, stats.mode, stats.uid, stats.gid].join(' ');
  }

  /**
   * Index in `files` of the file that `position` is in; -1 when none of them holds its bytes any more.
   *
   * Costs the opening of the position's own file, as long as that is there, else of each that is long enough. A
   * compressed file is unpacked for it only when it begins as the position's file did: mostly that one alone. To learn
   * what it begins with costs the reading of its first 16 KiB, once.
   */
  async find(files: ChainFile[], position: Position): Promise<number> {
    if (isPlaceInTime(position)) return writtenAfter(files, position.segment.bornAt);
    const segment = await this.openHolder(files, position);
    await segment?.close();
    return files.findIndex(({ path }) => path === segment?.path);
  }

  /** The file that `position` is in, which is not in an empty log: as `find`, but open. Null when there is none. */
  async openHolder(files: ChainFile[], position: Position): Promise<Segment | null> {
    const { segment: identity } = position;
    const same = files.findIndex((file) => isSameFile(file, identity));
    const all = [...files.keys()];
    // Of files that begin alike, the oldest that can be it: one that was still written when it came into being.
    const likely = all.filter((index) => (files[index]?.modifiedAt ?? 0) >= identity.bornAt);
    for (const index of new Set([same, ...likely, ...all])) {
      const file = files[index];
      if (file === undefined || this.#isOnlyAlike(file, position) || !(await this.#mayHold(file, position))) continue;
      const segment = await this.openReadable(file);
      if (segment === null) continue;
      const isHeld = await segment.holds(position).catch(async (error: unknown) => {
        await segment.close();
        throw error;
      });
      if (isHeld) return segment;
      await segment.close();
    }
    return null;
  }

  /** Those of its files that came after one that is in it no more. */
  newer(files: ChainFile[], than: { bornAt: number; modifiedAt: number }): ChainFile[] {
    // The file that is written to did, however old it is: it may be emptied over and over, and others be copies of it.
    return files.filter((file) => file.path === this.path || isNewer(file, than));
  }

  /** Whether a file is a copy of the one that is written to. */
  isCopy(files: ChainFile[], file: ChainFile): boolean {
    return isCopyOf(
      file,
      files.find(({ path }) => path === this.path),
    );
  }

  /** `open`; null for a file that may not be read: `Source.segments` says why. */
  async openReadable(file: ChainFile): Promise<Segment | null> {
    try {
      return await this.open(file);
    } catch (error) {
      if (error instanceof RefusedFileError && error.refusal !== 'BUSY') return null;
      throw error;
    }
  }

  async #lastPath(): Promise<string> {
    if (this.location.kind !== 'daily') return this.location.path;
    const last = (await this.list()).at(-1);
    if (last === undefined) throw new RefusedFileError('MISSING', 'Nothing has been written to it yet.');
    return last.path;
  }

  async #openListed(file: ChainFile): Promise<OpenedFile> {
    try {
      const opened = await openLog(file.path, this.#permits);
      if (opened.stats.ino === file.inode) return opened;
      await opened.handle.close();
    } catch (error) {
      if (!(error instanceof RefusedFileError) || error.refusal !== 'MISSING') throw error;
    }
    throw new ChainMovedError();
  }

  /** What is known of a compressed file, at least what it begins with; null when it may not be read. */
  async #glance(file: ChainFile & PackedFile): Promise<Content | null> {
    const known = this.#unpacker.known(file);
    if (known !== null) return known;
    try {
      const { handle } = await this.#openListed(file);
      return await this.#unpacker.peek(file, handle).finally(() => handle.close());
    } catch (error) {
      if (error instanceof RefusedFileError && error.refusal !== 'BUSY') return null;
      throw error;
    }
  }

  /** Whether too little speaks for a position's being in the file that is written to: new files often begin alike. */
  #isOnlyAlike(file: ChainFile, position: Position): boolean {
    const isShort = endOf(position) < prefixBytes + markerBytes;
    return isShort && file.path === this.path && !isSameFile(file, position.segment);
  }

  /** Whether it is worth the opening of a file to look for a position in it. */
  async #mayHold(file: ChainFile, position: Position): Promise<boolean> {
    if (!isPacked(file)) return file.size >= endOf(position);
    const content = await this.#glance(file);
    if (content === null || (content.size !== null && content.size < endOf(position))) return false;
    const { prefixLength, prefixHash } = position.segment;
    if (prefixLength === 0) return isSameFile(file, position.segment);
    return content.beginning.length >= prefixLength && fnv1a(content.beginning, 0, prefixLength) === prefixHash;
  }
}

/** Time (ms) for which writers go on in a file after it was rotated. */
const lateMs = 10_000;

/**
 * Index of the file that is written to: the newest that has something in it. After a rotation the new file is empty
 * until its writer has opened it, and goes on in the old one; but not in one that is older than a compressed one.
 */
export function currentIndex(files: ChainFile[]): number {
  const written = files.findLastIndex((file) => file.size > 0);
  return files[written]?.packing === null ? written : files.length - 1;
}

/** Index of the file with this inode of this device, as each file system has its own; -1 when there is none. */
export function indexOf(files: ChainFile[], { device, inode }: Pick<ChainFile, 'device' | 'inode'>): number {
  return inode === 0 ? -1 : files.findIndex((file) => file.inode === inode && file.device === device);
}

/**
 * Whether a file of a chain is a copy of a later one of it, made before that was emptied: for it is younger, or was written
 * when the other was there, over an older copy. Whoever copied it may have missed what was written last.
 */
export function isCopyOf({ path, packing, modifiedAt, bornAt }: ChainFile, original: ChainFile | undefined): boolean {
  if (original === undefined || original.bornAt === 0 || path === original.path) return false;
  // The last writing may be that of a writer who was late, and of a compressed file nothing else is known.
  return (packing === null && bornAt > original.bornAt) || modifiedAt > original.bornAt + lateMs;
}

/** Index of the first file with something in it that was written after `time`; -1 when there is none. */
export const writtenAfter = (files: ChainFile[], time: number): number =>
  files.findIndex(
    ({ size, modifiedAt, bornAt, packing }) => size > 0 && (modifiedAt > time || (packing === null && bornAt > time)),
  );

/**
 * Whether a file came after another one of the log. Compressing makes a new file, but leaves it the old time of
 * writing: so that is what counts, and what tells it from the other one compressed. Where births are not known, too.
 */
function isNewer({ bornAt, modifiedAt, packing }: ChainFile, than: { bornAt: number; modifiedAt: number }) {
  if (bornAt === 0 || than.bornAt === 0) return modifiedAt >= than.modifiedAt;
  if (packing === null) return bornAt > than.bornAt && modifiedAt >= than.bornAt;
  return modifiedAt > Math.max(than.bornAt, than.modifiedAt);
}
