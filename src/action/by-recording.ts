import { setImmediate as nextTurn } from 'node:timers/promises';
import { numberOf, type Row } from '../db/sql.ts';
import { blockOf, blockSize } from './block.ts';
import { Parameters } from './parameters.ts';
import type { Place } from './place.ts';
import {
  blockConditionsOf,
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

/** Series up to which each is looked up in the index; of more, some action is found soon without. */
const mostLookedUp = 256;

/** Blocks that are looked through in one step: by then a tenth of a second is spent. */
const mostBlocks = 512;

/** The ids of one step; inclusive. */
interface Ids {
  low: number;
  high: number;
}

/** Actions in the order of recording. */
export async function findByRecording(searching: Searching, stretch: Stretch): Promise<Found> {
  const { seriesIds } = searching.sought;
  const range = { low: stretch.low.id + 1, high: stretch.high.id - 1 };
  if (seriesIds?.length === 0 || range.low > range.high) return { places: [], reached: null };
  return seriesIds !== null && seriesIds.length <= mostLookedUp
    ? bySeries(searching, stretch, range)
    : byBlock(searching, stretch, range);
}

/** By the index of the series, in ever longer ranges of ids: whatever is not of these series costs nothing. */
async function bySeries(searching: Searching, stretch: Stretch, all: Ids): Promise<Found> {
  const range = await bounded(searching, all);
  const places: Place[] = [];
  let size = 4096;
  while (range !== null && range.low <= range.high) {
    const step =
      stretch.direction === 'up'
        ? { low: range.low, high: Math.min(range.low + size - 1, range.high) }
        : { low: Math.max(range.high - size + 1, range.low), high: range.high };
    const started = performance.now();
    const next = await candidates(searching, stretch, { step, blocks: null });
    size = nextSize(size, performance.now() - started, { most: longestStep, sql: searching.sql });
    const rest = add(places, next, searching, stretch);
    if (rest === 'enough') return { places, reached: null };
    const at = rest ?? (stretch.direction === 'up' ? step.high : step.low);
    if (stretch.direction === 'up') range.low = at + 1;
    else range.high = at - 1;
    if (performance.now() > searching.until && range.low <= range.high) return { places, reached: { key: at, id: at } };
    await nextTurn();
  }
  return { places, reached: null };
}

/** Block after block of those in which there can be any. */
async function byBlock(searching: Searching, stretch: Stretch, range: Ids): Promise<Found> {
  const places: Place[] = [];
  const left = { ...range };
  let size = 4;
  while (left.low <= left.high) {
    const blocks = await promising(searching, stretch, { range: left, count: size });
    const last = blocks.at(-1);
    if (last === undefined) break;
    const started = performance.now();
    const next = await candidates(searching, stretch, { step: left, blocks });
    size = nextSize(size, performance.now() - started, { most: mostBlocks, sql: searching.sql });
    const rest = add(places, next, searching, stretch);
    if (rest === 'enough') return { places, reached: null };
    const at = rest ?? (stretch.direction === 'up' ? last * blockSize + blockSize - 1 : last * blockSize);
    if (stretch.direction === 'up') left.low = at + 1;
    else left.high = at - 1;
    if (performance.now() > searching.until && left.low <= left.high) return { places, reached: { key: at, id: at } };
    await nextTurn();
  }
  return { places, reached: null };
}

/**
 * Adds what of the candidates is found. `enough`: as many as are wanted. Else the id of the last candidate, when there
 * may be more in the step, or null.
 */
function add(places: Place[], rows: Row[], searching: Searching, { count }: Stretch): 'enough' | number | null {
  for (const row of rows) {
    if (isFound(row, searching) && places.push(placeOf(row)) === count) return 'enough';
  }
  return rows.length === mostCandidates ? numberOf(rows.at(-1)?.[1]) : null;
}

async function candidates(
  { sql, sought }: Searching,
  { direction }: Stretch,
  { step, blocks }: { step: Ids; blocks: number[] | null },
): Promise<Row[]> {
  const parameters = new Parameters();
  const outer =
    blocks === null
      ? `(SELECT CAST(value AS INTEGER) AS series FROM ${sql.dialect.items(parameters.add(JSON.stringify(sought.seriesIds)))}) s`
      : `(SELECT CAST(value AS BIGINT) * ${blockSize} AS first FROM ${sql.dialect.items(parameters.add(JSON.stringify(blocks)))}) b`;
  const inner = blocks === null ? 'a."seriesId" = s.series' : `a."id" >= b.first AND a."id" < b.first + ${blockSize}`;
  const conditions = conditionsOf(blocks === null ? { ...sought, seriesIds: null } : sought, parameters, sql.dialect);
  const where = `${inner} AND a."id" >= ${parameters.add(step.low)} AND a."id" <= ${parameters.add(step.high)}`;
  const text = `SELECT a."id", ${candidateColumns(sought)} ${sql.dialect.each(outer, 'Action', where + conditions)}
    ORDER BY a."id" ${direction === 'up' ? 'ASC' : 'DESC'} LIMIT ${mostCandidates}`;
  return sql.read(text, parameters.values);
}

/** The next blocks in which there can be any, by their ids. */
async function promising(
  { sql, sought: { filter } }: Searching,
  { direction }: Stretch,
  { range, count }: { range: Ids; count: number },
): Promise<number[]> {
  const parameters = new Parameters();
  const text = `SELECT "id" FROM "ActionBlock"
    WHERE "id" >= ${parameters.add(blockOf(range.low))} AND "id" <= ${parameters.add(blockOf(range.high))}
    ${blockConditionsOf(filter, parameters)}
    ORDER BY "id" ${direction === 'up' ? 'ASC' : 'DESC'} LIMIT ${parameters.add(count)}`;
  return (await sql.read(text, parameters.values)).map(([id]) => numberOf(id));
}

/** The part of a range in which there can be any; null: there is none. */
async function bounded({ sql, sought: { filter } }: Searching, range: Ids): Promise<Ids | null> {
  const parameters = new Parameters();
  const conditions = blockConditionsOf(filter, parameters);
  if (conditions === '') return { ...range };
  const text = `SELECT min("id"), max("id") FROM "ActionBlock"
    WHERE "id" >= ${parameters.add(blockOf(range.low))} AND "id" <= ${parameters.add(blockOf(range.high))}${conditions}`;
  const [first, last] = (await sql.read(text, parameters.values))[0] ?? [];
  if (typeof first !== 'number' || typeof last !== 'number') return null;
  return {
    low: Math.max(range.low, first * blockSize),
    high: Math.min(range.high, last * blockSize + blockSize - 1),
  };
}
