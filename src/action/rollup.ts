import { bytesOf, type Column, type Dialect, insert, numberOf, query, type Row, type Work } from '../db/sql.ts';
import { bucketOf, changedDistribution, endOf, lastBucketIn } from './distribution.ts';
import { type Level, rollupKey, seriesOf, startOf } from './rollup-key.ts';

/** What statistics are made of. */
export interface Counted {
  seriesId: number;
  /** ms since 1970, UTC. */
  timestamp: number;
  durationUs: number;
}

/** Actions of one series in one stretch of time, before they are added to its rollup, or taken from it. */
interface Part {
  count: number;
  sumUs: number;
  maxUs: number;
  /** The bucket of each, in no order. */
  buckets: number[];
}

/**
 * Adds actions to the rollups of their minute, hour, day and eight days, or takes them away. It reads, merges and writes: whoever
 * runs it holds the row of the log, so that no other does the same meanwhile.
 *
 * The longest duration of a rollup is exact until its action is taken away; then it is within 4 %.
 *
 * @param minutesFrom from when on there are rollups for minutes, ms since 1970
 */
export function* changeRollups(
  dialect: Dialect,
  { actions, change, minutesFrom }: { actions: Iterable<Counted>; change: 'add' | 'remove'; minutesFrom: number },
): Work<void> {
  const parts = partsOf(actions, minutesFrom);
  const stored = yield* query(
    `SELECT "key", "count", "sumUs", "maxUs", "durations" FROM "ActionRollup"
     WHERE "key" IN (SELECT CAST(value AS BIGINT) FROM ${dialect.items('$1')})`,
    [JSON.stringify([...parts.keys()])],
  );
  const rollups = new Map(stored.map((row) => [numberOf(row[0]), row]));
  const changed: Row[] = [];
  const emptied: number[] = [];
  const sign = change === 'add' ? 1 : -1;
  for (const [key, part] of parts) {
    const row = rollups.get(key);
    const count = sign * part.count + (row ? numberOf(row[1]) : 0);
    if (count <= 0) {
      emptied.push(key);
      continue;
    }
    const durations = changedDistribution(row ? bytesOf(row[4]) : none, part.buckets, sign);
    const maxUs = row ? numberOf(row[3]) : 0;
    changed.push([
      key,
      count,
      sign * part.sumUs + (row ? numberOf(row[2]) : 0),
      change === 'add' ? Math.max(maxUs, part.maxUs) : Math.min(maxUs, endOf(lastBucketIn(durations))),
      durations,
    ]);
  }
  yield* insert({ table: 'ActionRollup', columns, rows: changed, key: 'key' });
  if (emptied.length > 0) {
    yield* query(
      `DELETE FROM "ActionRollup" WHERE "key" IN (SELECT CAST(value AS BIGINT) FROM ${dialect.items('$1')})`,
      [JSON.stringify(emptied)],
    );
  }
}

const none = new Uint8Array();

const columns: Column[] = [
  { name: 'key', type: 'BIGINT' },
  { name: 'count', type: 'BIGINT' },
  { name: 'sumUs', type: 'BIGINT' },
  { name: 'maxUs', type: 'BIGINT' },
  { name: 'durations', type: 'BYTES' },
];

function partsOf(actions: Iterable<Counted>, minutesFrom: number): Map<number, Part> {
  const minutes = new Map<number, Part>();
  for (const { seriesId, timestamp, durationUs } of actions) {
    const part = partAt(minutes, rollupKey(0, timestamp, seriesId));
    part.count++;
    part.sumUs += durationUs;
    if (durationUs > part.maxUs) part.maxUs = durationUs;
    part.buckets.push(bucketOf(durationUs));
  }
  return withLonger(minutes, minutesFrom);
}

function partAt(parts: Map<number, Part>, key: number): Part {
  const known = parts.get(key);
  if (known !== undefined) return known;
  const part: Part = { count: 0, sumUs: 0, maxUs: 0, buckets: [] };
  parts.set(key, part);
  return part;
}

/** All others are made of minutes. */
function withLonger(minutes: Map<number, Part>, minutesFrom: number): Map<number, Part> {
  const parts = new Map<number, Part>();
  for (const [key, minute] of minutes) {
    const [time, seriesId] = [startOf(key), seriesOf(key)];
    if (time >= minutesFrom) parts.set(key, minute);
    for (const level of [1, 2, 3] satisfies Level[]) {
      const part = partAt(parts, rollupKey(level, time, seriesId));
      part.count += minute.count;
      part.sumUs += minute.sumUs;
      part.maxUs = Math.max(part.maxUs, minute.maxUs);
      for (const bucket of minute.buckets) part.buckets.push(bucket);
    }
  }
  return parts;
}
