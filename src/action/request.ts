import { createHash } from 'node:crypto';
import { type Dialect, insert, numberOf, query, textOf, type Work } from '../db/sql.ts';
import type { NewAction } from './action.ts';

/** A call that is to have its effect once, however often it is made. */
export interface Request {
  /** Hash of the key and of who uses it. */
  key: string;
  payloadHash: string;
}

/** What was recorded under a key: `count` actions, from `firstId`. */
export interface Recorded extends Request {
  firstId: number;
  count: number;
}

/** How long a key is remembered, in ms: longer than anybody tries again. */
export const rememberedMs = 24 * 3_600_000;

/** Keys of different people have nothing to do with each other. */
export const requestOf = (userId: string, key: string, actions: readonly NewAction[]): Request => ({
  key: hash(JSON.stringify([userId, key])),
  payloadHash: hash(JSON.stringify(actions)),
});

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** What was recorded under these keys, by key. */
export function* findRequests(dialect: Dialect, keys: readonly string[]): Work<Map<string, Recorded>> {
  const found = new Map<string, Recorded>();
  if (keys.length === 0) return found;
  const rows = yield* query(
    `SELECT "key", "payloadHash", "firstId", "count" FROM "ActionRequest"
     WHERE "key" IN (SELECT value->>0 FROM ${dialect.items('$1')})`,
    [JSON.stringify(keys.map((key) => [key]))],
  );
  for (const [key, payloadHash, firstId, count] of rows) {
    const recorded = {
      key: textOf(key),
      payloadHash: textOf(payloadHash),
      firstId: numberOf(firstId),
      count: numberOf(count),
    };
    found.set(recorded.key, recorded);
  }
  return found;
}

/** @param recordedAt ms since 1970, UTC */
export const insertRequests = (requests: readonly Recorded[], recordedAt: number): Work<void> =>
  insert({
    table: 'ActionRequest',
    columns: [
      { name: 'key', type: 'TEXT' },
      { name: 'payloadHash', type: 'TEXT' },
      { name: 'firstId', type: 'BIGINT' },
      { name: 'count', type: 'INTEGER' },
      { name: 'recordedAt', type: 'BIGINT' },
    ],
    rows: requests.map(({ key, payloadHash, firstId, count }) => [key, payloadHash, firstId, count, recordedAt]),
    key: null,
  });
