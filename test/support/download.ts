import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { DownloadLinks } from '../../src/access/download-link.ts';
import { signingKey } from '../../src/access/secret.ts';
import type { Answer, TestServer } from './server.ts';

const document = `
  query ($name: String!, $filter: LogFilter) {
    source(by: { name: $name }) { download(filter: $filter) { url expiresAt } }
  }`;

/** Asks for a link to the source with this name. */
export async function linkTo(
  { url, token }: Pick<TestServer, 'url' | 'token'>,
  name: string,
  filter?: object,
): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: document, variables: { name, filter } }),
  });
  const { data, errors }: Answer<{ source: { download: { url: string } | null } | null }> = await response.json();
  const link = data?.source?.download?.url;
  if (link === undefined) throw new Error(JSON.stringify(errors));
  return link;
}

/** A link that is signed as the server signs its own. */
export async function forgedLink(
  server: TestServer,
  { userId, source, now = Date.now() }: { userId: string; source: string; now?: number },
): Promise<string> {
  const links = new DownloadLinks(await signingKey(server.config), () => now);
  const { token } = await links.issue({ userId, sourceId: decodeGlobalID(source).id, filter: null }, null);
  return `${server.url}/download?token=${token}`;
}

export interface Downloaded {
  status: number;
  headers: IncomingHttpHeaders;
  /** As it came: not decoded. */
  body: Buffer;
  /** Whether it ended as an answer does, and was not cut. */
  complete: boolean;
}

/** Opens a link, and resolves when the answer begins. Nothing of it is read until somebody does. */
export async function begin(
  url: string,
  options: { method?: string; headers?: object } = {},
): Promise<IncomingMessage> {
  const asked = request(url, { agent: false, ...options, headers: { ...options.headers } });
  asked.end();
  // That it was cut is told where it is read.
  asked.on('error', () => {});
  const [response] = await once(asked, 'response');
  return response;
}

/** The rest of an answer. */
export async function rest(response: IncomingMessage): Promise<Downloaded> {
  const portions: Buffer[] = [];
  try {
    for await (const portion of response) portions.push(portion);
  } catch {
    // That it was cut is told by `complete`.
  }
  const { statusCode = 0, headers, complete } = response;
  return { status: statusCode, headers, body: Buffer.concat(portions), complete };
}

export const open = async (url: string, options?: Parameters<typeof begin>[1]): Promise<Downloaded> =>
  rest(await begin(url, options));
