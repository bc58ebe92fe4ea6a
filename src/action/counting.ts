import { setImmediate as nextTurn } from 'node:timers/promises';
import { bytesOf, numberOf, type Row } from '../db/sql.ts';
import { LimitReachedError } from '../errors.ts';
import type { Series } from './action.ts';
import type { TimeRange } from './cover.ts';
import { Parameters } from './parameters.ts';
import { type Level, rollupKey, seriesOf, startOf } from './rollup-key.ts';
import { conditionsOf, isFound, type Searching } from './search.ts';

/** Rows read at once: some ms, after which others have their turn. */
const rowsAtOnce = 5000;

/** A rollup, with the series it is of. */
export interface Rollup {
  series: Series;
  /** ms since 1970, UTC. */
  start: number;
  count: number;
  failed: number;
  sumUs: number;
  maxUs: number;
  /** Empty where only counts are read. */
  durations: Uint8Array;
}

export interface CountedAction {
  series: Series;
  timestamp: number;
  durationUs: number;
}

/**
 * The rollups of a length in a stretch of time that begins and ends with one.
 *
 * @throws {LimitReachedError} when that takes too long
 */
export async function* rollupsIn(
  searching: Searching,
  { level, from, to }: TimeRange & { level: Level },
  columns: 'all' | 'counts',
): AsyncGenerator<Rollup[]> {
  const { sql, sought } = searching;
  const end = rollupKey(level, to, 0);
  const names = columns === 'all' ? '"key", "count", "sumUs", "maxUs", "durations"' : '"key", "count"';
  for (let next = rollupKey(level, from, 0); next < end; ) {
    const parameters = new Parameters();
    const series =
      sought.seriesIds &&
      `AND "key" % ${2 ** 20} IN (SELECT CAST(value AS BIGINT) FROM ${sql.dialect.items(parameters.add(JSON.stringify(sought.seriesIds)))})`;
    const rows = await sql.read(
      `SELECT ${names} FROM "ActionRollup"
       WHERE "key" >= ${parameters.add(next)} AND "key" < ${parameters.add(end)} ${series ?? ''}
       ORDER BY "key" LIMIT ${rowsAtOnce}`,
      parameters.values,
    );
    yield rows.flatMap((row) => rollupIn(row, searching) ?? []);
    if (rows.length < rowsAtOnce) return;
    next = numberOf(rows.at(-1)?.[0]) + 1;
    checkTime(searching);
    await nextTurn();
  }
}

function rollupIn([key, count, sumUs, maxUs, durations]: Row, { catalog }: Searching): Rollup | null {
  // One that another process has just added counts from the next time on.
  const series = catalog.get(seriesOf(numberOf(key)));
  if (series === undefined) return null;
  const number = numberOf(count);
  return {
    series,
    start: startOf(numberOf(key)),
    count: number,
    failed: series.status === 'FAILED' ? number : 0,
    sumUs: sumUs === undefined ? 0 : numberOf(sumUs),
    maxUs: maxUs === undefined ? 0 : numberOf(maxUs),
    durations: durations === undefined ? none : bytesOf(durations),
  };
}

const none = new Uint8Array();

/**
 * The actions that are sought in a stretch of time, one by one.
 *
 * @throws {LimitReachedError} when that takes too long
 */
export async function* actionsIn(searching: Searching, { from, to }: TimeRange): AsyncGenerator<CountedAction[]> {
  const { sql, catalog, sought } = searching;
  const columns = sought.filter.needle === null ? '' : ', a."seriesId", a."error"';
  for (let [time, id] = [from, 0]; ; ) {
    const parameters = new Parameters();
    const conditions = conditionsOf(
      { ...sought, filter: { ...sought.filter, from: null, to: null } },
      parameters,
      sql.dialect,
    );
    // Without a text to look for, all of this stands in the index.
    const rows = await sql.read(
      `SELECT a."timestamp", a."id"${columns}, a."seriesId", a."durationUs" FROM "Action" a
       WHERE (a."timestamp", a."id") > (${parameters.add(time)}, ${parameters.add(id)})
         AND a."timestamp" < ${parameters.add(to)}${conditions}
       ORDER BY a."timestamp", a."id" LIMIT ${rowsAtOnce}`,
      parameters.values,
    );
    yield rows
      .filter((row) => isFound(row, searching))
      .flatMap((row) => {
        const series = catalog.get(numberOf(row.at(-2)));
        return series ? { series, timestamp: numberOf(row[0]), durationUs: numberOf(row.at(-1)) } : [];
      });
    const last = rows.at(-1);
    if (rows.length < rowsAtOnce || last === undefined) return;
    [time, id] = [numberOf(last[0]), numberOf(last[1])];
    checkTime(searching);
    await nextTurn();
  }
}

function checkTime({ until }: Searching): void {
  if (performance.now() <= until) return;
  const message =
    'There is too much to count in one request; narrow the time, or leave out conditions on duration and text.';
  throw new LimitReachedError(message);
}
