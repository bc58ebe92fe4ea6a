import { openDatabase, type PrismaClient } from '../../src/db/client.ts';
import type { TestServer } from './server.ts';

/** Looks into, or changes, the database of a running server, as another process would. */
export async function withDatabase<Result>(
  { config }: Pick<TestServer, 'config'>,
  work: (client: PrismaClient) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(config.databaseUrl);
  try {
    return await work(database.client);
  } finally {
    await database.close();
  }
}
