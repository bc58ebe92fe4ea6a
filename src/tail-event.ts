import type { Positions } from './batch.ts';
import type { Entry } from './format/entry.ts';
import type { GapReason } from './lane-event.ts';
import type { Source } from './source/source.ts';

/** What a tail delivers. `positions` is where a new tail goes on after the event. */
export type TailEvent =
  | { kind: 'batch'; entries: Entry[]; positions: Positions }
  | { kind: 'caught-up'; positions: Positions }
  | { kind: 'progress'; positions: Positions; scannedBytes: number }
  | {
      kind: 'gap';
      source: Source;
      from: Positions;
      to: Positions;
      skippedBytes: number;
      reason: GapReason;
    }
  | { kind: 'rotated'; source: Source; positions: Positions; possibleLoss: boolean }
  | { kind: 'state'; source: Source }
  | { kind: 'ended'; reason: 'lagged' | 'forbidden' };
