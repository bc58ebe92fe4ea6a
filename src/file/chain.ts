import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isBeginning, type Position } from '../entry.ts';
import { type Permits, RefusedFileError } from './open.ts';
import { Segment } from './segment.ts';

/** Where a log's files are: one file with its rotated predecessors, or one file a day that is never renamed. */
export type Location =
  | { kind: 'rotated'; path: string }
  | { kind: 'daily'; directory: string; prefix: string; suffix: string };

/** One file of a chain as the directory shows it, not opened. */
export interface ChainFile {
  name: string;
  path: string;
  inode: number;
  /** Bytes on disk. */
  size: number;
  /** Milliseconds since 1970, UTC. */
  modifiedAt: number;
  compressed: boolean;
}

/** The log was rotated between a look at its directory and the opening of one of its files. */
export class ChainMovedError extends Error {
  constructor() {
    super('The log was rotated meanwhile.');
  }
}

/** A log's files, oldest first; the last one is being written. */
export class Chain {
  readonly location: Location;
  readonly #permits: Permits;

  constructor(location: Location, permits: Permits) {
    this.location = location;
    this.#permits = permits;
  }

  get directory(): string {
    return this.location.kind === 'daily' ? this.location.directory : dirname(this.location.path);
  }

  /** The path to show to operators. */
  get path(): string {
    const { location } = this;
    return location.kind === 'rotated'
      ? location.path
      : join(location.directory, `${location.prefix}*${location.suffix}`);
  }

  /** Whether a change of this name in the directory may concern the log. */
  concerns(name: string): boolean {
    return this.location.kind === 'daily'
      ? name.startsWith(this.location.prefix)
      : name.startsWith(basename(this.location.path));
  }

