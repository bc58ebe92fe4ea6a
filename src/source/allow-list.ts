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
  const own = real(dataDir) + sep;
  const ownLogs = join(real(dataDir), 'log') + sep;
  return (realPath, path) => {
    if (realPath.startsWith(own) && !realPath.startsWith(ownLogs)) return false;
    if (dirname(realPath) === real(dirname(path))) return true;
    return named.some((matches) => matches(realPath));
  };
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
