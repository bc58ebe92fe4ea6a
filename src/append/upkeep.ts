import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, utimes } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type ChainFile, type Location, listFiles } from '../file/listing.ts';
import type { Retention } from '../source/update.ts';
import { rememberedMs } from './request.ts';

const dayMs = 24 * 3_600_000;

/**
 * Removes what a stream is no longer to keep, a file at a time, the oldest first; never the one that is written to.
 *
 * @param before is done before those files go
 */
export async function retain(
  location: Location,
  { maxAgeDays, maxBytes }: Retention,
  { now, before }: { now: number; before: (going: ChainFile[]) => Promise<void> },
): Promise<void> {
  const files = await listFiles(location);
  const oldest = maxAgeDays === null ? Number.NEGATIVE_INFINITY : now - maxAgeDays * dayMs;
  let bytes = files.reduce((sum, { size }) => sum + size, 0);
  const going: ChainFile[] = [];
  for (const file of files.slice(0, -1)) {
    const isTooMuch = maxBytes !== null && bytes > Number(maxBytes);
    if (file.modifiedAt >= oldest && !isTooMuch) break;
    bytes -= file.size;
    going.push(file);
  }
  if (going.length === 0) return;
  await before(going);
  for (const { path } of going) await rm(path, { force: true });
}

/** Compresses what has not been written to for a day, as gzip does: the time of writing stays. */
export async function compress(location: Location, now: number): Promise<void> {
  const files = await listFiles(location);
  for (const file of files.slice(0, -1)) {
    if (file.packing === null && file.size > 0 && file.modifiedAt < now - rememberedMs) await compressFile(file);
  }
}

async function compressFile({ path, modifiedAt }: ChainFile): Promise<void> {
  // Beside it there is none of this name but what was left half done.
  const partial = `${path}.gz~`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(partial, { mode: 0o600 }));
  const handle = await open(partial, 'r+');
  await handle.sync().finally(() => handle.close());
  await utimes(partial, modifiedAt / 1000, modifiedAt / 1000);
  await rename(partial, `${path}.gz`);
  await rm(path);
}
