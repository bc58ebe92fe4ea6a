import { setTimeout as sleep } from 'node:timers/promises';
import { type Dialect, numberOf, query, type Sql, type Work } from '../db/sql.ts';
import { changeLog, holdLog, readLog } from './action-log.ts';
import { blockSize } from './block.ts';
import { changeRollups } from './rollup.ts';

/** Actions removed in one transaction: a few ms, in which nothing else is written. */
const stepSize = 250;

/** The last action that was recorded before a time (ms since 1970), by halving; what was before all there are, if none was. */
export async function lastBefore(sql: Sql, time: number): Promise<number> {
  const { removedThrough, lastId } = await readLog(sql);
  let [low, high] = [removedThrough, lastId];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [row] = await sql.read('SELECT "recordedAt" FROM "Action" WHERE "id" = $1', [middle]);
    if (row === undefined || numberOf(row[0]) < time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Removes actions from the oldest on, and what was added up of them, in small steps: after each, others have as much
 * time to write. Resolves to how many were removed.
 *
 * @param through id of the last one
 * @throws the signal's reason when it is aborted; what was removed by then is gone
 */
export async function removeThrough(
  sql: Sql,
  { through, reason, signal }: { through: number; reason: 'cleared' | 'retention'; signal: AbortSignal },
): Promise<number> {
  for (let removed = 0; ; ) {
    signal.throwIfAborted();
    const started = performance.now();
    const count = await sql.write(() => removeSome(sql.dialect, through, reason));
    if (count === 0) return removed;
    removed += count;
    await sleep(performance.now() - started);
  }
}

function* removeSome(dialect: Dialect, through: number, reason: 'cleared' | 'retention'): Work<number> {
  const { removedThrough, lastId, minutesFrom } = yield* holdLog();
  const last = Math.min(removedThrough + stepSize, through, lastId);
  if (last <= removedThrough) return 0;
  const rows = yield* query(
    'SELECT "seriesId", "timestamp", "durationUs" FROM "Action" WHERE "id" > $1 AND "id" <= $2',
    [removedThrough, last],
  );
  const actions = rows.map(([seriesId, timestamp, durationUs]) => ({
    seriesId: numberOf(seriesId),
    timestamp: numberOf(timestamp),
    durationUs: numberOf(durationUs),
  }));
  yield* changeRollups(dialect, { actions, change: 'remove', minutesFrom });
  yield* query('DELETE FROM "Action" WHERE "id" <= $1', [last]);
  // A block of which some are left keeps its bounds: they are only wider than they need be.
  yield* query('DELETE FROM "ActionBlock" WHERE "id" < $1', [Math.floor((last + 1) / blockSize)]);
  yield* changeLog({ removedThrough: last, ...(reason === 'cleared' && { clearedThrough: last }) });
  return rows.length;
}
