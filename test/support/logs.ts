import type { Connection } from './entries.ts';
import type { HttpAnswer, TestServer } from './server.ts';

const document = `
  query ($sources: [ID!]!, $filter: LogFilter, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
    logs(sources: $sources, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      nodes { raw cursor timestamp level }
      edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      scan { complete scannedBytes reachedTime }
    }
  }`;

/** Asks for a page of several logs. */
export const askLogs = (
  server: TestServer,
  sources: string[],
  page: object = {},
): Promise<HttpAnswer<{ logs: Connection | null }>> => server.query(document, { sources, ...page });

/** The page; throws when there are errors instead. */
export async function readLogs(server: TestServer, sources: string[], page: object = {}): Promise<Connection> {
  const { data, errors } = await askLogs(server, sources, page);
  if (!data?.logs) throw new Error(JSON.stringify(errors));
  return data.logs;
}
