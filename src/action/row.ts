import { type Column, insert, numberOf, type Row, type Sql, type SqlValue, textOf, type Work } from '../db/sql.ts';
import type { Action } from './action.ts';
import type { SeriesCatalog } from './series.ts';

/** An action as the table has it. */
export interface ActionRow extends Omit<Action, 'series'> {
  seriesId: number;
}

const columns = '"id", "seriesId", "timestamp", "recordedAt", "durationUs", "error", "metadata"';

export function insertRows(rows: readonly ActionRow[]): Work<void> {
  return insert({
    table: 'Action',
    columns: insertColumns,
    rows: rows.map((row) => [
      row.id,
      row.seriesId,
      row.timestamp,
      row.recordedAt,
      row.durationUs,
      row.error,
      row.metadata,
    ]),
    key: null,
  });
}

const insertColumns: Column[] = [
  { name: 'id', type: 'BIGINT' },
  { name: 'seriesId', type: 'INTEGER' },
  { name: 'timestamp', type: 'BIGINT' },
  { name: 'recordedAt', type: 'BIGINT' },
  { name: 'durationUs', type: 'BIGINT' },
  { name: 'error', type: 'TEXT' },
  { name: 'metadata', type: 'TEXT' },
];

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
  return rows.map(({ id, seriesId, timestamp, recordedAt, durationUs, error, metadata }) => {
    const series = catalog.get(seriesId);
    if (series === undefined) throw new Error(`The action ${id} is of an unknown series.`);
    return { id, series, timestamp, recordedAt, durationUs, error, metadata };
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
