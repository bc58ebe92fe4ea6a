import { onTestFinished } from 'vitest';
import { newSecret, secretHash } from '../../src/access/secret-hash.ts';
import { type Database, openDatabase, type PrismaClient } from '../../src/db/client.ts';
import { migrate } from '../../src/db/migrate.ts';

/** The database at a URL, with its tables; closed when the test has finished. */
export async function migrated(url: string): Promise<Database> {
  await migrate(url);
  const database = await openDatabase(url);
  onTestFinished(() => database.close());
  return database;
}

/** A session of this user, as an access token names it. */
export async function sessionOf(client: PrismaClient, userId: string): Promise<{ userId: string; sessionId: string }> {
  const [familyHash, refreshHash] = [secretHash(newSecret()), secretHash(newSecret())];
  const expiresAt = new Date(Date.now() + 3600_000);
  const { id: sessionId } = await client.session.create({ data: { userId, familyHash, refreshHash, expiresAt } });
  return { userId, sessionId };
}
