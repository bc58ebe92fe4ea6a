import { type Dialect, numberOf, query, type Row, type Sql, type SqlValue, textOf, type Work } from '../db/sql.ts';
import type { Action } from './action.ts';
import type { SeriesCatalog } from './series.ts';

/** An action as the table has it. */
export interface ActionRow extends Omit<Action, 'series'> {
  seriesId: number;
}

const columns = '"id", "seriesId", "timestamp", "recordedAt", "durationUs", "error", "metadata"';

/** All in one statement with one parameter: thirty times as fast as a statement with a parameter for each value. */
export function* insertRows(dialect: Dialect, rows: readonly ActionRow[]): Work<void> {
  const values = rows.map(({ id, seriesId, timestamp, recordedAt, durationUs, error, metadata }) => [
    ...[id, seriesId, timestamp, recordedAt, durationUs],
    error,
    metadata,
  ]);
  yield* query(
    `INSERT INTO "Action" (${columns})
     SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS INTEGER), CAST(value->>2 AS BIGINT), CAST(value->>3 AS BIGINT),
            CAST(value->>4 AS BIGINT), value->>5, value->>6
     FROM ${dialect.items('$1')}`,
    [JSON.stringify(values)],
  );
}

/** The actions in a range of ids, in ascending order. */
export async function readRange(sql: Sql, catalog: SeriesCatalog, after: number, through: number): Promise<Action[]> {
  const rows = await sql.read(`SELECT ${columns} FROM "Action" WHERE "id" > $1 AND "id" <= $2 ORDER BY "id"`, [
    after,
    through,
  ]);
  return actionsOf(catalog, rows.map(rowIn));
}

/** The actions with these ids, in their order; those that are gone are left out. */
export async function readActions(sql: Sql, catalog: SeriesCatalog, ids: readonly number[]): Promise<Action[]> {
  const rows = await sql.read(
    `SELECT ${columns} FROM "Action" WHERE "id" IN (SELECT CAST(value AS BIGINT) FROM ${sql.dialect.items('$1')})`,
    [JSON.stringify(ids)],
  );
  const actions = await actionsOf(catalog, rows.map(rowIn));
  const byId = new Map(actions.map((action) => [action.id, action]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Rows with their series; the catalog is refreshed when it lacks one. */
export async function actionsOf(catalog: SeriesCatalog, rows: readonly ActionRow[]): Promise<Action[]> {
  if (rows.some(({ seriesId }) => catalog.get(seriesId) === undefined)) await catalog.refresh();
  return rows.map(({ seriesId, ...row }) => {
    const series = catalog.get(seriesId);
    if (series === undefined) throw new Error(`The action ${row.id} is of an unknown series.`);
    return { ...row, series };
  });
}

const textOrNull = (value: SqlValue | undefined): string | null => (value === null ? null : textOf(value));

function rowIn([id, seriesId, timestamp, recordedAt, durationUs, error, metadata]: Row): ActionRow {
  return {
    id: numberOf(id),
    seriesId: numberOf(seriesId),
    timestamp: numberOf(timestamp),
    recordedAt: numberOf(recordedAt),
    durationUs: numberOf(durationUs),
    error: textOrNull(error),
    metadata: textOrNull(metadata),
  };
}
