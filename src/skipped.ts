import { isSameFile, type Position } from './entry.ts';
import type { Chain } from './file/chain.ts';
import { distance, PositionLostError } from './history/span.ts';
import type { GapReason } from './lane-event.ts';
import { lossAfter } from './loss.ts';
import type { Log } from './source/log.ts';

/** Bytes between two positions, and whether the reader's slowness or the log is the reason that they are skipped. */
export async function skippedBetween(
  log: Log,
  from: Position,
  to: Position,
  { passed, origin }: { passed: Position[]; origin: 'read' | 'given' },
): Promise<{ skippedBytes: number; reason: GapReason }> {
  const { chain } = log;
  try {
    const skippedBytes = (await distance(chain, from, to)) + (await lateBetween(chain, from, to));
    return { skippedBytes, reason: 'SLOW_CONSUMER' };
  } catch (error) {
    if (!(error instanceof PositionLostError)) throw error;
    const { to: next, skippedBytes, reach, ...loss } = await lossAfter(chain, from, passed, origin);
    const reason = log.reasonOf(loss.reason, from);
    return { skippedBytes: skippedBytes + (reach === 'all' ? 0 : await distance(chain, next, to)), reason };
  }
}

/** Bytes that were written late meanwhile, to the file before that of both. */
async function lateBetween(chain: Chain, from: Position, to: Position): Promise<number> {
  if (!from.left || !to.left || !isSameFile(from.left.segment, to.left.segment)) return 0;
  try {
    return await distance(chain, from.left, to.left);
  } catch (error) {
    if (error instanceof PositionLostError) return 0;
    throw error;
  }
}
