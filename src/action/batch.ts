import type { Dialect, Work } from '../db/sql.ts';
import type { NewAction } from './action.ts';
import { changeLog, holdLog } from './action-log.ts';
import { widenBlocks } from './block.ts';
import { findRequests, insertRequests, type Recorded, type Request } from './request.ts';
import { changeRollups } from './rollup.ts';
import { type ActionRow, insertRows } from './row.ts';
import type { SeriesCatalog } from './series.ts';

/** Actions to be recorded together, or not at all. */
export interface Call {
  actions: readonly NewAction[];
  /** Null: it has no idempotency key. */
  request: Request | null;
}

/** What became of a call: `repeated`, when it was made before under its key. */
export type Outcome =
  | { kind: 'recorded'; rows: ActionRow[] }
  | { kind: 'repeated'; recorded: Recorded }
  | { kind: 'conflict' };

export interface Batch {
  outcomes: Outcome[];
  /** All that was recorded, in order. */
  rows: ActionRow[];
}

/**
 * Records the actions of several calls in one transaction: the rows, what is added up of them, and the keys.
 *
 * @param now ms since 1970, UTC
 */
export function* recordBatch(
  dialect: Dialect,
  catalog: SeriesCatalog,
  { calls, now }: { calls: readonly Call[]; now: number },
): Work<Batch> {
  const log = yield* holdLog();
  // Clocks may be set back, and another process may have another; the order of recording may not.
  const recordedAt = Math.max(now, log.lastRecordedAt);
  const known = yield* findRequests(
    dialect,
    calls.flatMap(({ request }) => request?.key ?? []),
  );
  const fresh: Recorded[] = [];
  const recorded: NewAction[] = [];
  const plans = calls.map(({ actions, request }): Plan => {
    const before = request && known.get(request.key);
    if (before) {
      return before.payloadHash === request?.payloadHash
        ? { kind: 'repeated', recorded: before }
        : { kind: 'conflict' };
    }
    const from = recorded.length;
    for (const action of actions) recorded.push(action);
    if (request !== null) {
      const now = { ...request, firstId: log.lastId + from + 1, count: actions.length };
      known.set(request.key, now);
      fresh.push(now);
    }
    return { kind: 'recorded', from, to: recorded.length };
  });
  const seriesIds = yield* catalog.idsFor(recorded);
  const rows = recorded.map(({ timestamp, durationUs, error, metadata }, index) => ({
    id: log.lastId + index + 1,
    seriesId: seriesIds[index] ?? 0,
    timestamp: timestamp ?? recordedAt,
    recordedAt,
    durationUs,
    error,
    metadata,
  }));
  if (rows.length > 0) {
    yield* insertRows(rows);
    yield* widenBlocks(dialect, rows);
    yield* changeRollups(dialect, { actions: rows, change: 'add', minutesFrom: log.minutesFrom });
    yield* changeLog({ lastId: log.lastId + rows.length, lastRecordedAt: recordedAt });
  }
  yield* insertRequests(fresh, recordedAt);
  const outcomes = plans.map(
    (plan): Outcome => (plan.kind === 'recorded' ? { kind: 'recorded', rows: rows.slice(plan.from, plan.to) } : plan),
  );
  return { outcomes, rows };
}

type Plan = Exclude<Outcome, { kind: 'recorded' }> | { kind: 'recorded'; from: number; to: number };
