import {
  type Client,
  CloseCode,
  createClient,
  type FormattedExecutionResult,
  type Sink,
  type SubscribePayload,
} from 'graphql-ws';
import { WebSocket } from 'ws';

export interface Connection {
  /** Of the GraphQL endpoint, such as http://127.0.0.1:4000/graphql. */
  url: string;
  /** Asked whenever a request is sent or a socket opened: give the newest token. */
  token: () => string;
}

/**
 * A graphql-ws client whose tails go on where they were, whatever happens to the socket.
 *
 * graphql-ws opens a dropped socket anew and sends each subscription again, but with the variables it began with: a
 * tail would repeat everything since then. It turns the payload into JSON each time it sends it, though; so here the
 * payload's variables are a getter, which moves `after` along to the last event received and drops `last`. Every event
 * tells where the tail is after it, so each entry comes exactly once.
 */
export function openSocket({ url, token }: Connection): Client {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    // Browsers have a WebSocket of their own, and Node from version 22: leave this out there.
    webSocketImpl: WebSocket,
    // A function, so that every new socket introduces itself with the token of that moment.
    connectionParams: () => ({ authorization: `Bearer ${token()}` }),
    retryAttempts: Number.POSITIVE_INFINITY,
    // Ever longer, up to 10 s, and at random: else all clients would come back at once after a restart of the server.
    retryWait: (retries) => sleep(Math.random() * Math.min(10_000, 200 * 2 ** retries)),
    // An unreachable server may come back. A refused token stays refused, and an Error is what `token` has thrown.
    shouldRetry: (cause) => (isClosing(cause) ? cause.code !== CloseCode.Forbidden : !(cause instanceof Error)),
  });

  function subscribe<Data, Extensions>(
    payload: SubscribePayload,
    sink: Sink<FormattedExecutionResult<Data, Extensions>>,
  ): () => void {
    let cursor: string | null = null;
    const moving = {
      ...payload,
      get variables() {
        return cursor === null ? payload.variables : { ...payload.variables, after: cursor, last: null };
      },
    };
    const start = () =>
      client.subscribe<Data, Extensions>(moving, {
        next: (result) => {
          cursor = cursorIn(result.data) ?? cursor;
          sink.next(result);
        },
        error: (cause) => {
          if (!isExpiry(cause)) return sink.error(isClosing(cause) ? new Error(cause.reason) : cause);
          // The token has expired, and with it what was opened with it. Only a new socket can bring a new token.
          client.terminate();
          stop = start();
        },
        complete: () => sink.complete(),
      });
    let stop = start();
    return () => stop();
  }

  return { ...client, subscribe };
}

/** The cursor in the one field of an event, where it has one. */
function cursorIn(data: unknown): string | null {
  if (typeof data !== 'object' || data === null) return null;
  const [event]: unknown[] = Object.values(data);
  if (typeof event !== 'object' || event === null || !('cursor' in event)) return null;
  return typeof event.cursor === 'string' ? event.cursor : null;
}

const isClosing = (cause: unknown): cause is { code: number; reason: string } =>
  typeof cause === 'object' && cause !== null && 'code' in cause && 'reason' in cause;

/** Errors of one operation come as a list, and leave the socket open. */
const isExpiry = (cause: unknown): boolean =>
  Array.isArray(cause) && cause.some((error) => error.extensions?.code === 'UNAUTHENTICATED');

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
