import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Lets scripts on pages of other origins see the answer, where the configuration names their origin: the same as for GraphQL,
 * which Yoga does. A browser asks before it sends what no form could; that is answered here, and true returned.
 *
 * @param method the one that is of use here
 */
export function answerOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  { allowedOrigins, method }: { allowedOrigins: readonly string[]; method: 'POST' | 'PUT' },
): boolean {
  const { origin = '' } = request.headers;
  response.setHeader('vary', 'origin');
  if (allowedOrigins.includes(origin)) {
    response.setHeader('access-control-allow-origin', origin).setHeader('access-control-allow-credentials', 'true');
    response.setHeader('access-control-expose-headers', 'retry-after');
  }
  if (request.method !== 'OPTIONS') return false;
  response.setHeader('allow', `${method}, OPTIONS`).setHeader('access-control-allow-methods', method);
  const asked = request.headers['access-control-request-headers'];
  if (asked !== undefined) response.setHeader('access-control-allow-headers', asked);
  response.writeHead(204).end();
  return true;
}
