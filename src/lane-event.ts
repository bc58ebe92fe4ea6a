import type { Position } from './entry.ts';
import type { FileState } from './file/state.ts';
import type { Sought } from './history/scan.ts';
import type { Portion } from './hub/portion.ts';
import type { Loss } from './loss.ts';

/** Why a reader was not given something. */
export type GapReason = 'SLOW_CONSUMER' | Loss['reason'] | 'CLEARED' | 'RETENTION';

/** What to do with a reader that is slower than the log: read on from disk, jump to now, or end. */
export type LagPolicy = 'PAUSE' | 'SKIP_WITH_GAP' | 'DISCONNECT';

/** What a lane has for its tail, in the order of the log. */
export type LaneEvent =
  | { kind: 'entries'; portion: Portion }
  | { kind: 'gap'; from: Position; to: Position; skippedBytes: number; reason: GapReason }
  | { kind: 'rotated'; position: Position; possibleLoss: boolean }
  | { kind: 'state'; state: FileState }
  | { kind: 'ended' };

/** Where a lane begins: `beginning` is that of the log, of which the bounds of what is sought leave out what is older. */
export type LaneStart =
  | { kind: 'now' }
  | { kind: 'beginning' }
  | { kind: 'after'; position: Position }
  | { kind: 'last'; count: number };

export interface LaneOptions {
  start: LaneStart;
  onLag: LagPolicy;
  sought: Sought | null;
  wake: () => void;
}
