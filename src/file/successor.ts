import { statSync } from 'node:fs';
import { clockStepMs, isPlaceInTime, type Position } from '../entry.ts';
import { type Chain, ChainMovedError, indexOf, isCopyOf } from './chain.ts';
import type { GrowingFile } from './growing.ts';
import type { ChainFile } from './listing.ts';
import { RefusedFileError } from './open.ts';
import type { Segment } from './segment.ts';

/** The file that a log goes on in. */
export interface Successor {
  file: ChainFile;
  /**
   * `guessed`: the file before is in the chain no more, so others between them may be gone. `copied`: the file before is
   * a copy, and something may have been written between the making of it and the emptying of the file.
   */
  order: 'known' | 'guessed' | 'copied';
}

/** The first file with something in it after the one that is followed; null while there is none. */
export async function nextAfter(chain: Chain, { segment, position, since }: GrowingFile): Promise<Successor | null> {
  const files = await chain.list();
  const written = async (some: ChainFile[], order: Successor['order']): Promise<Successor | null> => {
    let passed: Successor['order'] = order;
    for (const file of some) {
      if (await chain.isEmpty(file)) continue;
      if (await canBeRead(chain, file)) return { file, order: passed };
      // One that may not be read holds nobody back from those after it.
      passed = 'guessed';
    }
    return null;
  };
  const after = (index: number) => {
    const file = files[index];
    return written(files.slice(index + 1), file && chain.isCopy(files, file) ? 'copied' : 'known');
  };
  const named = indexOf(files, segment);
  if (named !== -1) return after(named);
  // What is younger than the file, but was there when that was entered under the name that is written to, is a copy of
  // what stood in it before.
  const bornAt = segment.path === chain.path ? Math.max(since, segment.bornAt) : segment.bornAt;
  const newer = chain.newer(files, { bornAt, modifiedAt: await segment.modifiedAt() });
  const guess = await written(newer, 'guessed');
  if (guess === null) return null;
  // No name leads to it any more: deleted, or compressed, which leaves its content in another file.
  const packed = files.filter(({ packing }) => packing !== null);
  const compressed = position.offset === 0 ? undefined : packed[await chain.find(packed, position)];
  return compressed === undefined ? guess : after(files.indexOf(compressed));
}

/** The file that was written to before an open one, open; null when there is none that somebody may still write to. */
export async function precedingOf(chain: Chain, segment: Segment): Promise<Segment | null> {
  try {
    const files = await chain.list();
    const before = files[indexOf(files, segment) - 1];
    if (before === undefined || before.packing !== null || chain.isCopy(files, before)) return null;
    return await chain.openReadable(before);
  } catch (error) {
    // Rotated while looking: then this one will be the one that is left. Nor does a directory that cannot be looked at just
    // now keep anybody from following the file.
    if (error instanceof ChainMovedError || error instanceof RefusedFileError) return null;
    throw error;
  }
}

/** Whether the name that is written to leads to the open file. A log of a file a day has no such name. */
export function isWrittenTo({ location }: Chain, { device, inode }: Segment): boolean {
  if (location.kind === 'daily') return false;
  try {
    const { dev, ino } = statSync(location.path);
    return ino === inode && dev === device;
  } catch {
    return false;
  }
}

async function canBeRead(chain: Chain, file: ChainFile): Promise<boolean> {
  const segment = await chain.openReadable(file);
  await segment?.close();
  return segment !== null;
}

/**
 * The copy that was made of a file before it was emptied, open for reading; null when there is none. Files that were
 * last written before `since` (ms since 1970) are no copies of it, however alike they begin.
 */
export async function copyOf(
  chain: Chain,
  segment: Segment,
  { position, since }: { position: Position; since: number },
): Promise<Segment | null> {
  if (isPlaceInTime(position)) return null;
  const files = await chain.list();
  // It may have been made over an older file.
  const mayBe = ({ inode, bornAt, modifiedAt }: ChainFile) =>
    inode !== segment.inode && (bornAt === 0 || Math.max(bornAt, modifiedAt) >= since - clockStepMs);
  return chain.openHolder(files.filter(mayBe), position);
}

/** The copy that was made of a file that was empty when it was entered, and has been emptied again; null for none. */
export async function firstCopyOf(chain: Chain, { segment, since }: GrowingFile): Promise<Segment | null> {
  const files = await chain.list();
  // Not one that was made just before: it is of what stood in the file before it was entered. Those after the file are
  // of others, when it was renamed meanwhile.
  const own = indexOf(files, segment);
  const before = files.slice(0, Math.max(own, 0));
  for (const file of before.filter((one) => isCopyOf(one, files[own]) && one.bornAt >= since)) {
    if (!(await chain.isEmpty(file))) return chain.openReadable(file);
  }
  return null;
}
