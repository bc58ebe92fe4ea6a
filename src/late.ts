import { isSameFile, type Position } from './entry.ts';
import type { Chain } from './file/chain.ts';
import { whileChainMoves } from './history/span.ts';

/**
 * Whether the file of `left` still is the one before that of `place`. Where it is gone, another may look like it: what
 * stands between that and the place is not what was written late.
 */
export const isStillBefore = (chain: Chain, left: Position, place: Position): Promise<boolean> =>
  whileChainMoves(async () => {
    const files = await chain.list();
    const [from, to] = [await chain.find(files, left), await chain.find(files, place)];
    const file = files[from];
    // Compressed, it is another file.
    const isTheSame = file !== undefined && (isSameFile(file, left.segment) || file.packing !== null);
    if (!isTheSame || to <= from) return false;
    for (const other of files.slice(from + 1, to)) if (!(await chain.isEmpty(other))) return false;
    return true;
  });
