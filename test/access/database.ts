import { onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { migrate } from '../../src/db/migrate.ts';

/** The database at a URL, with its tables; closed when the test has finished. */
export async function migrated(url: string): Promise<Database> {
  await migrate(url);
  const database = await openDatabase(url);
  onTestFinished(() => database.close());
  return database;
}
