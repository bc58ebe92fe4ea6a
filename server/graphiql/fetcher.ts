import type { DocumentNode } from 'graphql';
import { createClient } from 'graphql-ws';

interface Operation {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

interface Sink {
  next(value: object): void;
  error(error: unknown): void;
  complete(): void;
}

interface Options {
  /** What is under "Headers". */
  headers?: Record<string, string>;
  documentAST?: DocumentNode;
}

/** GraphiQL shows one value at a time: of a subscription, the last few events together. */
const mostShown = 10;

/** How GraphiQL reaches the API at `url`: over HTTP, and for subscriptions over WebSocket. */
export const createFetcher =
  (url: string) =>
  (operation: Operation, { headers = {}, documentAST }: Options = {}) =>
    isSubscription(documentAST, operation.operationName)
      ? { subscribe: (sink: Sink) => ({ unsubscribe: follow(url, operation, headers, sink) }) }
      : post(url, operation, headers).then((response) => response.json());

export const post = (url: string, operation: Operation, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(operation),
  });

/** Returns what ends it. No browser sends headers with a WebSocket: they go with the first message. */
function follow(url: string, operation: Operation, headers: Record<string, string>, sink: Sink): () => void {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    connectionParams: headers,
    // Beginning again would show entries twice, or leave some out; people see that it ended, and why.
    retryAttempts: 0,
  });
  let newestFirst: object[] = [];
  return client.subscribe(operation, {
    next(event) {
      // A heartbeat that says the same again must not push out what it follows.
      const [newest] = newestFirst;
      const repeated = JSON.stringify(event) === JSON.stringify(newest);
      newestFirst = [event, ...newestFirst.slice(repeated ? 1 : 0)].slice(0, mostShown);
      sink.next({ newestFirst });
    },
    error: (error) => sink.error(isCloseEvent(error) ? new Error(`Closed: ${error.reason || error.code}`) : error),
    complete: () => sink.complete(),
  });
}

function isSubscription(document: DocumentNode | undefined, name: string | null = null): boolean {
  const operations = document?.definitions.filter((definition) => definition.kind === 'OperationDefinition') ?? [];
  const chosen = operations.find((operation) => name === null || operation.name?.value === name);
  return chosen?.operation === 'subscription';
}

const isCloseEvent = (error: unknown): error is { code: number; reason: string } =>
  typeof error === 'object' && error !== null && 'code' in error && 'reason' in error;
