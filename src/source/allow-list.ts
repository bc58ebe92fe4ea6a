import { realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import picomatch from 'picomatch';
import type { SourceConfig } from '../config.ts';
import type { Permits } from '../file/open.ts';

/**
 * Which files the engine may read, given where they really are.
 *
 * A symbolic link may lead to a file in its own directory (`current.log -> app-2026.log`), or to one that the
 * configuration names itself; nowhere else, because whoever may write in a log directory could otherwise have any
 * file read. The server's own files are out of bounds, but for its logs.
 */
export function allowList(sources: SourceConfig[], dataDir: string): Permits {
  const named = sources.map(({ path }) => picomatch(realPrefix(path), { dot: true }));
  const ownLogs = join(dataDir, 'log');
  const bases = [...sources.map(({ path }) => baseOf(path)), ownLogs];
  return (realPath, path) => {
    if (isInside(realPath, real(dataDir)) && !isInside(realPath, real(ownLogs))) return false;
    return isBeside(realPath, path, bases) || named.some((matches) => matches(realPath));
  };
}

/** Whether a file is in the directory of its name, and that is below what the configuration names, links resolved. */
function isBeside(realPath: string, path: string, bases: string[]): boolean {
  const directory = dirname(path);
  const realDirectory = real(directory);
  if (dirname(realPath) !== realDirectory) return false;
  return bases.some((base) => isInside(directory, base) && isInside(realDirectory, real(base)));
}

const isInside = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);

/** The directory that a path or pattern names without wildcards. */
function baseOf(pattern: string): string {
  const { base, glob } = picomatch.scan(pattern);
  return glob === '' ? dirname(pattern) : base;
}

/** The pattern with the links in its literal beginning resolved, so that it can be held against real paths. */
function realPrefix(pattern: string): string {
  const { base, glob } = picomatch.scan(pattern);
  return glob === '' ? join(real(dirname(base)), base.slice(dirname(base).length)) : join(real(base), glob);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there (yet): then nothing is behind it either, and the name is all there is to compare.
    return path;
  }
}
