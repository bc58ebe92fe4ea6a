import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrismaClient } from '../db/client.ts';
import { ConflictError, InvalidInputError } from '../errors.ts';
import type { Place } from './appender.ts';

/** Longest idempotency key, in characters; a UUID has 36. */
const longestKey = 200;

/** How long a key is remembered, in ms: longer than anybody tries again. No file is compressed sooner. */
export const rememberedMs = 24 * 3_600_000;

/** A writing that is to have its effect once, however often it is asked for. */
export interface Request {
  sourceId: string;
  key: string;
  sentHash: string;
}

/** @throws {InvalidInputError} when the key cannot be one */
export function requestOf(sourceId: string, userId: string, key: string, sent: unknown): Request {
  if (key === '' || key.length > longestKey) {
    const message = `An idempotency key has 1 to ${longestKey} characters.`;
    throw new InvalidInputError([{ path: ['idempotencyKey'], message, code: 'OUT_OF_RANGE' }]);
  }
  // Keys of different people have nothing to do with each other.
  return { sourceId, key: hashOf(JSON.stringify([userId, key])), sentHash: hashOf(JSON.stringify(sent)) };
}

/**
 * Where what was sent under this key stands already; null when it is not there. It is put down where it will stand before it
 * is written, so what was put down may not have been: then the bytes there are others.
 *
 * @param directory of the stream
 * @throws {ConflictError} when something else was sent under the key
 */
export async function findWritten(client: PrismaClient, directory: string, request: Request): Promise<Place | null> {
  const { sourceId, key, sentHash } = request;
  const row = await client.streamRequest.findUnique({ where: { sourceId_key: { sourceId, key } } });
  if (row === null) return null;
  if (row.sentHash !== sentHash) {
    throw new ConflictError('Something else was written under this idempotency key; use a new key for each call.');
  }
  const place = { inode: Number(row.inode), offset: Number(row.offset), length: row.length };
  return (await isWritten(directory, place, row.lineHash)) ? place : null;
}

/** Puts down what is about to be written, and where. */
export async function putDown(client: PrismaClient, request: Request, lines: Buffer, place: Place): Promise<void> {
  const { sourceId, key } = request;
  const { inode, offset, length } = place;
  const where = { inode: BigInt(inode), offset: BigInt(offset), length };
  const row = { ...request, ...where, lineHash: hashOf(lines), createdAt: new Date() };
  await client.streamRequest.upsert({ where: { sourceId_key: { sourceId, key } }, create: row, update: row });
}

/** Forgets what nobody will ask for any more. */
export async function forgetOld(client: PrismaClient): Promise<void> {
  await client.streamRequest.deleteMany({ where: { createdAt: { lt: new Date(Date.now() - rememberedMs) } } });
}

/** A file that is there no more was written, and has been removed since. */
async function isWritten(directory: string, { inode, offset, length }: Place, lineHash: string): Promise<boolean> {
  for (const name of await readdir(directory)) {
    const handle = await open(join(directory, name), 'r').catch(() => null);
    try {
      if (handle === null || (await handle.stat()).ino !== inode) continue;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      return bytesRead === length && hashOf(buffer) === lineHash;
    } finally {
      await handle?.close();
    }
  }
  return true;
}

const hashOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('base64url');
