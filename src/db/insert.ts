import type { Database } from './client.ts';

type Value = string | number | boolean | Date | null;

/**
 * Inserts rows of one table by one statement with one parameter, a JSON array: about thirty times as fast as
 * `createMany`, and without what Prisma keeps for each row of such a call. Nothing is filled in: a row has a value for
 * every column, ids and times included, and all rows have the same ones.
 */
export async function insertRows(
  { kind, client }: Pick<Database, 'kind' | 'client'>,
  table: string,
  rows: readonly Readonly<Record<string, Value>>[],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const columns = names.map((name) => `"${name}"`).join(', ');
  const values = {
    sqlite: `SELECT ${names.map((name) => `value ->> '${name}'`).join(', ')} FROM json_each(?)`,
    postgresql: `SELECT ${columns} FROM jsonb_populate_recordset(NULL::"${table}", $1::jsonb)`,
  };
  await client.$executeRawUnsafe(`INSERT INTO "${table}" (${columns}) ${values[kind]}`, JSON.stringify(rows, asStored));
}

/** Times as Prisma writes them: SQLite keeps text, and compares it. */
function asStored(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const time = this[name];
  return time instanceof Date ? time.toISOString().replace('Z', '+00:00') : value;
}
