import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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

  /** The files that are there now. Empty when there are none, or the directory cannot be read. */
  async list(): Promise<ChainFile[]> {
    const names = await readdir(this.directory).catch(() => []);
    const files = await Promise.all(this.#order(names).map((name) => this.#look(name)));
    return files.filter((file) => file !== null);
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
    const segment = await Segment.open(file.path, this.#permits);
    if (segment.inode === file.inode) return segment;
    await segment.close();
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
      const segment = await this.open(file).catch(() => null);
      if (segment === null) continue;
      try {
        if (await segment.holds(position)) return index;
      } finally {
        await segment.close();
      }
    }
    return -1;
  }

  async #look(name: string): Promise<ChainFile | null> {
    const path = join(this.directory, name);
    const stats = await stat(path).catch(() => null);
    if (!stats?.isFile()) return null;
    return {
      name,
      path,
      inode: stats.ino,
      size: stats.size,
      modifiedAt: stats.mtimeMs,
      compressed: /\.(gz|zst)$/.test(name),
    };
  }

  /** The names that belong to the chain, oldest first. */
  #order(names: string[]): string[] {
    if (this.location.kind === 'daily') {
      const { prefix, suffix } = this.location;
      return names.filter((name) => name.startsWith(prefix) && name.endsWith(suffix)).sort();
    }
    const current = basename(this.location.path);
    const ages = names
      .map((name) => ({ name, age: rotationAge(current, name) }))
      .filter((named): named is { name: string; age: number } => named.age !== null);
    return ages.sort((a, b) => b.age - a.age || a.name.localeCompare(b.name)).map(({ name }) => name);
  }
}

/** Index of the file with this inode; -1 when there is none. */
export function indexOf(files: ChainFile[], inode: number): number {
  return inode === 0 ? -1 : files.findIndex((file) => file.inode === inode);
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

/**
 * How far back a file of the chain is: 0 for the one being written, then by number, and dated ones by how early they
 * are, before all numbers. Null for a file that only shares the beginning of the name.
 */
function rotationAge(current: string, name: string): number | null {
  if (name === current) return 0;
  if (rotatedFrom(name) !== current) return null;
  const dated = datedSuffix.exec(name);
  if (dated === null) return Number(numberedSuffix.exec(name)?.[1]) + 1;
  const [, year, month, day, within = '0'] = dated;
  return 1e12 - (Number(year) * 10_000 + Number(month) * 100 + Number(day)) * 1e4 - Number(within.slice(0, 4));
}
