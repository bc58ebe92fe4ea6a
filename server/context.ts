import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '../schema/context.ts';
import { anonymous, type Principal } from '../src/access/principal.ts';
import type { Device } from '../src/access/session.ts';
import type { Engine } from '../src/engine.ts';
import { UnauthenticatedError } from '../src/errors.ts';
import { cookieOf, sessionCookie } from './cookie.ts';

/** What belongs to one request: the resolvers' context, and what its answer is told by. */
export interface RequestContext extends Context {
  requestId: string;
}

/** Address of the peer. Proxy headers are not believed: anybody can send them. */
export const addressOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? 'unknown';

export const deviceOf = (request: IncomingMessage): Device => ({
  remoteAddress: addressOf(request),
  userAgent: request.headers['user-agent'] ?? null,
});

/** The id of the last server-sent event that a client got, when it connects again; null: it had none. */
export function lastEventIdOf({ headers }: IncomingMessage): string | null {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/** What a request is for. Not by `URL`, which throws for some of what can stand in a request line, such as `//`. */
export function targetOf({ url = '/' }: IncomingMessage): { path: string; search: URLSearchParams } {
  const [path = '/', search] = url.split('?', 2);
  return { path, search: new URLSearchParams(search) };
}

/**
 * By which address clients reach this server, without a slash at the end: as configured, else as whoever asks reached
 * it. A page knows whether a proxy speaks TLS for us, and says so in Origin. A false Host leads astray only whoever sent
 * it: no other gets the answer.
 */
export function baseUrlOf({ headers, socket }: IncomingMessage, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl;
  const { origin = '', host = '' } = headers;
  if (/^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).host === host) return new URL(origin).origin;
  const named = `http://${host}`;
  if (URL.canParse(named)) return new URL(named).origin;
  // HTTP/1.0 has no Host.
  const { localAddress = '127.0.0.1', localPort = 80 } = socket;
  return `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}

/**
 * Who asks, by the header or what a WebSocket client said instead, else by the browser's cookie. A cookie is taken only
 * from the server's own pages: other programs on this machine are "the same site" to a browser, on another port.
 *
 * @throws {UnauthenticatedError} when the header's token is not valid; a cookie that is not counts as none
 */
export async function principalOf(
  engine: Engine,
  request: IncomingMessage,
  authorization: string | undefined = request.headers.authorization,
): Promise<Principal> {
  const address = addressOf(request);
  if (authorization !== undefined) return engine.access.authenticate(authorization, address);
  const cookie = cookieOf(request, sessionCookie);
  if (cookie === null || isForeign(request, engine.config.allowedOrigins)) return anonymous;
  try {
    return await engine.access.authenticate(`Bearer ${cookie}`, address);
  } catch (error) {
    if (error instanceof UnauthenticatedError) return anonymous;
    throw error;
  }
}

/** Aborted when the connection is gone before the answer was sent. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Whether a page of another origin sent the request. Without an Origin header it was no script, or the same origin. */
export function isForeign(request: IncomingMessage, allowedOrigins: string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowedOrigins.includes(origin)) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
