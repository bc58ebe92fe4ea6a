import { prepareLog } from '../../src/action/action-log.ts';
import { recordBatch } from '../../src/action/batch.ts';
import { SeriesCatalog } from '../../src/action/series.ts';
import { openDatabase } from '../../src/db/client.ts';
import { migrate } from '../../src/db/migrate.ts';
import { report } from './sample.ts';

/** Actions in one transaction. */
const batchSize = 5000;

/** Writes actions that were recorded evenly over the days before now, as the server would have then. */
export async function fill(databaseUrl: string, { count, days }: { count: number; days: number }): Promise<void> {
  await migrate(databaseUrl);
  const database = await openDatabase(databaseUrl);
  try {
    const { sql } = database;
    await prepareLog(sql);
    const catalog = new SeriesCatalog(sql);
    const end = Date.now();
    const begin = end - days * 86_400_000;
    for (let number = 0; number < count; number += batchSize) {
      const size = Math.min(batchSize, count - number);
      const actions = Array.from({ length: size }, (_, index) => {
        const { durationMs, error = null, metadata = null, ...names } = report(number + index);
        return {
          ...names,
          timestamp: Math.floor(begin + ((number + index) / count) * (end - begin)),
          durationUs: Math.round(durationMs * 1000),
          error,
          metadata: metadata && JSON.stringify(metadata),
        };
      });
      const now = Math.floor(begin + ((number + size) / count) * (end - begin));
      await sql.write(() => recordBatch(sql.dialect, catalog, { calls: [{ actions, request: null }], now }));
      await catalog.refresh();
    }
  } finally {
    await database.close();
  }
}
