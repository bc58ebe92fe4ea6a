import { setImmediate as nextTurn } from 'node:timers/promises';
import { numberOf, type Row } from '../db/sql.ts';
import { LimitReachedError } from '../errors.ts';
import { blockSize } from './block.ts';
import { Parameters } from './parameters.ts';
import type { Place } from './place.ts';
import {
  blockConditionsOf,
  candidateColumns,
  conditionsOf,
  type Found,
  isFound,
  placeOf,
  type Searching,
  type Stretch,
} from './search.ts';

/** Blocks that one statement looks through. */
const blocksAtOnce = 128;

/**
 * Actions in the order of their duration. There is no index of it: durations come in no order, so that each would be
 * written to another page. Instead all blocks are passed in which there can be a better one than those found so far;
 * of the slowest and the fastest that are few. A page far from either end reads everything.
 *
 * @throws {LimitReachedError} when that takes too long
 */
export async function findByDuration(searching: Searching, stretch: Stretch): Promise<Found> {
  const better = stretch.direction === 'up' ? compare : (one: Place, other: Place) => compare(other, one);
  let best: Place[] = [];
  let block = -1;
  for (;;) {
    const bounds = boundsOf(best, stretch);
    const blocks = await promising(searching, bounds, block);
    const last = blocks.at(-1);
    if (last === undefined) return { places: best, reached: null };
    block = last;
    const rows = await candidates(searching, bounds, blocks);
    const found = rows.filter((row) => isFound(row, searching)).map(placeOf);
    best = [...best, ...found].sort(better).slice(0, stretch.count);
    if (performance.now() > searching.until) {
      const message = 'There are too many actions to sort so far from the slowest and the fastest; narrow the time.';
      throw new LimitReachedError(message);
    }
    await nextTurn();
  }
}

const compare = (one: Place, other: Place): number => one.key - other.key || one.id - other.id;

interface Bounds {
  /** Both exclusive. */
  low: Place;
  high: Place;
}

/** Between which places one would be better than what was found, if that is enough. */
function boundsOf(best: Place[], { low, high, direction, count }: Stretch): Bounds {
  const worst = best.length < count ? undefined : best.at(-1);
  if (worst === undefined) return { low, high };
  return direction === 'up' ? { low, high: worst } : { low: worst, high };
}

async function promising(
  { sql, sought: { filter } }: Searching,
  { low, high }: Bounds,
  after: number,
): Promise<number[]> {
  const parameters = new Parameters();
  const text = `SELECT "id" FROM "ActionBlock"
    WHERE "id" > ${parameters.add(after)} AND "maxDurationUs" >= ${parameters.add(low.key)}
      AND "minDurationUs" <= ${parameters.add(high.key)}${blockConditionsOf(filter, parameters)}
    ORDER BY "id" LIMIT ${blocksAtOnce}`;
  return (await sql.read(text, parameters.values)).map(([id]) => numberOf(id));
}

async function candidates({ sql, sought }: Searching, { low, high }: Bounds, blocks: number[]): Promise<Row[]> {
  const parameters = new Parameters();
  const list = sql.dialect.items(parameters.add(JSON.stringify(blocks)));
  const text = `SELECT a."durationUs", ${candidateColumns(sought)}
    FROM (SELECT CAST(value AS BIGINT) * ${blockSize} AS first FROM ${list}) b CROSS JOIN "Action" a
    WHERE a."id" >= b.first AND a."id" < b.first + ${blockSize}
      AND (a."durationUs", a."id") > (${parameters.add(low.key)}, ${parameters.add(low.id)})
      AND (a."durationUs", a."id") < (${parameters.add(high.key)}, ${parameters.add(high.id)})
      ${conditionsOf(sought, parameters, sql.dialect)}`;
  return sql.read(text, parameters.values);
}
