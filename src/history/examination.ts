import type { Position } from '../entry.ts';
import type { Chain } from '../file/chain.ts';
import type { TaskBase } from '../scan/piece.ts';
import type { Layout } from './joiner.ts';
import { type FoundRecord, recordsOf } from './joint.ts';
import { between } from './moment.ts';
import { type Sieve, scan } from './scan.ts';
import { readWhole } from './survey.ts';

/** Bytes of a piece: some tenths of a second of work, so that searches need not wait long for a thread. */
const pieceBytes = 8 * 1024 * 1024;

/** How much there is to look through, and between which places; null in a log in which nothing stands. */
export interface Extent {
  bytes: number;
  from: Position | null;
  to: Position | null;
}

/** How all of a log is looked through, whatever for. */
export interface Examination<Part> {
  /** Called before anything is looked at; again when the log was rotated meanwhile, and all begins anew. */
  begin: (extent: Extent) => void;
  /** Does a piece, in a thread. */
  piece: (task: TaskBase) => Promise<Part>;
  /** Does the record that begins in one file and ends in another. */
  joint: (records: FoundRecord[]) => Part;
  /** Takes what was found in so many bytes, in the order of the log. */
  take: (part: Part, bytes: number) => Promise<void>;
}

/**
 * Looks through all records of a log that fulfil a filter, as it is now, oldest first.
 *
 * @throws {CalledOffError} when the signal of what is sought says that nobody waits any more
 * @throws {LimitReachedError} when the log does not come to rest
 */
export const examine = <Part>(
  chain: Chain,
  layout: Layout,
  sieve: Sieve,
  { begin, piece, joint, take }: Examination<Part>,
): Promise<void> =>
  readWhole(chain, layout, async (whole) => {
    const { low, high } = await between(whole, sieve.filter.bounds, sieve);
    const passage = await whole.part(low, high);
    const isEmpty = whole.spans.length === 0;
    begin({
      bytes: isEmpty ? 0 : await passage.distance(low, high),
      from: isEmpty ? null : await whole.positionAt(low),
      to: isEmpty ? null : await whole.positionAt(high),
    });
    const looking = scan<Part>({
      ...{ passage, sieve, from: 'beginning', timed: true, pieceBytes, piece },
      joint: async (unit) => joint(await recordsOf(unit, passage, sieve)),
    });
    for await (const { bytes, result } of looking) await take(result, bytes);
  });
