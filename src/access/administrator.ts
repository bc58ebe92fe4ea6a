import type { PrismaClient, User } from '../db/sqlite/client.ts';

/** Nobody else can have this name. */
export const builtInName = 'admin';

/** The administrator that every server has, made when first needed. Safe to call from several processes at once. */
export async function builtInAdministrator(client: PrismaClient): Promise<User> {
  const username = builtInName;
  // With an update that changes nothing this is one statement, INSERT ... ON CONFLICT; with none, Prisma makes it two,
  // and of two processes one fails.
  return client.user.upsert({ where: { username }, create: { username, role: 'ADMIN' }, update: { username } });
}
