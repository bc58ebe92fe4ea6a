import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';
import type { SourceConfig } from '../config.ts';
import type { Location } from '../file/listing.ts';
import { rotatedFrom } from '../file/rotated-name.ts';
import type { FileState } from '../file/state.ts';
import { type Grantee, granteesNamed } from './grant.ts';

/** A log that the configuration provides, and where it is. */
export interface ProvidedLog {
  name: string;
  location: Location;
  format: string | null;
  timezone: string | null;
  /** Who may read it besides administrators and whose it is. */
  grantees: readonly Grantee[];
  /** Why there is nothing to be read yet, or never will be; left out: its files tell. */
  unavailable?: FileState;
}

/**
 * The logs that the configured sources stand for now. A path without wildcards is a log whether or not the file is
 * there; a pattern stands for the files that match it, but for the rotated predecessors of others.
 */
export async function expandSources(sources: SourceConfig[]): Promise<ProvidedLog[]> {
  const logs = new Map<string, ProvidedLog>();
  for (const source of sources) {
    const { isGlob, base } = picomatch.scan(source.path);
    const paths = isGlob ? await matchingFiles(source.path, base) : [source.path];
    for (const path of paths) {
      const log = provided(source, path, isGlob ? base : null);
      if (!logs.has(log.name)) logs.set(log.name, log);
    }
  }
  return [...logs.values()];
}

/**
 * Files are not opened here: whether they are regular ones is seen when they are read. Symbolic links to files are
 * found; what is behind links to directories is not, for it stands elsewhere, and may lead round in a circle.
 */
async function matchingFiles(pattern: string, base: string): Promise<string[]> {
  const found = await glob(relativePattern(pattern, base), {
    cwd: base,
    absolute: true,
    dot: true,
    expandDirectories: false,
    // Without, links to files are left out as well.
    followSymbolicLinks: true,
    onlyFiles: false,
  });
  const directories = new Map<string, 'direct' | 'linked'>();
  const isDirect = (directory: string): boolean => {
    const known = directories.get(directory) ?? reach(base, directory);
    directories.set(directory, known);
    return known === 'direct';
  };
  const matches = picomatch(pattern, { dot: true });
  const files = found.filter((path) => !path.endsWith('/') && isDirect(dirname(path)));
  return [...new Set(files.map((path) => currentOf(path, matches)))].sort();
}

/** Whether a directory below `base` is really there, or behind a link on the way. */
function reach(base: string, directory: string): 'direct' | 'linked' {
  try {
    return realpathSync(directory) === join(realpathSync(base), relative(base, directory)) ? 'direct' : 'linked';
  } catch {
    // Gone meanwhile.
    return 'linked';
  }
}

const relativePattern = (pattern: string, base: string): string => relative(base, pattern);

/**
 * The log that a file belongs to: for a rotated predecessor the current file, if the pattern stands for that as well,
 * whether or not it is there: between renaming and making anew it is not.
 */
function currentOf(path: string, matches: (path: string) => boolean): string {
  const name = rotatedFrom(basename(path));
  const current = name === null ? path : join(dirname(path), name);
  return matches(current) ? current : path;
}

function provided(source: SourceConfig, path: string, base: string | null): ProvidedLog {
  const name =
    base === null ? (source.name ?? path) : source.name === undefined ? path : `${source.name}/${relative(base, path)}`;
  return {
    name,
    location: { kind: 'rotated', path },
    format: source.format ?? null,
    timezone: source.timezone ?? null,
    grantees: granteesNamed(source.readers),
  };
}
