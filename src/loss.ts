import { endOf, isSameFile, type Position, placeInTime } from './entry.ts';
import type { Chain } from './file/chain.ts';
import { fnv1a } from './file/hash.ts';
import { lineStart } from './file/line-start.ts';
import type { ChainFile } from './file/listing.ts';
import { byList, whileChainMoves } from './history/span.ts';

/** What a log has lost after a position that is no longer in it. */
export interface Loss {
  /** Where it goes on. */
  to: Position;
  /** 0 when nobody knows. */
  skippedBytes: number;
  reason: 'TRUNCATED' | 'LOST_SEGMENT' | 'CURSOR_EXPIRED';
  /** Whether that is all that the follower has read, or something of it is still to be had; `unknown`: it read nothing. */
  reach: 'all' | 'part' | 'unknown';
}

/**
 * What stood between a position and what is left of the log: to the byte, where the log was followed meanwhile.
 *
 * @param passed how far the follower has read each file that it followed, oldest first
 * @param origin whether the position was come to while it did, or given by somebody who comes back
 */
export function lossAfter(
  chain: Chain,
  position: Position,
  passed: Position[],
  origin: 'read' | 'given',
): Promise<Loss> {
  // A cursor may be of another time, when the same file began alike and had other lines in it.
  const at = origin === 'given' ? -1 : endAfter(passed, position);
  const end = passed[at];
  return whileChainMoves(async () => {
    const now = Date.now();
    const { result } = await byList(chain, (files) =>
      end === undefined
        ? lossUnseen({ chain, files, now }, position)
        : lossSeen({ chain, files, now }, position, end, passed.slice(at + 1)),
    );
    return result;
  });
}

/** The files that are left of a log, as they were listed after `now`, in ms since 1970, UTC. */
interface Rest {
  chain: Chain;
  files: ChainFile[];
  now: number;
}

/** `end` is that of the file that the position was in, `later` those of the files after it. */
async function lossSeen(rest: Rest, position: Position, end: Position, later: Position[]): Promise<Loss> {
  const { chain, files } = rest;
  const reason = later.some((other) => isSameFile(other.segment, position.segment)) ? 'TRUNCATED' : 'LOST_SEGMENT';
  let skippedBytes = endOf(end) - endOf(position);
  for (const next of later) {
    const to = beginningOf(next);
    if ((await chain.find(files, to)) !== -1) return { to, skippedBytes, reason, reach: 'part' };
    skippedBytes += endOf(next);
  }
  const { to } = await lossUnseen(rest, later.at(-1) ?? end);
  const isEmptied = isSameFile(to.segment, position.segment);
  return { to, skippedBytes, reason: isEmptied ? 'TRUNCATED' : reason, reach: 'all' };
}

/**
 * While nobody followed it. The same file with other content was emptied, and what stands in it now is new. Else the
 * file is gone, and the log goes on in the oldest that came after it.
 */
async function lossUnseen({ chain, files, now }: Rest, position: Position): Promise<Loss> {
  const same = files.findIndex((file) => isSameFile(file, position.segment));
  const lost = { bornAt: position.segment.bornAt, modifiedAt: 0 };
  const newer = same === -1 ? chain.newer(files, lost) : files.slice(same);
  for (const file of newer.length > 0 ? newer : files.slice(-1)) {
    const segment = (await chain.isEmpty(file)) ? null : await chain.openReadable(file);
    if (segment === null) continue;
    try {
      const end = async () => segment.positionAt(await lineStart(segment, await segment.size()));
      const to = newer.length > 0 ? segment.beginning : await end();
      const reason = file === files[same] ? 'TRUNCATED' : 'CURSOR_EXPIRED';
      return { to, skippedBytes: 0, reason, reach: 'unknown' };
    } finally {
      await segment.close();
    }
  }
  return {
    to: placeInTime(now),
    skippedBytes: 0,
    reason: same === -1 ? 'CURSOR_EXPIRED' : 'TRUNCATED',
    reach: 'unknown',
  };
}

/** Index of the end of the file that a position was in: of several that it may be, the one that began alike. */
function endAfter(passed: Position[], position: Position): number {
  const { prefixLength, prefixHash } = position.segment;
  const mayBe = (end: Position) => isSameFile(end.segment, position.segment) && endOf(end) >= endOf(position);
  const isLike = ({ segment }: Position) => segment.prefixLength === prefixLength && segment.prefixHash === prefixHash;
  const alike = passed.findLastIndex((end) => mayBe(end) && isLike(end));
  return alike === -1 ? passed.findIndex(mayBe) : alike;
}

/** Where the file begins that a position is in. */
export const beginningOf = ({ segment }: Position): Position => ({ segment, offset: 0, length: 0, marker: fnv1a([]) });
