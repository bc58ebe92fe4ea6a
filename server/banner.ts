import { redact } from './redact.ts';

export interface BannerInfo {
  /** Where the server can be reached, such as http://127.0.0.1:4000. */
  url: string;
  /** Signs in whoever opens it, once; null when one signs in with a password. */
  signInUrl: string | null;
  dataDir: string;
  /** URL of the database; its credentials are not shown. */
  database: string;
  /** How many logs are offered. */
  sources: number;
  version: string;
}

/** What whoever starts the server needs to know: an aligned table, without colours, the same for people and pipes. */
export function banner({ url, signInUrl, dataDir, database, sources, version }: BannerInfo): string {
  const graphql = new URL('/graphql', url);
  const socket = new URL(graphql);
  socket.protocol = graphql.protocol === 'https:' ? 'wss:' : 'ws:';
  const rows = [
    ['GraphQL', graphql.href],
    ['GraphiQL', `${graphql.href} (in a browser)`],
    ['WebSocket', socket.href],
    ['Data', dataDir],
    ['Database', redact(database)],
    ['Sources', String(sources)],
    ['Version', version],
    ...(signInUrl === null ? [] : [['Sign in (once)', signInUrl] as const]),
  ] as const;
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
