import { type Dialect, query, type Work } from '../db/sql.ts';
import type { Action } from './action.ts';

/**
 * Actions in a block: as many as are read in a fraction of a ms, so that a search for something rare reads a hundred
 * blocks and passes over the others, of which ten million actions have 40,000.
 */
export const blockSize = 256;

export const blockOf = (id: number): number => Math.floor(id / blockSize);

type Bounds = [id: number, minTimestamp: number, maxTimestamp: number, minDurationUs: number, maxDurationUs: number];

/** Widens the bounds of the blocks that new actions are in. */
export function* widenBlocks(
  dialect: Dialect,
  actions: readonly Pick<Action, 'id' | 'timestamp' | 'durationUs'>[],
): Work<void> {
  const blocks = new Map<number, Bounds>();
  for (const { id, timestamp, durationUs } of actions) {
    const block = blockOf(id);
    const bounds = blocks.get(block);
    if (bounds === undefined) blocks.set(block, [block, timestamp, timestamp, durationUs, durationUs]);
    else {
      bounds[1] = Math.min(bounds[1], timestamp);
      bounds[2] = Math.max(bounds[2], timestamp);
      bounds[3] = Math.min(bounds[3], durationUs);
      bounds[4] = Math.max(bounds[4], durationUs);
    }
  }
  yield* query(
    `INSERT INTO "ActionBlock" AS block ("id", "minTimestamp", "maxTimestamp", "minDurationUs", "maxDurationUs")
     SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS BIGINT), CAST(value->>2 AS BIGINT), CAST(value->>3 AS BIGINT),
            CAST(value->>4 AS BIGINT)
     FROM ${dialect.items('$1')} WHERE true
     ON CONFLICT ("id") DO UPDATE SET
       ${(['minTimestamp', 'minDurationUs'] as const).map(smaller).join(', ')},
       ${(['maxTimestamp', 'maxDurationUs'] as const).map(larger).join(', ')}`,
    [JSON.stringify([...blocks.values()])],
  );
}

const smaller = (name: string) =>
  `"${name}" = CASE WHEN excluded."${name}" < block."${name}" THEN excluded."${name}" ELSE block."${name}" END`;

const larger = (name: string) =>
  `"${name}" = CASE WHEN excluded."${name}" > block."${name}" THEN excluded."${name}" ELSE block."${name}" END`;
