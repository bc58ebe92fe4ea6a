import type { Sql } from '../db/sql.ts';
import type { Action } from './action.ts';
import { readLog } from './action-log.ts';
import { findByDuration } from './by-duration.ts';
import { findByRecording } from './by-recording.ts';
import { findByTime } from './by-time.ts';
import type { ActionFilter } from './filter.ts';
import { decodePlace, encodePlace, type OrderField, type Place } from './place.ts';
import { readActions } from './row.ts';
import { type Found, type Searching, type Stretch, soughtOf } from './search.ts';
import type { SeriesCatalog } from './series.ts';

export interface ActionOrder {
  field: OrderField;
  direction: 'ASC' | 'DESC';
}

export interface PageRequest {
  filter: ActionFilter;
  order: ActionOrder;
  /** From which end, or which side of a cursor. */
  take: { first: number } | { last: number };
  /** Cursors; both exclusive. */
  after: string | null;
  before: string | null;
}

export interface ActionPage {
  actions: { action: Action; cursor: string }[];
  hasPrevious: boolean;
  hasNext: boolean;
  /** Where to go on; null where nothing was looked at. */
  start: string | null;
  end: string | null;
}

const lowest: Place = { key: -1, id: 0 };
const highest: Place = { key: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

const finders: Record<OrderField, (searching: Searching, stretch: Stretch) => Promise<Found>> = {
  RECORDED: findByRecording,
  TIMESTAMP: findByTime,
  DURATION: findByDuration,
};

/**
 * A page of actions, after which the next begins where it ends: nothing is counted, so the thousandth costs what the
 * first does. When `searchMs` have passed a page by time ends with what it has, and with the place it has reached.
 *
 * @throws {InvalidInputError} when a cursor is none of this order
 */
export async function readPage(
  { sql, catalog, searchMs }: { sql: Sql; catalog: SeriesCatalog; searchMs: number },
  { filter, order, take, after, before }: PageRequest,
): Promise<ActionPage> {
  const afterPlace = after === null ? null : decodePlace(order.field, after, ['after']);
  const beforePlace = before === null ? null : decodePlace(order.field, before, ['before']);
  await catalog.refresh();
  const { lastId, removedThrough } = await readLog(sql);
  const isUp = order.direction === 'ASC';
  const [low, high] = isUp ? [afterPlace, beforePlace] : [beforePlace, afterPlace];
  const isForward = 'first' in take;
  const size = isForward ? take.first : take.last;
  const ends =
    order.field === 'RECORDED'
      ? [
          { key: removedThrough, id: removedThrough },
          { key: lastId + 1, id: lastId + 1 },
        ]
      : [lowest, highest];
  const stretch: Stretch = {
    low: higher(low, ends[0] ?? lowest),
    high: lower(high, ends[1] ?? highest),
    direction: isUp === isForward ? 'up' : 'down',
    count: size + 1,
  };
  const searching = { sql, catalog, sought: soughtOf(filter, catalog), until: performance.now() + searchMs };
  const { places, reached } = await finders[order.field](searching, stretch);
  const page = places.slice(0, size);
  const hasMore = reached !== null || places.length > size;
  if (!isForward) page.reverse();
  const byId = new Map(
    (
      await readActions(
        sql,
        catalog,
        page.map(({ id }) => id),
      )
    ).map((action) => [action.id, action]),
  );
  const cursorOf = (place: Place | null | undefined) => (place ? encodePlace(order.field, place) : null);
  return {
    actions: page.flatMap((place) => {
      const action = byId.get(place.id);
      return action ? { action, cursor: encodePlace(order.field, place) } : [];
    }),
    hasPrevious: isForward ? after !== null : hasMore,
    hasNext: isForward ? hasMore : before !== null,
    start: cursorOf(isForward ? page[0] : (reached ?? page[0])),
    end: cursorOf(isForward ? (reached ?? page.at(-1)) : page.at(-1)),
  };
}

const higher = (one: Place | null, other: Place): Place => (one !== null && one.key > other.key ? one : other);
const lower = (one: Place | null, other: Place): Place => (one !== null && one.key < other.key ? one : other);
