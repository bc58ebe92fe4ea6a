/** A value as the databases give and take it. Whole numbers are exact to 2^53. */
export type SqlValue = string | number | Uint8Array | null;

/** One row, in the order of the columns. */
export type Row = readonly SqlValue[];

/** SQL that both databases understand, with `$1`, `$2`, … for its values; or many rows to be put into a table. */
export type Statement = Question | Rows;

export interface Question {
  text: string;
  values: readonly SqlValue[];
}

/** Rows for a table, in the order of its columns here. A row whose key is there already is replaced if `key` says so. */
export interface Rows {
  table: string;
  columns: readonly Column[];
  rows: readonly Row[];
  /** Column whose value tells that a row is there already; null: none is. */
  key: string | null;
}

export interface Column {
  name: string;
  /** As PostgreSQL calls it, which is told; SQLite knows by the table. */
  type: 'INTEGER' | 'BIGINT' | 'TEXT' | 'BYTES' | 'TIMESTAMP(3)' | '"ActionStatus"' | '"SourceKind"' | '"UploadState"';
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
  /** What the two name differently. */
  readonly dialect: Dialect;
  /** The database file, of which this process is the only writer; null where there may be others, elsewhere. */
  readonly file: string | null;
  /** Runs what writes over another connection: nothing else here writes meanwhile, and each has its turn. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface Dialect {
  /** The table of `value`s in a parameter that is a JSON array. */
  items(parameter: `$${number}`): string;
  /**
   * `FROM`, and for each row of `outer` the rows of a table that are as `where` says, found by its index: `where` may name
   * what is in `outer`, and the table as `a`.
   */
  each(outer: string, table: string, where: string): string;
}

/** One statement of a transaction: `const rows = yield* query(text, values)`. */
export function* query(text: string, values: readonly SqlValue[]): Work<Row[]> {
  return yield { text, values };
}

/** Many rows of a transaction, in one statement: a statement for each would be sent and planned each time. */
export function* insert(rows: Rows): Work<void> {
  if (rows.rows.length > 0) yield rows;
}

/** `INSERT INTO` and the columns, and what is to be done with a row that is there: around what gives the rows. */
export function insertText({ table, columns, key }: Rows, source: string): string {
  const names = columns.map(({ name }) => `"${name}"`);
  const others = columns.filter(({ name }) => name !== key).map(({ name }) => `"${name}" = excluded."${name}"`);
  const conflict = key === null ? '' : ` ON CONFLICT ("${key}") DO UPDATE SET ${others.join(', ')}`;
  return `INSERT INTO "${table}" (${names.join(', ')}) ${source}${conflict}`;
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
