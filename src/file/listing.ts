import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileIdentity } from '../entry.ts';
import { RefusedFileError } from './open.ts';
import { type Packing, packingOf, unpackedName } from './packing.ts';
import { rotatedFrom, rotationDate, rotationNumber } from './rotated-name.ts';

/**
 * Where a log's files are: one file with its rotated predecessors, one file a day that is never renamed, or one that is
 * whole, to which nothing is written any more.
 */
export type Location =
  | { kind: 'rotated'; path: string }
  | { kind: 'whole'; path: string }
  | { kind: 'daily'; directory: string; prefix: string; suffix: string };

/** One file of a chain as the directory shows it, not opened. */
export interface ChainFile extends FileIdentity {
  name: string;
  path: string;
  device: number;
  /** Bytes on disk. */
  size: number;
  /** Milliseconds since 1970, UTC. */
  modifiedAt: number;
  /** Null when it is not compressed. */
  packing: Packing | null;
}

export const directoryOf = (location: Location): string =>
  location.kind === 'daily' ? location.directory : dirname(location.path);

/** Times that a directory is looked at while its names shift. */
const looks = 10;

/**
 * The files that are there now, oldest first; none when there is no such directory. Names shift while a log is
 * rotated, so a look counts only when nothing was renamed meanwhile.
 *
 * @throws {RefusedFileError} BUSY when the directory cannot be looked at just now
 */
export async function listFiles(location: Location): Promise<ChainFile[]> {
  const directory = directoryOf(location);
  let files: ChainFile[] = [];
  for (let attempt = 0; attempt < looks; attempt++) {
    const before = await renamedAt(directory);
    const found = await inOrder(location);
    if ((await renamedAt(directory)) === before || (attempt > 0 && sameNames(files, found))) return found;
    files = found;
    await sleep(attempt);
  }
  return files;
}

/** One file of a directory; null when it is not there, or no regular one. */
export async function lookAt(directory: string, name: string): Promise<ChainFile | null> {
  const path = join(directory, name);
  const stats = await stat(path).catch(() => null);
  if (!stats?.isFile()) return null;
  const { dev: device, ino: inode, size, mtimeMs: modifiedAt } = stats;
  const bornAt = Math.floor(stats.birthtimeMs);
  return { name, path, device, inode, bornAt, size, modifiedAt, packing: packingOf(name) };
}

async function inOrder(location: Location): Promise<ChainFile[]> {
  const names = await namesOf(location);
  const looked = await Promise.all(names.map((name) => lookAt(directoryOf(location), name)));
  const files = looked.filter((file) => file !== null);
  if (location.kind === 'daily') return files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const current = basename(location.path);
  const rotated = files.filter(({ name }) => name !== current);
  const numbered = rotated.filter(({ name }) => rotationNumber(name) !== null);
  const dated = rotated.filter(({ name }) => rotationDate(name) !== null);
  numbered.sort((a, b) => (rotationNumber(b.name) ?? 0) - (rotationNumber(a.name) ?? 0));
  dated.sort((a, b) => ((rotationDate(a.name) ?? '') < (rotationDate(b.name) ?? '') ? -1 : 1));
  // Both are there after the way of rotating was changed: what was left of the old way is older.
  const groups = [numbered, dated].sort((a, b) => newest(a) - newest(b));
  return onceEach([...groups.flat(), ...files.filter(({ name }) => name === current)]);
}

/**
 * A file of two names is there once, under the later of them: the name that is written to may be a link to a dated file
 * (rotatelogs -L, cronolog -S), and some link a file to its next name before they take the old one away.
 */
function onceEach(files: ChainFile[]): ChainFile[] {
  const key = ({ inode, device, name }: ChainFile) => (inode === 0 ? name : `${device} ${inode}`);
  return [...new Map(files.map((file) => [key(file), file])).values()];
}

/** The names that belong to the chain, in no order. */
async function namesOf(location: Location): Promise<string[]> {
  if (location.kind === 'whole') return [basename(location.path)];
  const names = await readdir(directoryOf(location)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    // A directory that may be passed through, but not be looked into: the current name leads to its file all the same.
    if (error.code === 'EACCES' && location.kind === 'rotated') return [basename(location.path)];
    throw new RefusedFileError('BUSY', `Its directory cannot be looked at (${error.code}).`);
  });
  if (location.kind === 'daily') {
    const { prefix, suffix } = location;
    const own = new Set(names.filter((name) => name.startsWith(prefix) && unpackedName(name).endsWith(suffix)));
    return [...own].filter((name) => unpackedName(name) === name || !own.has(unpackedName(name)));
  }
  const current = basename(location.path);
  const own = new Set(names.filter((name) => name === current || rotatedFrom(name) === current));
  // While a file is being compressed it is there twice, and only the plain one is whole.
  return [...own].filter((name) => unpackedName(name) === name || !own.has(unpackedName(name)));
}

/** When a name in a directory last came, went or changed; the resolution is the file system's. */
async function renamedAt(directory: string): Promise<bigint | null> {
  const stats = await stat(directory, { bigint: true }).catch(() => null);
  return stats?.mtimeNs ?? null;
}

const sameNames = (a: ChainFile[], b: ChainFile[]): boolean =>
  a.length === b.length && a.every((file, index) => file.name === b[index]?.name && file.inode === b[index]?.inode);

const newest = (files: ChainFile[]): number => Math.max(0, ...files.map(({ modifiedAt }) => modifiedAt));
