import type { HttpAnswer, TestServer } from './server.ts';

/** A page of `Source.entries`. */
export interface Connection {
  nodes: { raw: string; cursor: string; timestamp: string | null; level: string }[];
  edges: { cursor: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  scan: { complete: boolean; scannedBytes: string; reachedTime: string | null };
}

export interface Data {
  source: { entries: Connection | null } | null;
}

const document = `
  query ($name: String!, $filter: LogFilter, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
    source(by: { name: $name }) {
      entries(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        nodes { raw cursor timestamp level }
        edges { cursor }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        scan { complete scannedBytes reachedTime }
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

/** All pages of so many entries, from either end or a cursor, each beginning where the one before ended. */
export async function readPages(
  read: (page: object) => Promise<Connection>,
  size: number,
  from: 'beginning' | 'end',
  begin?: string,
): Promise<Connection[]> {
  const pages: Connection[] = [];
  for (let cursor = begin; ; ) {
    const page = await read(from === 'end' ? { last: size, before: cursor } : { first: size, after: cursor });
    if (from === 'end') pages.unshift(page);
    else pages.push(page);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    if (from === 'end' ? !hasPreviousPage : !hasNextPage) return pages;
    const next = from === 'end' ? startCursor : endCursor;
    if (next === cursor) throw new Error('A page led to itself.');
    cursor = next;
  }
}

/** The text of a log with these lines. */
export const textOf = (lines: string[]): string => lines.map((line) => `${line}\n`).join('');
