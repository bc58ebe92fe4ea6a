import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperatorError } from '../errors.ts';

/** Fewer than the hash has weaken HMAC-SHA-256. RFC 7518, section 3.2. */
const shortest = 32;

/** Longer than any key anybody would write; keeps a wrong file from being read whole. */
const longest = 4096;

/**
 * The key that signs access tokens: the configured one, or the one in `<dataDir>/secret`, which is made when it is
 * missing. Processes that share a data directory get the same key, also when they start at once.
 * @throws {OperatorError} when the file is not a key, others may read it, or it cannot be read or made
 */
export async function signingKey(config: {
  dataDir: string;
  auth: { jwtSecret?: string | undefined };
}): Promise<KeyObject> {
  if (config.auth.jwtSecret !== undefined) return createSecretKey(config.auth.jwtSecret, 'utf8');
  const path = join(config.dataDir, 'secret');
  try {
    return createSecretKey((await read(path)) ?? (await generate(path)));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new OperatorError(
      `Cannot keep the key that signs access tokens in ${path} (${error.code}); let the server read and write there, or set auth.jwtSecret.`,
    );
  }
}

/** Null: there is none. */
async function read(path: string): Promise<Buffer | null> {
  // O_NONBLOCK: a FIFO would otherwise be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new OperatorError(`${path} is not a file; remove it, and a new key is made.`);
    if ((stats.mode & 0o077) !== 0) {
      throw new OperatorError(`Others than the owner may use ${path}; take that away with: chmod 600 ${path}`);
    }
    if (stats.size < shortest || stats.size > longest) {
      throw new OperatorError(
        `${path} has ${stats.size} bytes, and a key has ${shortest} to ${longest}; remove the file, and a new key is made.`,
      );
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Makes the key, and gives back what the file then holds: a link fails when the name is taken, so of several processes
 * exactly one puts its key there, and none sees half of it.
 */
async function generate(path: string): Promise<Buffer> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(shortest).toString('base64url'));
    await file.sync();
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
  const key = await read(path);
  if (key === null) throw new OperatorError(`${path} was deleted as soon as it was made; start again.`);
  return key;
}
