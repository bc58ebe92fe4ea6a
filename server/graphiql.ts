import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGunzip } from 'node:zlib';
import { prefersPage } from './graphiql/accept.ts';
import { type Asset, type Assets, loadAssets } from './graphiql/assets.ts';
import { contentSecurityPolicy } from './graphiql/page.ts';

const directory = '/graphiql/';

/**
 * GraphiQL, for a browser that opens the address of the API. Everything it needs comes from this server; nothing of it
 * is read before the first page is asked for.
 */
export function graphiql() {
  let loading: Promise<Assets> | null = null;
  const assets = () => {
    loading ??= loadAssets().catch((error: unknown) => {
      // The next visit tries again.
      loading = null;
      throw error;
    });
    return loading;
  };

  return {
    /**
     * Answers what is for GraphiQL: GET of /graphql by a browser, and of what its page loads. False for any other
     * request, which it leaves alone.
     */
    handle(request: IncomingMessage, response: ServerResponse): Promise<true> | false {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      // Not by URL, which throws for what some clients send as a path.
      const [path = '', search] = (request.url ?? '').split('?', 2);
      if (path.startsWith(directory)) {
        return assets().then(({ files }) => sendFile(request, response, files.get(path.slice(directory.length))));
      }
      return isForPage(request, path, search) && assets().then(({ page }) => sendPage(response, page));
    },
  };
}

function isForPage(request: IncomingMessage, path: string, search: string | undefined): boolean {
  return path === '/graphql' && !new URLSearchParams(search).has('query') && prefersPage(request.headers.accept);
}

function sendPage(response: ServerResponse, page: string): true {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    // It names the files of this version.
    'cache-control': 'no-cache',
    vary: 'accept',
    'content-security-policy': contentSecurityPolicy,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  response.end(page);
  return true;
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: Asset | undefined): true {
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such file.\n');
    return true;
  }
  response.setHeader('content-type', file.contentType);
  response.setHeader('cache-control', 'public, max-age=31536000, immutable');
  response.setHeader('vary', 'accept-encoding');
  response.setHeader('x-content-type-options', 'nosniff');
  if (/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
    response.setHeader('content-encoding', 'gzip').end(file.body);
  } else {
    const plain = createGunzip();
    plain.pipe(response);
    plain.end(file.body);
  }
  return true;
}
