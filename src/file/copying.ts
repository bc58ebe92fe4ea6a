import { markerBytes } from './line.ts';
import { type ChainFile, lookAt } from './listing.ts';
import { prefixBytes, type Segment } from './segment.ts';

/** Opens a file of a chain as it is now; null when it may not be read. */
type Open = (file: ChainFile) => Promise<Segment | null>;

/**
 * What a file is that may be a copy of the one that is written to (as logrotate's `copytruncate` makes it):
 * - `being made`: all that stands in it stands in the other one as well, which is yet to be emptied
 * - `made`: it is as it was listed, and has what the other one had
 * - `unclear`: one of the two is not as it was listed
 */
export async function progressOf(
  copy: ChainFile,
  original: ChainFile,
  { directory, open }: { directory: string; open: Open },
): Promise<'being made' | 'made' | 'unclear'> {
  // In this order: a copy is complete before the other one is emptied.
  const isEmptied = !(await beginsWith(original, copy, open));
  if (!isEmptied) return 'being made';
  const [copyNow, originalNow] = [await lookAt(directory, copy.name), await lookAt(directory, original.name)];
  const isAsListed = copyNow?.inode === copy.inode && copyNow.size === copy.size;
  return isAsListed && originalNow !== null && originalNow.size >= original.size ? 'made' : 'unclear';
}

/** Whether a file begins with all that another one has now, as far as the ends of that tell. */
async function beginsWith(file: ChainFile, other: ChainFile, open: Open): Promise<boolean> {
  const long = await open(file);
  let short: Segment | null = null;
  try {
    // One that was renamed meanwhile cannot be opened, which leaves the other one open.
    short = await open(other);
    if (long === null || short === null) return false;
    const size = await short.size();
    if ((await long.size()) < size) return false;
    const ends = async (segment: Segment) => {
      const prefix = await segment.read(Buffer.alloc(Math.min(prefixBytes, size)), 0);
      const length = Math.min(markerBytes, size);
      return Buffer.concat([prefix, await segment.read(Buffer.alloc(length), size - length)]);
    };
    const [expected, found] = [await ends(short), await ends(long)];
    return found.equals(expected);
  } finally {
    await long?.close();
    await short?.close();
  }
}
