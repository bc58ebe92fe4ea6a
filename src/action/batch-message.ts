import type { NewAction } from './action.ts';
import type { Batch, Call, Outcome } from './batch.ts';
import type { Request } from './request.ts';
import type { ActionRow } from './row.ts';
import type { SeriesCatalog } from './series.ts';

/**
 * Calls on their way to another thread: a column for each property of their actions, for objects would be copied name by
 * name, which takes longer than to record them.
 */
export interface BatchMessage {
  calls: { count: number; request: Request | null }[];
  /** Id of the series of each action; of one that is not known yet, -1 - its place in `names`. */
  seriesIds: Int32Array;
  names: Pick<NewAction, 'service' | 'action' | 'status'>[];
  /** NaN: when it is recorded. */
  timestamps: Float64Array;
  durationsUs: Float64Array;
  errors: (string | null)[];
  metadata: (string | null)[];
}

/** What became of them. */
export interface BatchReply {
  outcomes: (Exclude<Outcome, { kind: 'recorded' }> | { kind: 'recorded' })[];
  /** Of all that was recorded: the first id, when, and the series of each. */
  firstId: number;
  recordedAt: number;
  seriesIds: Int32Array;
}

export function messageOf(calls: readonly Call[], catalog: SeriesCatalog): BatchMessage {
  const actions = calls.flatMap((call) => call.actions);
  const names: BatchMessage['names'] = [];
  return {
    calls: calls.map((call) => ({ count: call.actions.length, request: call.request })),
    seriesIds: Int32Array.from(actions, ({ service, action, status }) => {
      const series = catalog.find({ service, action, status });
      return series?.id ?? -names.push({ service, action, status });
    }),
    names,
    timestamps: Float64Array.from(actions, ({ timestamp }) => timestamp ?? Number.NaN),
    durationsUs: Float64Array.from(actions, ({ durationUs }) => durationUs),
    errors: actions.map(({ error }) => error),
    metadata: actions.map(({ metadata }) => metadata),
  };
}

/** The calls of a message, for whose series the catalog was refreshed. */
export function callsOf(message: BatchMessage, catalog: SeriesCatalog): Call[] {
  let next = 0;
  const take = (): NewAction => {
    const [index, id] = [next, message.seriesIds[next] ?? 0];
    next++;
    const names = id < 0 ? message.names[-1 - id] : catalog.get(id);
    if (names === undefined) throw new Error(`There is no series ${id}.`);
    const timestamp = message.timestamps[index] ?? Number.NaN;
    return {
      service: names.service,
      action: names.action,
      status: names.status,
      timestamp: Number.isNaN(timestamp) ? null : timestamp,
      durationUs: message.durationsUs[index] ?? 0,
      error: message.errors[index] ?? null,
      metadata: message.metadata[index] ?? null,
    };
  };
  return message.calls.map(({ count, request }) => ({ actions: Array.from({ length: count }, take), request }));
}

export function replyOf({ outcomes, rows }: Batch): BatchReply {
  return {
    outcomes: outcomes.map((outcome) => (outcome.kind === 'recorded' ? { kind: 'recorded' } : outcome)),
    firstId: rows[0]?.id ?? 0,
    recordedAt: rows[0]?.recordedAt ?? 0,
    seriesIds: Int32Array.from(rows, ({ seriesId }) => seriesId),
  };
}

/** The batch again, out of the calls and of what became of them. */
export function batchOf(calls: readonly Call[], { outcomes, firstId, recordedAt, seriesIds }: BatchReply): Batch {
  const rows: ActionRow[] = [];
  const own = outcomes.map((outcome, index): Outcome => {
    if (outcome.kind !== 'recorded') return outcome;
    const from = rows.length;
    for (const { timestamp, durationUs, error, metadata } of calls[index]?.actions ?? []) {
      rows.push({
        id: firstId + rows.length,
        seriesId: seriesIds[rows.length] ?? 0,
        timestamp: timestamp ?? recordedAt,
        recordedAt,
        durationUs,
        error,
        metadata,
      });
    }
    return { kind: 'recorded', rows: rows.slice(from) };
  });
  return { outcomes: own, rows };
}
