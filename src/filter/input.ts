import type { JsonValue, Level } from '../entry.ts';

/**
 * A filter as it is asked for: all that is given must hold, absent or null is no condition, and an empty list matches
 * nothing. Plain data, so that it can be sent to another thread.
 */
export interface FilterInput {
  /** The search-box form. */
  query?: string | null | undefined;
  /** Part of the raw record; in any case of letters unless `caseSensitive`. */
  contains?: string | null | undefined;
  caseSensitive?: boolean | null | undefined;
  /** A regular expression over the raw record. */
  matches?: string | null | undefined;
  /** Leaves UNKNOWN out. */
  minLevel?: Level | null | undefined;
  levels?: Level[] | null | undefined;
  /** Milliseconds since 1970, UTC; `from` is inclusive, `to` exclusive. */
  from?: number | null | undefined;
  to?: number | null | undefined;
  loggers?: string[] | null | undefined;
  actions?: string[] | null | undefined;
  fields?: FieldInput[] | null | undefined;
  and?: FilterInput[] | null | undefined;
  or?: FilterInput[] | null | undefined;
  not?: FilterInput | null | undefined;
}

/** What one field has to fulfil: all that is given. */
export interface FieldInput {
  /** Its name; names of nested fields separated by dots. */
  path: string;
  eq?: JsonValue | undefined;
  neq?: JsonValue | undefined;
  in?: JsonValue[] | null | undefined;
  contains?: string | null | undefined;
  gt?: number | null | undefined;
  gte?: number | null | undefined;
  lt?: number | null | undefined;
  lte?: number | null | undefined;
  exists?: boolean | null | undefined;
}
