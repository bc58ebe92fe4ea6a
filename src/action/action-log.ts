import { numberOf, query, type Row, type Sql, type Work } from '../db/sql.ts';
import { levels } from './rollup-key.ts';

/** How far the log goes. Ids of actions; times in ms since 1970, UTC. */
export interface LogState {
  lastId: number;
  lastRecordedAt: number;
  /** Up to which id actions were removed, and up to which of them on purpose. */
  removedThrough: number;
  clearedThrough: number;
  archivedThrough: number;
  /** From when on there are rollups for minutes. */
  minutesFrom: number;
}

const columns = '"lastId", "lastRecordedAt", "removedThrough", "clearedThrough", "archivedThrough", "minutesFrom"';

/** How long there are rollups for minutes (ms): of one that has few actions it is as large as they are. */
export const minutesKeptMs = 2 * levels[2];

/** Makes the one row, if it is not there. */
export async function prepareLog(sql: Sql): Promise<void> {
  const minutesFrom = minutesFromAt(Date.now());
  await sql.write(() =>
    query(`INSERT INTO "ActionLog" ("id", ${columns}) VALUES (1, 0, 0, 0, 0, 0, $1) ON CONFLICT ("id") DO NOTHING`, [
      minutesFrom,
    ]),
  );
}

/** From when on minutes are kept at some time: whole hours, so that what is before them is there as hours. */
export const minutesFromAt = (now: number): number => Math.floor((now - minutesKeptMs) / levels[1]) * levels[1];

export async function readLog(sql: Sql): Promise<LogState> {
  return stateIn((await sql.read(`SELECT ${columns} FROM "ActionLog" WHERE "id" = 1`, []))[0]);
}

/**
 * The first step of whatever changes the log: holds its row to the end of the transaction, so that changes come one
 * after the other also from several processes, and become visible in the order of their ids.
 */
export function* holdLog(): Work<LogState> {
  const rows = yield* query(`UPDATE "ActionLog" SET "id" = 1 WHERE "id" = 1 RETURNING ${columns}`, []);
  return stateIn(rows[0]);
}

/** Writes what has changed; within a transaction that holds the row. */
export function* changeLog(change: Partial<LogState>): Work<void> {
  const entries = Object.entries(change);
  const set = entries.map(([column], index) => `"${column}" = $${index + 1}`).join(', ');
  yield* query(
    `UPDATE "ActionLog" SET ${set} WHERE "id" = 1`,
    entries.map(([, value]) => value),
  );
}

function stateIn(row: Row | undefined): LogState {
  const [lastId, lastRecordedAt, removedThrough, clearedThrough, archivedThrough, minutesFrom] = row ?? [];
  return {
    lastId: numberOf(lastId),
    lastRecordedAt: numberOf(lastRecordedAt),
    removedThrough: numberOf(removedThrough),
    clearedThrough: numberOf(clearedThrough),
    archivedThrough: numberOf(archivedThrough),
    minutesFrom: numberOf(minutesFrom),
  };
}
