import { now } from '../latency/stamp.ts';

/** What is asked of an entry: seven fields, all of them in the log's text. */
export const entryFields = 'cursor timestamp level ... on AccessLogEntry { method path status protocol }';

/** The path of a request says which entry it is, of which round, and when it was written (ns of the common clock). */
const pathOf = (run: string, number: number) => `/order/${run}:${number}@${now()}/`;

/** A request as nginx notes it. */
export const lineOf = (run: string, number: number) =>
  `192.0.2.7 - - [27/Nov/2026:10:50:54 +0000] "GET ${pathOf(run, number)} HTTP/1.1" 200 612 "-" "curl/8.5.0"\n`;

/** The same as Tailql answers it, for the servers that it is compared with. */
export const entryOf = (run: string, number: number) => ({
  cursor: `${'AgGjH0qeJ2fWm70AC2ILzUrG'.repeat(2)}${number.toString(36).padStart(16, '0')}`,
  timestamp: '2026-11-27T10:50:54.000Z',
  level: 'INFO',
  method: 'GET',
  path: pathOf(run, number),
  status: 200,
  protocol: 'HTTP/1.1',
});

/** First and last entry of a round that a message carries, and when the last was written; null when it has none. */
export function spanOf(run: string, message: Buffer): { first: number; last: number; writtenAt: bigint } | null {
  const mark = `/order/${run}:`;
  const at = message.indexOf(mark);
  if (at === -1) return null;
  const first = stampAt(message, at + mark.length);
  return { ...stampAt(message, message.lastIndexOf(mark) + mark.length), first: first.last };
}

function stampAt(message: Buffer, start: number): { last: number; writtenAt: bigint } {
  const at = message.indexOf('@', start);
  const digits = message.toString('latin1', at + 1, message.indexOf('/', at));
  return { last: Number(message.toString('latin1', start, at)), writtenAt: BigInt(digits) };
}
