import { open, readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { ChainFile } from '../file/listing.ts';
import { hashOf, linkOf, type Tip } from './link.ts';

/** Bytes looked back over at first for the last line; twice as many each time after. */
const leastBytes = 16 * 1024;

/** The last record of a file; null when there is none, or it is no part of a chain. */
export async function tipOf(file: ChainFile): Promise<Tip | null> {
  const line = await (file.packing === null ? lastLine(file.path) : lastPackedLine(file.path));
  const link = line === null ? null : linkOf(line);
  return line === null || link === null ? null : { sequence: link.sequence, hash: hashOf(line) };
}

/** The newest record in several files, oldest first. */
export async function newestTip(files: readonly ChainFile[]): Promise<Tip | null> {
  for (const file of files.toReversed()) {
    const tip = file.size === 0 ? null : await tipOf(file);
    if (tip !== null) return tip;
  }
  return null;
}

async function lastLine(path: string): Promise<string | null> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    for (let bytes = leastBytes; ; bytes *= 2) {
      const start = Math.max(0, size - bytes);
      const { buffer } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
      const line = lastIn(buffer, start === 0);
      if (line !== null || start === 0) return line;
    }
  } finally {
    await handle.close();
  }
}

/** Of a file that was compressed after a day; nothing else tells. */
const lastPackedLine = async (path: string): Promise<string | null> => lastIn(gunzipSync(await readFile(path)), true);

/** The last whole line; null when it begins before these bytes. */
function lastIn(bytes: Buffer, isWhole: boolean): string | null {
  const end = bytes.lastIndexOf(10);
  if (end === -1) return null;
  const before = end === 0 ? -1 : bytes.lastIndexOf(10, end - 1);
  return before === -1 && !isWhole ? null : bytes.toString('utf8', before + 1, end);
}
