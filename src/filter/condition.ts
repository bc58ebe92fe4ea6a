import type { JsonObject, Parsed } from '../entry.ts';
import type { Need } from './need.ts';

/** What is asked of a record; `parsed` is made when it is first asked for, so ask for `raw` where that is enough. */
export interface Subject {
  readonly raw: string;
  readonly parsed: Parsed;
}

/**
 * Bytes, as UTF-8, of which at least one stands in whatever fulfils a condition: so a scan can pass over everything else
 * without looking at it. `folded`: ASCII letters count in either case, and are given in lower case.
 *
 * Never empty, and within one line. Only for logs in UTF-8.
 */
export interface Needle {
  text: string;
  folded: boolean;
}

/** One thing that an entry has to fulfil. A condition is pure, and takes time linear in the length of the record. */
export interface Condition {
  /**
   * @param time when it happened, in ms since 1970, UTC: an entry without a time has that of the one before it; null when
   *   there is none. Only asked for where `needsTime`.
   */
  matches(subject: Subject, time: number | null): boolean;
  readonly needsTime: boolean;
  /** What it asks for, besides the time. */
  readonly needs: Need;
  /** One of these stands in every record that fulfils it; so none at all: nothing does. Null: nothing can be said. */
  readonly needles: readonly Needle[] | null;
  /** As the search box takes it. */
  print(): string;
  /** As the API's LogFilter: times as RFC 3339. */
  toJson(): JsonObject;
}
