import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Browser } from '../schema/context.ts';
import type { SignedInCredentials } from '../src/access/session.ts';
import type { Engine } from '../src/engine.ts';
import { baseUrlOf, isForeign } from './context.ts';

/** Holds an access token. */
export const sessionCookie = 'tailql_session';
/** Holds a refresh token, and is sent to where it is of use only. */
const refreshCookie = 'tailql_refresh';
const refreshPath = '/graphql';

export function cookieOf(request: IncomingMessage, name: string): string | null {
  const pairs = request.headers.cookie?.split(';') ?? [];
  const pair = pairs.find((text) => text.trim().startsWith(`${name}=`));
  return pair?.slice(pair.indexOf('=') + 1).trim() ?? null;
}

/**
 * The browser that asks from one of our own pages; null for any other client, which keeps its tokens itself. A page says
 * where it is from when it posts, and one that was given cookies sends them.
 */
export function browserOf(engine: Engine, request: IncomingMessage, response: ServerResponse): Browser | null {
  const { allowedOrigins } = engine.config;
  const { origin, cookie } = request.headers;
  if (isForeign(request, allowedOrigins) || (origin === undefined && cookie === undefined)) return null;
  return {
    refreshToken: cookieOf(request, refreshCookie),
    keep: (credentials) => keepSession(engine, request, response, credentials),
    forget: () => {
      const forgotten = { value: '', seconds: 0, isSecure: isSecure(engine, request) };
      setCookie(response, { ...forgotten, name: sessionCookie, path: '/' });
      setCookie(response, { ...forgotten, name: refreshCookie, path: refreshPath });
    },
  };
}

/** Sets the cookies of somebody who signed in. */
export async function keepSession(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
  credentials: SignedInCredentials,
): Promise<void> {
  const access = await engine.access.browserToken(credentials);
  const { refreshToken, session } = credentials;
  const kept = { isSecure: isSecure(engine, request) };
  const seconds = secondsUntil(session.expiresAt);
  setCookie(response, {
    ...kept,
    name: sessionCookie,
    value: access.token,
    path: '/',
    seconds: secondsUntil(access.expiresAt),
  });
  setCookie(response, { ...kept, name: refreshCookie, value: refreshToken, path: refreshPath, seconds });
}

interface Cookie {
  name: string;
  value: string;
  path: string;
  /** 0: it is deleted. */
  seconds: number;
  /** Whether it is sent over TLS only. */
  isSecure: boolean;
}

/** Out of reach of scripts, and of other sites. RFC 6265bis, sections 5.6.5 to 5.6.7. */
function setCookie(response: ServerResponse, { name, value, path, seconds, isSecure }: Cookie): void {
  // Of an answer that is streamed it is too late; the client has the tokens in it.
  if (response.headersSent) return;
  const attributes = `HttpOnly; SameSite=Strict; Path=${path}; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`;
  response.appendHeader('set-cookie', `${name}=${value}; ${attributes}`);
}

/** Whether we are reached over TLS, as far as can be told: a proxy may speak it for us. */
const isSecure = ({ config }: Engine, request: IncomingMessage): boolean =>
  baseUrlOf(request, config.publicUrl).startsWith('https:');

const secondsUntil = (time: Date): number => Math.floor((time.getTime() - Date.now()) / 1000);
