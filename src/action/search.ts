import { type Dialect, numberOf, type Row, type Sql } from '../db/sql.ts';
import { type ActionFilter, says, seriesFor, seriesNaming } from './filter.ts';
import type { Parameters } from './parameters.ts';
import type { Place } from './place.ts';
import type { SeriesCatalog } from './series.ts';

/** A filter, and what of it the database is asked. */
export interface Sought {
  filter: ActionFilter;
  /** Null: all. */
  seriesIds: readonly number[] | null;
  /** Those in whose names the text is. */
  namedIds: readonly number[];
}

/** After the catalog was refreshed. */
export const soughtOf = (filter: ActionFilter, catalog: SeriesCatalog): Sought => ({
  filter,
  seriesIds: seriesFor(filter, catalog),
  namedIds: filter.needle === null ? [] : seriesNaming(filter.needle, catalog),
});

/** Where to look: between two places, both exclusive, from one of them on. */
export interface Stretch {
  low: Place;
  high: Place;
  /** `up`: from `low` on. */
  direction: 'up' | 'down';
  /** As many as are needed, in this order. */
  count: number;
}

/** What was found, in order; `reached`: the place up to which was looked, null: all of it. */
export interface Found {
  places: Place[];
  reached: Place | null;
}

export interface Searching {
  sql: Sql;
  catalog: SeriesCatalog;
  sought: Sought;
  /** When to end with what was found, by `performance.now()`. */
  until: number;
}

/** What is not yet known of the text is asked of the candidates, which are read this many at a time, beyond a page. */
export const mostCandidates = 2000;

/** What the database is asked of the action `a`, but for its place: true for whatever matches, and false for most else. */
export function conditionsOf(
  { filter, seriesIds, namedIds }: Sought,
  parameters: Parameters,
  dialect: Dialect,
): string {
  // The plus keeps the database from the index of the series: these are asked within some stretch of another one.
  const among = (ids: readonly number[]) =>
    `+a."seriesId" IN (SELECT CAST(value AS INTEGER) FROM ${dialect.items(parameters.add(JSON.stringify(ids)))})`;
  const conditions = [
    seriesIds === null ? [] : among(seriesIds),
    filter.from === null ? [] : `a."timestamp" >= ${parameters.add(filter.from)}`,
    filter.to === null ? [] : `a."timestamp" < ${parameters.add(filter.to)}`,
    filter.minUs === null ? [] : `a."durationUs" >= ${parameters.add(filter.minUs)}`,
    filter.maxUs === null ? [] : `a."durationUs" <= ${parameters.add(filter.maxUs)}`,
    filter.needle === null ? [] : `(a."error" IS NOT NULL OR ${among(namedIds)})`,
  ].flat();
  return conditions.length === 0 ? '' : ` AND ${conditions.join(' AND ')}`;
}

/** The same for a block of actions: false when there is surely none in it. */
export function blockConditionsOf({ from, to, minUs, maxUs }: ActionFilter, parameters: Parameters): string {
  const conditions = [
    from === null ? [] : `"maxTimestamp" >= ${parameters.add(from)}`,
    to === null ? [] : `"minTimestamp" < ${parameters.add(to)}`,
    minUs === null ? [] : `"maxDurationUs" >= ${parameters.add(minUs)}`,
    maxUs === null ? [] : `"minDurationUs" <= ${parameters.add(maxUs)}`,
  ].flat();
  return conditions.length === 0 ? '' : ` AND ${conditions.join(' AND ')}`;
}

/** Columns of a candidate, after its key. */
export const candidateColumns = ({ filter }: Sought): string =>
  filter.needle === null ? 'a."id"' : 'a."id", a."seriesId", a."error"';

/** Whether a candidate, as its key and `candidateColumns`, has the text in it. */
export function isFound([, , seriesId, error]: Row, { catalog, sought: { filter } }: Searching): boolean {
  if (filter.needle === null) return true;
  const series = catalog.get(numberOf(seriesId));
  return series !== undefined && says(filter.needle, series, typeof error === 'string' ? error : null);
}

export const placeOf = ([key, id]: Row): Place => ({ key: numberOf(key), id: numberOf(id) });

/** Most ids or ms in one step of a search along an index: all there can be. */
export const longestStep = 2 ** 50;

/**
 * Size of the next step of a search, by what the last one took: SQLite keeps this thread meanwhile, so some ms, after which
 * others have their turn; PostgreSQL does not, and each question to it costs a round trip.
 */
export function nextSize(size: number, ms: number, { most, sql }: { most: number; sql: Sql }): number {
  const [short, long] = sql.file === null ? [50, 250] : [4, 20];
  if (ms < short) return Math.min(size * 4, most);
  return ms > long ? Math.max(Math.ceil(size / 4), 1) : size;
}
