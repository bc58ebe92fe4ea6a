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

/** Blocks that the first statement looks through, and the most that one does. */
const [firstBlocks, mostBlocks] = [128, 1024];

/**
 * Actions in the order of their duration. There is no index of it: durations come in no order, so that each would be
 * written to another page. Instead blocks are looked through, those with the best first, until none is left in which there
 * can be a better one than those found; for the slowest and the fastest that are few. A page far from either end reads
 * everything.
 *
 * @throws {LimitReachedError} when that takes too long
 */
export async function findByDuration(searching: Searching, stretch: Stretch): Promise<Found> {
  const better = stretch.direction === 'up' ? compare : (one: Place, other: Place) => compare(other, one);
  let best: Place[] = [];
  let last: Row | undefined;
  for (let size = firstBlocks; ; size = Math.min(size * 2, mostBlocks)) {
    const bounds = boundsOf(best, stretch);
    const blocks = await promising(searching, bounds, { direction: stretch.direction, after: last, count: size });
    last = blocks.at(-1);
    if (last === undefined) return { places: best, reached: null };
    const ids = blocks.map(([id]) => numberOf(id));
    const rows = await candidates(searching, stretch, bounds, ids);
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

/** The next blocks in which there can be one between the bounds: their ids and their best durations. */
async function promising(
  { sql, sought: { filter } }: Searching,
  { low, high }: Bounds,
  { direction, after, count }: { direction: Stretch['direction']; after: Row | undefined; count: number },
): Promise<Row[]> {
  const parameters = new Parameters();
  const [best, sign, way] = direction === 'up' ? ['"minDurationUs"', '>', 'ASC'] : ['"maxDurationUs"', '<', 'DESC'];
  const [id = null, duration = null] = after ?? [];
  const beyond = after && ` AND (${best}, "id") ${sign} (${parameters.add(duration)}, ${parameters.add(id)})`;
  const text = `SELECT "id", ${best} FROM "ActionBlock"
    WHERE "maxDurationUs" >= ${parameters.add(low.key)} AND "minDurationUs" <= ${parameters.add(high.key)}
      ${beyond ?? ''} ${blockConditionsOf(filter, parameters)}
    ORDER BY ${best} ${way}, "id" ${way} LIMIT ${parameters.add(count)}`;
  return sql.read(text, parameters.values);
}

async function candidates(
  { sql, sought }: Searching,
  { direction, count }: Stretch,
  { low, high }: Bounds,
  blocks: number[],
): Promise<Row[]> {
  const parameters = new Parameters();
  const list = sql.dialect.items(parameters.add(JSON.stringify(blocks)));
  const outer = `(SELECT CAST(value AS BIGINT) * ${blockSize} AS first FROM ${list}) b`;
  const where = `a."id" >= b.first AND a."id" < b.first + ${blockSize}
    AND (a."durationUs", a."id") > (${parameters.add(low.key)}, ${parameters.add(low.id)})
    AND (a."durationUs", a."id") < (${parameters.add(high.key)}, ${parameters.add(high.id)})
    ${conditionsOf(sought, parameters, sql.dialect)}`;
  const text = `SELECT a."durationUs", ${candidateColumns(sought)} ${sql.dialect.each(outer, 'Action', where)}`;
  // The text is asked of each of them; else the best are enough.
  const way = direction === 'up' ? 'ASC' : 'DESC';
  const some = ` ORDER BY a."durationUs" ${way}, a."id" ${way} LIMIT ${count}`;
  return sql.read(sought.filter.needle === null ? text + some : text, parameters.values);
}
