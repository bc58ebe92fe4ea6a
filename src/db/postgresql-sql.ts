import pg from 'pg';
import type { Row, Sql, Work } from './sql.ts';

/** Connections: one writes, the others read. */
const most = 4;

/** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const bigint = 20;

/** Connections of its own to a PostgreSQL database. */
export function openPostgresqlSql(url: string, connectTimeoutMs: number): Sql {
  const pool = new pg.Pool({ connectionString: url, max: most, connectionTimeoutMillis: connectTimeoutMs });
  // One that fails while nobody uses it is replaced by the next query.
  pool.on('error', () => {});
  const run = async (client: pg.Pool | pg.PoolClient, text: string, values: readonly unknown[]): Promise<Row[]> =>
    (await client.query<Row[number][]>({ text, values: [...values], rowMode: 'array', types })).rows;

  async function transact<Result>(client: pg.PoolClient, work: () => Work<Result>): Promise<Result> {
    await client.query('BEGIN');
    try {
      const steps = work();
      let step = steps.next([]);
      while (!step.done) step = steps.next(await run(client, step.value.text, step.value.values));
      await client.query('COMMIT');
      return step.value;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  }

  return {
    isShared: true,
    dialect: {
      items: (parameter) => `jsonb_array_elements(${parameter}::jsonb)`,
      bytes: (expression) => `decode(${expression}, 'hex')`,
      status: (expression) => `CAST(${expression} AS "ActionStatus")`,
    },
    read: (text, values) => run(pool, text, values),
    async write(work) {
      const client = await pool.connect();
      try {
        const result = await transact(client, work);
        client.release();
        return result;
      } catch (error) {
        // Also when it could not be rolled back: the connection is not used again.
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** Numbers to 2^53 are exact; the driver would give text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: 'text' | 'binary') =>
    id === bigint ? Number : pg.types.getTypeParser(id, format ?? 'text'),
};
