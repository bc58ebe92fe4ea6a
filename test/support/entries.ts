import type { HttpAnswer, TestServer } from './server.ts';

/** A page of `Source.entries`. */
export interface Connection {
  nodes: { raw: string; cursor: string }[];
  edges: { cursor: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  scan: { complete: boolean };
}

export interface Data {
  source: { entries: Connection | null } | null;
}

const document = `
  query ($name: String!, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
    source(by: { name: $name }) {
      entries(first: $first, after: $after, last: $last, before: $before) {
        nodes { raw cursor }
        edges { cursor }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        scan { complete }
      }
    }
  }`;

/** Asks for a page of the entries of the source with this name. */
export const askEntries = (server: TestServer, name: string, page: object = {}): Promise<HttpAnswer<Data>> =>
  server.query<Data>(document, { name, ...page });

/** The page; throws when there are errors instead. */
export async function readEntries(server: TestServer, name: string, page: object = {}): Promise<Connection> {
  const { data, errors } = await askEntries(server, name, page);
  if (!data?.source?.entries) throw new Error(JSON.stringify(errors));
  return data.source.entries;
}

export const rawOf = ({ nodes }: Connection): string[] => nodes.map(({ raw }) => raw);

/** The text of a log with these lines. */
export const textOf = (lines: string[]): string => lines.map((line) => `${line}\n`).join('');
