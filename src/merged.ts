import type { Positions } from './batch.ts';
import { type Position, placeAfter } from './entry.ts';
import type { Entry } from './format/entry.ts';
import type { PageWithLate } from './late.ts';
import { Reading } from './reading.ts';

/** An entry among those of several logs, and the place just after it: its own position, and where the others are. */
export interface MergedEntry {
  entry: Entry;
  positions: Positions;
}

/** A stretch of several logs: their entries by time, those of each log in the order of writing. */
export interface MergedPage {
  entries: MergedEntry[];
  hasPrevious: boolean;
  hasNext: boolean;
  /** Where the page begins and ends in each log, also when it is empty: reading can go on from here. */
  start: Positions;
  end: Positions;
  scan: PageWithLate['scan'];
  reachedTime: number | null;
}

/** A page of one log, from the same side as the merged one is to be; backwards, one entry more than that may have. */
export interface Part {
  sourceId: string;
  page: PageWithLate;
  /** The place before its first entry, where no entry of the page stands before that. */
  beginning: Position;
}

/** The entries of a part that are taken, from one side, and when they happened: one without a time as the one before. */
class Taking {
  readonly part: Part;
  readonly #side: 'first' | 'last';
  readonly #times: number[] = [];
  /** Where a reader of them all is after each, its entry included. */
  readonly places: Position[] = [];
  /** Those from index `low` on and before `high` are taken. */
  low: number;
  high: number;

  constructor(part: Part, side: 'first' | 'last') {
    this.part = part;
    this.#side = side;
    const { entries, late, start, end } = part.page;
    const reading = new Reading(side === 'first' || late > 0 ? part.beginning : start, 'given');
    let time = Number.NEGATIVE_INFINITY;
    for (const [index, { parsed, record }] of entries.entries()) {
      time = parsed.timestamp ?? time;
      this.#times.push(time);
      if (index < late) this.places.push(reading.goOnLate(record.position));
      else {
        const place = reading.placeAt(record.position, end);
        reading.goOn(place);
        this.places.push(place);
      }
    }
    this.low = side === 'first' ? 0 : entries.length;
    this.high = this.low;
  }

  /** When the entry happened that would be taken next, or before that; undefined when there is none. */
  get earliest(): number | undefined {
    return this.#times[this.high];
  }

  get latest(): number | undefined {
    return this.low > 0 ? this.#times[this.low - 1] : undefined;
  }

  /** Whether its log was looked through in vain. */
  get isVain(): boolean {
    const { entries, scan } = this.part.page;
    return entries.length === 0 && scan.scannedBytes > 0;
  }

  /** Where its log is before the first entry that is taken. */
  get before(): Position {
    if (this.isVain && this.#side === 'last') return this.part.page.end;
    const previous = this.places[this.low - 1];
    return previous === undefined ? this.part.beginning : placeAfter(previous);
  }
}

/** The oldest entries of several logs, or the newest. What is behind the end of an unfinished page comes with another one. */
export function merged(parts: Part[], take: { first: number } | { last: number }): MergedPage {
  const side = 'first' in take ? 'first' : 'last';
  const takings = parts.map((part) => new Taking(part, side));
  const order: Taking[] = [];
  const count = 'first' in take ? take.first : take.last;
  for (let next = nextOf(takings, side); next !== null && order.length < count; next = nextOf(takings, side)) {
    order.push(next);
    if (side === 'first') next.high++;
    else next.low--;
  }
  if (side === 'last') order.reverse();
  const isRest = ({ part, low, high }: Taking) => (side === 'first' ? high < part.page.entries.length : low > 0);
  return {
    ...placed(takings, order, side),
    hasPrevious: parts.some(({ page }) => page.hasPrevious) || (side === 'last' && takings.some(isRest)),
    hasNext: parts.some(({ page }) => page.hasNext) || (side === 'first' && takings.some(isRest)),
    scan: {
      complete: order.length >= count || parts.every(({ page }) => page.scan.complete),
      scannedBytes: parts.reduce((sum, { page }) => sum + page.scan.scannedBytes, 0),
    },
  };
}

/** Whose entry comes next; null when there is none, or it is not known. */
function nextOf(takings: Taking[], side: 'first' | 'last'): Taking | null {
  let next: Taking | null = null;
  // Of entries of one time those of the log named first come first, from either side.
  for (const taking of side === 'first' ? takings : takings.toReversed()) {
    const time = side === 'first' ? taking.earliest : taking.latest;
    if (time === undefined && !taking.part.page.scan.complete) return null;
    const best = side === 'first' ? next?.earliest : next?.latest;
    const isNext = time !== undefined && (best === undefined || (side === 'first' ? time < best : time > best));
    if (isNext) next = taking;
  }
  return next;
}

/** The entries that were taken, in order, with their places. */
function placed(takings: Taking[], order: Taking[], side: 'first' | 'last') {
  const places: Positions = new Map(takings.map((taking) => [taking.part.sourceId, taking.before]));
  const start: Positions = new Map(takings.map((taking) => [taking.part.sourceId, startOf(taking)]));
  const indexes = new Map(takings.map((taking) => [taking, taking.low]));
  const entries: MergedEntry[] = [];
  for (const taking of order) {
    const index = indexes.get(taking) ?? 0;
    const [entry, place] = [taking.part.page.entries[index], taking.places[index]];
    if (entry === undefined || place === undefined) continue;
    indexes.set(taking, index + 1);
    entries.push({ entry, positions: new Map(places).set(taking.part.sourceId, place) });
    places.set(taking.part.sourceId, placeAfter(place));
  }
  const end = new Map(places);
  for (const { part, high } of takings) {
    const isToEnd = high === part.page.entries.length && (side === 'first' || high > 0);
    if (isToEnd) end.set(part.sourceId, part.page.end);
  }
  const reached = entries.at(side === 'first' ? -1 : 0)?.entry.parsed.timestamp ?? null;
  return { entries, start, end, reachedTime: reached };
}

/** Where the page begins in one log: at its first entry, else where nothing of it was taken. */
function startOf({ part, low, high, before, isVain }: Taking): Position {
  if (isVain) return part.page.start;
  const first = low < high ? part.page.entries[low] : undefined;
  const isAll = low === 0 && part.page.entries.length > 0;
  if (isAll && !part.page.scan.complete) return part.page.start;
  return first?.record.position ?? placeAfter(before);
}
