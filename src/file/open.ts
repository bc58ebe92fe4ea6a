import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath, stat } from 'node:fs/promises';

/**
 * Why a file is not read. MISSING may change by itself, and BUSY says nothing of the file: the server cannot open any
 * just now. The sentence says what an operator can do about the others.
 */
export type Refusal = 'MISSING' | 'BUSY' | 'UNREADABLE' | 'NOT_A_FILE' | 'OUTSIDE';

export class RefusedFileError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}

/** Whether a file may be read, given where it really is (no symbolic links) and by which path it was reached. */
export type Permits = (realPath: string, path: string) => boolean;

export interface OpenedFile {
  handle: FileHandle;
  stats: Stats;
}

/**
 * Opens a log for reading; the one place where the engine opens files that others write.
 *
 * Never blocks: a FIFO opened the plain way waits for a writer and takes one of libuv's four threads with it. What
 * counts is the opened handle, not the name, which may point elsewhere a moment later.
 *
 * @throws {RefusedFileError} when the file is missing, unreadable, not a regular file, or not permitted
 */
export async function openLog(path: string, permits: Permits): Promise<OpenedFile> {
  // Opening some devices has effects (a tape rewinds), so look at the name first; the check that counts is below.
  const named = await stat(path).catch((error: NodeJS.ErrnoException) => Promise.reject(refusalOf(error, path)));
  if (!named.isFile()) throw notAFile(named);
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) =>
    Promise.reject(refusalOf(error, path)),
  );
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notAFile(stats);
    if (stats.nlink === 0) throw new RefusedFileError('MISSING', 'It was deleted while it was being opened.');
    if (!permits(await realPathOf(handle, stats, path), path)) {
      throw new RefusedFileError(
        'OUTSIDE',
        'It leads through a symbolic link to a file that the configuration does not allow; add that file to "sources" to allow it.',
      );
    }
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Where the opened file really is: from the handle itself on Linux, else from the name, verified by inode. */
async function realPathOf(handle: FileHandle, stats: Stats, path: string): Promise<string> {
  if (process.platform === 'linux') return readlink(`/proc/self/fd/${handle.fd}`);
  const real = await realpath(path);
  const reached = await lstat(real);
  if (reached.dev !== stats.dev || reached.ino !== stats.ino) {
    throw new RefusedFileError('MISSING', 'It was replaced while it was being opened.');
  }
  return real;
}

function notAFile(stats: Stats): RefusedFileError {
  const what = stats.isDirectory()
    ? 'a directory'
    : stats.isFIFO()
      ? 'a FIFO'
      : stats.isSocket()
        ? 'a socket'
        : 'a device';
  return new RefusedFileError('NOT_A_FILE', `It is ${what}; only regular files can be read as logs.`);
}

function refusalOf(error: NodeJS.ErrnoException, path: string): RefusedFileError {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new RefusedFileError('MISSING', 'It does not exist yet; it is read from the start once it does.');
    case 'EACCES':
    case 'EPERM':
      return new RefusedFileError('UNREADABLE', 'The server has no permission to read it.');
    case 'ELOOP':
      return new RefusedFileError('UNREADABLE', 'Its symbolic links lead in a circle.');
    case 'ENXIO':
    case 'ENODEV':
      return new RefusedFileError('NOT_A_FILE', 'It is a socket or device; only regular files can be read as logs.');
    case 'EMFILE':
    case 'ENFILE':
      return new RefusedFileError('BUSY', 'The server has too many files open; raise its open-file limit.');
    default:
      return new RefusedFileError('UNREADABLE', `It cannot be opened (${error.code ?? error.message}): ${path}`);
  }
}
