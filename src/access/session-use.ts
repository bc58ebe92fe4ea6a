import type { Session } from '../db/sqlite/client.ts';
import { type ApiTokenStore, useRecordedEveryMs } from './api-token.ts';

/** Notes that a session was used, to the minute. A failure is reported: a request is worth more than the note. */
export async function noteSessionUse({ client, events, now }: ApiTokenStore, session: Session): Promise<void> {
  const { id, lastUsedAt, createdAt } = session;
  const usedAt = now();
  if (usedAt - (lastUsedAt ?? createdAt).getTime() < useRecordedEveryMs) return;
  try {
    await client.session.updateMany({ where: { id }, data: { lastUsedAt: new Date(usedAt) } });
  } catch (error) {
    events.failed({ doing: 'noting that a session was used', error });
  }
}
