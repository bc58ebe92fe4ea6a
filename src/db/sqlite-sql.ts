import { setTimeout as sleep } from 'node:timers/promises';
import Connection from 'better-sqlite3';
import type { Row, Sql, SqlValue, Work } from './sql.ts';

/** How long a transaction waits for another connection to end its own, in ms; as long as Prisma's statements do. */
const patienceMs = 5000;

/** Time (ms) between two attempts. */
const retryMs = 2;

/** KiB of pages kept in memory: the ends of a few hundred index entries that are written all the time. */
const cacheKib = 65_536;

/**
 * A connection of its own to a database file. It never waits in SQLite: that would keep the event loop from ending the
 * transaction it waits for, which may be this process's own.
 */
export function openSqliteSql(file: string): Sql {
  const connection = new Connection(file, { timeout: 0 });
  connection.pragma('synchronous = NORMAL');
  connection.pragma(`cache_size = -${cacheKib}`);
  const prepared = new Map<string, Prepared>();

  function prepare(text: string): Prepared {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const statement = connection.prepare<[object], Row>(text.replace(/\$(\d+)/g, '?$1'));
    const made = {
      all: statement.reader
        ? (values: object) => statement.raw().all(values)
        : (values: object) => none(statement.run(values)),
    };
    prepared.set(text, made);
    return made;
  }

  const run = (text: string, values: readonly SqlValue[]): Row[] => prepare(text).all(named(values));

  function transact<Result>(work: () => Work<Result>): Result {
    run('BEGIN IMMEDIATE', []);
    try {
      const steps = work();
      let step = steps.next([]);
      while (!step.done) step = steps.next(run(step.value.text, step.value.values));
      run('COMMIT', []);
      return step.value;
    } catch (error) {
      if (connection.inTransaction) run('ROLLBACK', []);
      throw error;
    }
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
    isShared: false,
    dialect: {
      items: (parameter) => `json_each(${parameter})`,
      bytes: (expression) => `unhex(${expression})`,
      status: (expression) => expression,
    },
    read: (text, values) => patiently(() => run(text, values)),
    write: (work) => patiently(() => transact(work)),
    async close() {
      connection.close();
    },
  };
}

interface Prepared {
  all(values: object): Row[];
}

const none = (_done: object): Row[] => [];

/** By their number. Whole numbers as such: the driver would make them floating-point ones. */
const named = (values: readonly SqlValue[]): object =>
  Object.fromEntries(
    values.map((value, index) => [
      index + 1,
      typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value,
    ]),
  );

const isBusy = (error: unknown): boolean =>
  error instanceof Connection.SqliteError && error.code.startsWith('SQLITE_BUSY');
