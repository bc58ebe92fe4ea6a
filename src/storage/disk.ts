import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStorageKey, type Storage, StorageError, type StorageKey } from './storage.ts';

/** Ends the name of a file that is not yet complete; no key looks like it. */
const partial = '.part';

/** A directory, in which each object is a file of the name of its key. Nobody but the server may look into it. */
export class DiskStorage implements Storage {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  async put(key: StorageKey, content: AsyncIterable<Uint8Array>): Promise<number> {
    const path = join(this.#directory, `${key}.${randomUUID()}${partial}`);
    const handle = await open(path, 'wx', 0o600).catch(cannot);
    try {
      const size = await written(handle, content);
      await rename(path, join(this.#directory, key)).catch(cannot);
      // The name is on the disk only when the directory is.
      const directory = await open(this.#directory, 'r');
      await directory.sync().finally(() => directory.close());
      return size;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async remove(key: StorageKey): Promise<void> {
    await rm(join(this.#directory, key), { force: true });
  }

  async sweep(): Promise<StorageKey[]> {
    const names = await readdir(this.#directory);
    for (const name of names.filter((one) => one.endsWith(partial))) await rm(join(this.#directory, name));
    return names.filter((name) => !name.endsWith(partial)).filter(isStorageKey);
  }

  async file(key: StorageKey): Promise<string | null> {
    const path = join(this.#directory, key);
    return (await stat(path).catch(() => null)) === null ? null : path;
  }
}

/** Writes everything, and returns when the disk has it. Closes the file. */
async function written(handle: FileHandle, content: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  try {
    for await (const bytes of content) {
      // A full disk may take a part.
      for (let at = 0; at < bytes.length; ) {
        at += (await handle.write(bytes, at, bytes.length - at).catch(cannot)).bytesWritten;
      }
      size += bytes.length;
    }
    await handle.sync().catch(cannot);
  } finally {
    await handle.close();
  }
  return size;
}

function cannot(error: NodeJS.ErrnoException): never {
  const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  const message = isFull ? 'The disk of the server is full.' : `The server cannot write (${error.code}).`;
  throw new StorageError(isFull ? 'full' : 'unavailable', message, { cause: error });
}
