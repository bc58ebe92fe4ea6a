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
  const isPattern = (path: string) => picomatch.scan(path).isGlob;
  const paths = sources.map(({ path }) => path);
  // A pattern is some kilobytes, and most sources are plain paths.
  const named = new Set(paths.filter((path) => !isPattern(path)).map(realPrefix));
  const patterns = paths.filter(isPattern).map((path) => picomatch(realPrefix(path), { dot: true }));
  const ownLogs = join(dataDir, 'log');
  const bases = [...new Set([...paths.map(baseOf), ownLogs])];
  return (realPath, path) => {
    if (isInside(realPath, real(dataDir)) && !isInside(realPath, real(ownLogs))) return false;
    return isBeside(realPath, path, bases) || named.has(realPath) || patterns.some((matches) => matches(realPath));
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
