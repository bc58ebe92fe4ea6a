import pg from 'pg';
import { type Column, insertText, type Row, type Rows, type Sql, type Statement, type Work } from './sql.ts';

/** Connections: one writes, the others read. */
const most = 4;

/** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const bigint = 20;

/** Connections of its own to a PostgreSQL database. */
export function openPostgresqlSql(url: string, connectTimeoutMs: number): Sql {
  const pool = new pg.Pool({ connectionString: url, max: most, connectionTimeoutMillis: connectTimeoutMs });
  // One that fails while nobody uses it is replaced by the next query.
  pool.on('error', () => {});
  async function run(client: pg.Pool | pg.PoolClient, statement: Statement): Promise<Row[]> {
    const { text, values } =
      'rows' in statement ? { text: insertAll(statement), values: [json(statement)] } : statement;
    return (await client.query<Row[number][]>({ text, values: [...values], rowMode: 'array', types })).rows;
  }

  async function transact<Result>(client: pg.PoolClient, work: () => Work<Result>): Promise<Result> {
    await client.query('BEGIN');
    try {
      const steps = work();
      let step = steps.next([]);
      while (!step.done) step = steps.next(await run(client, step.value));
      await client.query('COMMIT');
      return step.value;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  }

  return {
    file: null,
    // The database sees to it.
    alone: (work) => work(),
    dialect: {
      items: (parameter) => `jsonb_array_elements(${parameter}::jsonb)`,
      // OFFSET keeps the planner from making one join of it, for which it reads the whole table.
      each: (outer, table, where) =>
        `FROM ${outer} CROSS JOIN LATERAL (SELECT * FROM "${table}" a WHERE ${where} OFFSET 0) a`,
    },
    read: (text, values) => run(pool, { text, values }),
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

/** All rows in one parameter: thirty times as fast as a parameter for each value. */
const insertAll = (rows: Rows): string =>
  insertText(rows, `SELECT ${rows.columns.map(valueFrom).join(', ')} FROM jsonb_array_elements($1::jsonb)`);

function valueFrom({ type }: Column, index: number): string {
  const text = `value->>${index}`;
  if (type === 'TEXT') return text;
  if (type === 'BYTES') return `decode(${text}, 'hex')`;
  return `CAST(${text} AS ${type})`;
}

const json = ({ rows }: Rows): string =>
  JSON.stringify(
    rows.map((row) => row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value))),
  );

/** Numbers to 2^53 are exact; the driver would give text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: 'text' | 'binary') =>
    id === bigint ? Number : pg.types.getTypeParser(id, format ?? 'text'),
};
