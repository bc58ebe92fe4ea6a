import { setImmediate as nextTurn } from 'node:timers/promises';
import { numberOf, type Row } from '../db/sql.ts';
import { Parameters } from './parameters.ts';
import type { Place } from './place.ts';
import {
  candidateColumns,
  conditionsOf,
  type Found,
  isFound,
  longestStep,
  mostCandidates,
  nextSize,
  placeOf,
  type Searching,
  type Stretch,
} from './search.ts';

/** Actions in the order in which they happened: by the index, in ever longer stretches of time. */
export async function findByTime(searching: Searching, { low, high, direction, count }: Stretch): Promise<Found> {
  const { filter, seriesIds } = searching.sought;
  const ends = await extent(searching);
  if (seriesIds?.length === 0 || ends === null) return { places: [], reached: null };
  let from = later(later(low, before(ends.first)), filter.from === null ? null : before(filter.from));
  let to = earlier(earlier(high, before(ends.last + 1)), filter.to === null ? null : before(filter.to));
  const places: Place[] = [];
  let size = 60_000;
  while (compare(from, to) < 0) {
    const step =
      direction === 'up'
        ? { from, to: earlier(to, before(from.key + size)) }
        : { from: later(from, before(to.key - size)), to };
    const started = performance.now();
    const rows = await candidates(searching, step, direction);
    size = nextSize(size, performance.now() - started, { most: longestStep, sql: searching.sql });
    for (const row of rows) {
      if (isFound(row, searching) && places.push(placeOf(row)) === count) return { places, reached: null };
    }
    const last = rows.at(-1);
    const at = rows.length === mostCandidates && last ? placeOf(last) : direction === 'up' ? step.to : step.from;
    if (direction === 'up') from = at;
    else to = at;
    if (performance.now() > searching.until && compare(from, to) < 0) return { places, reached: at };
    await nextTurn();
  }
  return { places, reached: null };
}

/** The place just before all that happened at a time. */
const before = (key: number): Place => ({ key, id: 0 });

const compare = (one: Place, other: Place): number => one.key - other.key || one.id - other.id;
const later = (one: Place, other: Place | null): Place => (other === null || compare(one, other) > 0 ? one : other);
const earlier = (one: Place, other: Place | null): Place => (other === null || compare(one, other) < 0 ? one : other);

/** When the first and the last of all actions happened; null: there are none. */
async function extent({ sql }: Searching): Promise<{ first: number; last: number } | null> {
  const [first] = (await sql.read('SELECT min("timestamp") FROM "Action"', []))[0] ?? [];
  const [last] = (await sql.read('SELECT max("timestamp") FROM "Action"', []))[0] ?? [];
  return typeof first === 'number' ? { first, last: numberOf(last) } : null;
}

/** Both ends are exclusive. */
async function candidates(
  { sql, sought }: Searching,
  { from, to }: { from: Place; to: Place },
  direction: Stretch['direction'],
): Promise<Row[]> {
  const parameters = new Parameters();
  const way = direction === 'up' ? 'ASC' : 'DESC';
  // Times are bounded by what the step says of them.
  const conditions = conditionsOf(
    { ...sought, filter: { ...sought.filter, from: null, to: null } },
    parameters,
    sql.dialect,
  );
  const text = `SELECT a."timestamp", ${candidateColumns(sought)} FROM "Action" a
    WHERE (a."timestamp", a."id") > (${parameters.add(from.key)}, ${parameters.add(from.id)})
      AND (a."timestamp", a."id") < (${parameters.add(to.key)}, ${parameters.add(to.id)})${conditions}
    ORDER BY a."timestamp" ${way}, a."id" ${way} LIMIT ${mostCandidates}`;
  return sql.read(text, parameters.values);
}
