import { type Chain, ChainMovedError, currentIndex } from './chain.ts';
import type { Segment } from './segment.ts';
import { type FileState, stateOf } from './state.ts';

/** Opens the file that is written to; null, and `tell` is called with the reason, while there is none to be read. */
export async function openCurrent(chain: Chain, tell: (state: FileState) => void): Promise<Segment | null> {
  const named = await chain.openLast().catch((error: unknown) => {
    tell(stateOf(error));
    return null;
  });
  try {
    if (named !== null) tell({ state: 'ACTIVE' });
    if (named !== null && (await named.size()) > 0) return named;
    // Just rotated: the writer may not have opened the new file yet, and go on in the old one.
    const files = await chain.list();
    const file = files[currentIndex(files)];
    if (file === undefined || file.packing !== null || file.inode === named?.inode) return named;
    const segment = await chain.open(file);
    await named?.close();
    // It came into being between the two looks.
    if (named === null && file === files.at(-1)) tell({ state: 'ACTIVE' });
    return segment;
  } catch (error) {
    await named?.close();
    // Rotated once more while looking; the next poll looks again.
    if (!(error instanceof ChainMovedError)) tell(stateOf(error));
    return null;
  }
}
