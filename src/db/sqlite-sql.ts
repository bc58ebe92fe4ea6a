import { setTimeout as sleep } from 'node:timers/promises';
import Connection from 'better-sqlite3';
import type { Checkpoints, LogOfWrites } from './checkpoints.ts';
import { insertText, type Question, type Row, type Rows, type Sql, type SqlValue, type Work } from './sql.ts';
import { Turns } from './turns.ts';

/** How long a transaction waits for another connection to end its own, in ms; as long as Prisma's statements do. */
const patienceMs = 5000;

/** Time (ms) between two attempts. */
const retryMs = 2;

/** KiB of pages kept in memory: the ends of a few hundred index entries that are written all the time. */
const cacheKib = 65_536;

/** Pages of the log of writes after which SQLite itself puts them into the file, if nobody else did; 160 MiB. */
export const checkpointPages = 40_000;

/**
 * A connection of its own to a database file. It never waits in SQLite: that would keep the event loop from ending the
 * transaction it waits for, which may be this process's own.
 *
 * @param checkpoints told when something was written; null where somebody else tells them
 */
export function openSqliteSql(file: string, checkpoints: Checkpoints | null): Sql {
  const connection = new Connection(file, { timeout: 0 });
  connection.pragma('synchronous = NORMAL');
  connection.pragma(`cache_size = -${cacheKib}`);
  connection.pragma(`wal_autocheckpoint = ${checkpointPages}`);
  const turns = new Turns();
  const logOfWrites = connection.prepare<[], LogOfWrites>('PRAGMA wal_checkpoint(NOOP)');
  const questions = new Map<string, (values: object) => Row[]>();
  const inserts = new Map<string, (row: Row) => unknown>();

  function ask({ text, values }: Question): Row[] {
    const known = questions.get(text);
    if (known !== undefined) return known(named(values));
    const statement = connection.prepare<[object], Row>(text.replace(/\$(\d+)/g, '?$1'));
    const raw = statement.reader ? statement.raw() : null;
    const run = (parameters: object) => raw?.all(parameters) ?? none(statement.run(parameters));
    questions.set(text, run);
    return run(named(values));
  }

  /** Within one process a statement for each row costs less than all of them in one text. */
  function put(rows: Rows): Row[] {
    const text = insertText(rows, `VALUES (${rows.columns.map(() => '?').join(', ')})`);
    const known = inserts.get(text);
    const statement = known === undefined ? connection.prepare<[Row]>(text) : null;
    const run = known ?? ((row: Row) => statement?.run(row));
    inserts.set(text, run);
    for (const row of rows.rows) run(row);
    return [];
  }

  function transact<Result>(work: () => Work<Result>): Result {
    connection.exec('BEGIN IMMEDIATE');
    try {
      const steps = work();
      let step = steps.next([]);
      while (!step.done) step = steps.next('rows' in step.value ? put(step.value) : ask(step.value));
      connection.exec('COMMIT');
      return step.value;
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  }

  /** One after the other; and what they wrote is put into the file by and by. */
  async function writing<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = await turns.take(work);
    const written = checkpoints && logOfWrites.get();
    if (written) checkpoints.wrote(written);
    return result;
  }

  async function patiently<Result>(attempt: () => Result): Promise<Result> {
    const until = performance.now() + patienceMs;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || performance.now() > until) throw error;
        await sleep(retryMs);
      }
    }
  }

  return {
    file,
    dialect: {
      items: (parameter) => `json_each(${parameter})`,
      // Not reordered: https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_cross_join
      each: (outer, table, where) => `FROM ${outer} CROSS JOIN "${table}" a WHERE ${where}`,
    },
    read: (text, values) => patiently(() => ask({ text, values })),
    write: (work) => writing(() => patiently(() => transact(work))),
    alone: writing,
    async close() {
      await checkpoints?.close();
      connection.close();
    },
  };
}

const none = (_done: object): Row[] => [];

/**
 * By their number. Whole numbers as such: the driver would make them floating-point ones, which differ where nothing
 * turns them back, as a column does.
 */
const named = (values: readonly SqlValue[]): object =>
  Object.fromEntries(
    values.map((value, index) => [
      index + 1,
      typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value,
    ]),
  );

const isBusy = (error: unknown): boolean =>
  error instanceof Connection.SqliteError && error.code.startsWith('SQLITE_BUSY');
