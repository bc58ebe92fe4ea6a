import { endOf, isSameFile, type Position, placeInTime } from './entry.ts';
import type { Chain } from './file/chain.ts';
import { fnv1a } from './file/hash.ts';
import { lineStart } from './file/line-start.ts';
import { beginningOfCurrent, whileChainMoves } from './history/span.ts';

/** What a log has lost after a position that is no longer in it. */
export interface Loss {
  /** Where it goes on. */
  to: Position;
  /** 0 when nobody knows. */
  skippedBytes: number;
  reason: 'TRUNCATED' | 'LOST_SEGMENT' | 'CURSOR_EXPIRED';
}

/**
 * What stood between a position and what is left of the log: to the byte, where the log was followed meanwhile.
 *
 * @param passed how far the follower has read each file that it followed, oldest first
 */
export function lossAfter(chain: Chain, position: Position, passed: Position[]): Promise<Loss> {
  return whileChainMoves(async () => {
    const at = passed.findIndex((end) => isSameFile(end.segment, position.segment) && endOf(end) >= endOf(position));
    const end = passed[at];
    return end === undefined ? lossUnseen(chain, position) : lossSeen(chain, position, end, passed.slice(at + 1));
  });
}

/** `end` is that of the file that the position was in, `later` those of the files after it. */
async function lossSeen(chain: Chain, position: Position, end: Position, later: Position[]): Promise<Loss> {
  const reason = later.some((other) => isSameFile(other.segment, position.segment)) ? 'TRUNCATED' : 'LOST_SEGMENT';
  const files = await chain.list();
  let skippedBytes = endOf(end) - endOf(position);
  for (const next of later) {
    const to = beginningOf(next);
    if ((await chain.find(files, to)) !== -1) return { to, skippedBytes, reason };
    skippedBytes += endOf(next);
  }
  const to = await beginningOfCurrent(chain);
  return { to, skippedBytes, reason: isSameFile(to.segment, position.segment) ? 'TRUNCATED' : reason };
}

/**
 * While nobody followed it. The same file with other content was emptied, and what stands in it now is new. Else the
 * file is gone, and the log goes on in the oldest that came after it.
 */
async function lossUnseen(chain: Chain, position: Position): Promise<Loss> {
  const now = Date.now();
  const files = await chain.list();
  const emptied = files.find((file) => isSameFile(file, position.segment));
  const newer = emptied ? [emptied] : chain.newer(files, { bornAt: position.segment.bornAt, modifiedAt: 0 });
  const reason = emptied ? 'TRUNCATED' : 'CURSOR_EXPIRED';
  for (const file of newer.length > 0 ? newer : files.slice(-1)) {
    const segment = (await chain.isEmpty(file)) ? null : await chain.openReadable(file);
    if (segment === null) continue;
    try {
      const end = async () => segment.positionAt(await lineStart(segment, await segment.size()));
      return { to: newer.length > 0 ? segment.beginning : await end(), skippedBytes: 0, reason };
    } finally {
      await segment.close();
    }
  }
  return { to: placeInTime(now), skippedBytes: 0, reason };
}

/** Where the file begins that a position is in. */
export const beginningOf = ({ segment }: Position): Position => ({ segment, offset: 0, length: 0, marker: fnv1a([]) });
