import type { Position } from '../entry.ts';

/** A log went on in another file, or in the same one emptied. */
export interface Rotation {
  /** The place after the last record of the old file; null when that could not be read. */
  from: Position | null;
  /** Where the new one begins. */
  to: Position;
  /** Bytes after `from` that are known to be gone. */
  lostBytes: number;
  /** Whether more may have been written and gone before it could be read. */
  possibleLoss: boolean;
}

/** A rotation of which nobody was told: nothing stands in the new file yet, so it could not be known again. */
export type Untold = Omit<Rotation, 'to'>;

/** Two rotations between which nothing was to be read. */
export const together = (first: Untold, second: Untold): Untold => ({
  from: first.from,
  lostBytes: first.lostBytes + second.lostBytes,
  possibleLoss: first.possibleLoss || second.possibleLoss,
});