  /**
   * The files that are there now; none when there is no such directory. Names shift while a log is rotated, so a look
   * counts only when nothing was renamed meanwhile.
   *
   * @throws {RefusedFileError} BUSY when the directory cannot be looked at just now
   */
  async list(): Promise<ChainFile[]> {
    let files: ChainFile[] = [];
    for (let attempt = 0; attempt < looks; attempt++) {
      const before = await this.#renamedAt();
      const found = await this.#look();
      if ((await this.#renamedAt()) === before || (attempt > 0 && sameNames(files, found))) return found;
      files = found;
      await sleep(attempt);
    }
    return files;
  }

  /**
   * Opens the file that is being written: by name, so that what is wrong with it is told.
   *
   * @throws {RefusedFileError} when there is none, or it may not be read
   */
  async openLast(): Promise<Segment> {
    if (this.location.kind === 'rotated') return Segment.open(this.location.path, this.#permits);
    const last = (await this.list()).at(-1);
    if (last === undefined) throw new RefusedFileError('MISSING', 'Nothing has been written to it yet.');
    return Segment.open(last.path, this.#permits);
  }

  /**
   * @throws {ChainMovedError} when the name leads to another file than when it was listed: list again
   * @throws {RefusedFileError} when it may not be read
   */
  async open(file: ChainFile): Promise<Segment> {
    try {
      const segment = await Segment.open(file.path, this.#permits);
      if (segment.inode === file.inode) return segment;
      await segment.close();
    } catch (error) {
      if (!(error instanceof RefusedFileError) || error.refusal !== 'MISSING') throw error;
    }
    throw new ChainMovedError();
  }

  /** Text that changes when the name leads to another file, or its owner or permissions change; null: look yourself. */
  async signature(): Promise<string | null> {
    if (this.location.kind === 'daily') return null;
    const stats = await stat(this.location.path).catch(() => null);
    return stats && [stats.dev, stats.ino, stats.mode, stats.uid, stats.gid].join(' ');
  }

  /** Index in `files` of the file that `position` is in; -1 when none of them holds its bytes any more. */
  async find(files: ChainFile[], position: Position): Promise<number> {
    if (isBeginning(position)) return files.length > 0 ? 0 : -1;
    const byInode = indexOf(files, position.segment.inode);
    const order = [byInode, ...files.keys()].filter((index, at, all) => index !== -1 && all.indexOf(index) === at);
    for (const index of order) {
      const file = files[index];
      if (file === undefined || file.compressed || file.size < position.offset + position.length) continue;
      const segment = await this.openReadable(file);
      if (segment === null) continue;
      try {
        if (await segment.holds(position)) return index;
      } finally {
        await segment.close();
      }
    }
    return -1;
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

  async #look(): Promise<ChainFile[]> {
    const files = (await Promise.all((await this.#names()).map((name) => this.#stat(name)))).filter(
      (file) => file !== null,
    );
    if (this.location.kind === 'daily') return files.sort((a, b) => (a.name < b.name ? -1 : 1));
    const current = basename(this.location.path);
    const numbered = files.filter(({ name }) => numberOf(current, name) !== null);
    const dated = files.filter(({ name }) => dateOf(current, name) !== null);
    numbered.sort((a, b) => (numberOf(current, b.name) ?? 0) - (numberOf(current, a.name) ?? 0));
    dated.sort((a, b) => ((dateOf(current, a.name) ?? '') < (dateOf(current, b.name) ?? '') ? -1 : 1));
    // Both are there after the way of rotating was changed: what was left of the old way is older.
    const groups = [numbered, dated].sort((a, b) => newest(a) - newest(b));
    return [...groups.flat(), ...files.filter(({ name }) => name === current)];
  }

  async #stat(name: string): Promise<ChainFile | null> {
    const path = join(this.directory, name);
    const stats = await stat(path).catch(() => null);
    if (!stats?.isFile()) return null;
    const compressed = /\.(gz|zst)$/.test(name);
    return { name, path, inode: stats.ino, size: stats.size, modifiedAt: stats.mtimeMs, compressed };
  }

  /** The names that belong to the chain, in no order. */
  async #names(): Promise<string[]> {
    const names = await readdir(this.directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      // A directory that may be passed through, but not be looked into: the current name leads to its file all the same.
      if (error.code === 'EACCES' && this.location.kind === 'rotated') return [basename(this.location.path)];
      throw new RefusedFileError('BUSY', `Its directory cannot be looked at (${error.code}).`);
    });
    if (this.location.kind === 'daily') {
      const { prefix, suffix } = this.location;
      return names.filter((name) => name.startsWith(prefix) && name.endsWith(suffix));
    }
    const current = basename(this.location.path);
    return names.filter((name) => name === current || rotatedFrom(name) === current);
  }

  /** When a name in the directory last came, went or changed; the resolution is the file system's. */
  async #renamedAt(): Promise<bigint | null> {
    const stats = await stat(this.directory, { bigint: true }).catch(() => null);
    return stats?.mtimeNs ?? null;
  }
}

/** Times that a directory is looked at while its names shift. */
const looks = 10;

const sameNames = (a: ChainFile[], b: ChainFile[]): boolean =>
  a.length === b.length && a.every((file, index) => file.name === b[index]?.name && file.inode === b[index]?.inode);

const newest = (files: ChainFile[]): number => Math.max(0, ...files.map(({ modifiedAt }) => modifiedAt));

/**
 * Index of the file that is written to: the newest that has something in it. After a rotation the new file is empty
 * until its writer has opened it, and goes on in the old one.
 */
export function currentIndex(files: ChainFile[]): number {
  const written = files.findLastIndex((file) => file.size > 0 && !file.compressed);
  return written === -1 ? files.length - 1 : written;
}

/** Index of the file with this inode; -1 when there is none. */
export function indexOf(files: ChainFile[], inode: number): number {
  return inode === 0 ? -1 : files.findIndex((file) => file.inode === inode);
}

/**
 * What may follow a file that is no longer there under any name: the files written since, else the last one, which a
 * late writer of the old file may have overtaken.
 */
export function writtenSince(files: ChainFile[], modifiedAt: number): ChainFile[] {
  const since = files.filter((file) => file.modifiedAt >= modifiedAt && !file.compressed);
  return since.length > 0 ? since : files.slice(-1);
}

/** `.1`, `.2.gz`: numbered by logrotate, the higher the older. */
const numberedSuffix = /\.(\d{1,5})(?:\.(?:gz|zst))?$/;
/** `-20261121`, `.2026-11-21`, with hours or seconds since 1970 appended: logrotate's dateext and its kin. */
const datedSuffix = /[-.](\d{4})-?(\d{2})-?(\d{2})(?:-?(\d{2,10}))?(?:\.(?:gz|zst))?$/;

/** The name of the file that one of this name was rotated from; null when the name does not look rotated. */
export function rotatedFrom(name: string): string | null {
  const suffix = datedSuffix.exec(name) ?? numberedSuffix.exec(name);
  return suffix === null || suffix.index === 0 ? null : name.slice(0, suffix.index);
}

/** The number at the end of a predecessor's name, the higher the older; null when it has none, or a date. */
function numberOf(current: string, name: string): number | null {
  if (rotatedFrom(name) !== current || datedSuffix.test(name)) return null;
  return Number(numberedSuffix.exec(name)?.[1]);
}

/** The date at the end of a predecessor's name, as text that sorts; null when it has none. */
function dateOf(current: string, name: string): string | null {
  const date = rotatedFrom(name) === current ? datedSuffix.exec(name) : null;
  return date?.slice(1).join('') ?? null;
}
