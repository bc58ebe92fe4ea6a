import type { Sql } from '../db/sql.ts';
import { openSqliteSql } from '../db/sqlite-sql.ts';
import { recordBatch } from './batch.ts';
import { type BatchMessage, type BatchReply, callsOf, replyOf } from './batch-message.ts';
import { SeriesCatalog } from './series.ts';

/** Open for as long as the thread lives. */
let opened: { sql: Sql; catalog: SeriesCatalog } | null = null;

function open(file: string): { sql: Sql; catalog: SeriesCatalog } {
  const sql = openSqliteSql(file, null);
  return { sql, catalog: new SeriesCatalog(sql) };
}

/** What the thread is started with: records one batch after the other, all in the same database file. */
export default async function record({ file, batch }: { file: string; batch: BatchMessage }): Promise<BatchReply> {
  opened ??= open(file);
  const { sql, catalog } = opened;
  await catalog.refresh();
  const calls = callsOf(batch, catalog);
  return replyOf(await sql.write(() => recordBatch(sql.dialect, catalog, { calls, now: Date.now() })));
}
