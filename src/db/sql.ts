/** A value as the databases give and take it. Whole numbers are exact to 2^53. */
export type SqlValue = string | number | Uint8Array | null;

/** One row, in the order of the columns. */
export type Row = readonly SqlValue[];

/** SQL that both databases understand, with `$1`, `$2`, … for its values. */
export interface Statement {
  text: string;
  values: readonly SqlValue[];
}

/**
 * What a transaction does: it yields statements, and is given the rows of each. SQLite runs it in one go, so that
 * nothing else of this process comes between and no lock is held while anything is waited for; PostgreSQL is asked
 * statement by statement.
 */
export type Work<Result> = Generator<Statement, Result, Row[]>;

/** For what Prisma has no words for: many rows in one parameter, and transactions that read, merge and write. */
export interface Sql {
  read(text: string, values: readonly SqlValue[]): Promise<Row[]>;
  /** Runs `work` as one transaction. What it throws undoes all of it, and is thrown. */
  write<Result>(work: () => Work<Result>): Promise<Result>;
  /** How the two name what differs. */
  readonly dialect: Dialect;
  /** Whether other processes may write to the database. */
  readonly isShared: boolean;
  close(): Promise<void>;
}

export interface Dialect {
  /** The table of `value`s in a parameter that is a JSON array. */
  items(parameter: `$${number}`): string;
  /** Bytes from hexadecimal text. */
  bytes(expression: string): string;
  /** A text as the type of `ActionSeries.status`. */
  status(expression: string): string;
}

/** One statement of a transaction: `const rows = yield* query(text, values)`. */
export function* query(text: string, values: readonly SqlValue[]): Work<Row[]> {
  return yield { text, values };
}

export function numberOf(value: SqlValue | undefined): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`The database gave ${typeof value} where a number stands.`);
}

export function textOf(value: SqlValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`The database gave ${typeof value} where a text stands.`);
}

export function bytesOf(value: SqlValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`The database gave ${typeof value} where bytes stand.`);
}
