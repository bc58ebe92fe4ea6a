import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { CloseCode, type Context, type OperationResult, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { anonymous, type Principal, type SignedIn } from '../src/access/principal.ts';
import type { Engine } from '../src/engine.ts';
import { DomainError, LimitReachedError } from '../src/errors.ts';
import { addressOf, isForeign, principalOf, targetOf } from './context.ts';
import { cookieOf, sessionCookie } from './cookie.ts';
import { answerDirectly, sendAnswers } from './direct.ts';
import { formatError, presentError, type ReportFault, refusal } from './errors.ts';
import type { Graphql } from './http.ts';
import { Quota, retryAfterMs } from './quota.ts';
import { checkNotExpired, revoked } from './subscriptions.ts';

/** What is known of a socket once it has introduced itself. */
type Introduced = { principal: Principal; release: () => void; gone: AbortController };

type Parameters = Record<string, unknown>;
type SocketContext = Context<Parameters, Extra & Partial<Introduced>>;

type Run = (args: ExecutionArgs) => OperationResult;

/** How to run one operation: through the plugins, which take part in it from parsing to its last event. */
class Operation {
  readonly execute: Run;
  readonly subscribe: Run;
  constructor(execute: Run, subscribe: Run) {
    this.execute = execute;
    this.subscribe = subscribe;
  }

  static of({ rootValue }: ExecutionArgs): Operation {
    if (rootValue instanceof Operation) return rootValue;
    throw new Error('An operation was not prepared.');
  }
}

/** Time (ms) that clients have to answer the closing of their socket before it is cut. */
const graceMs = 2000;

/**
 * GraphQL over WebSocket, by the graphql-transport-ws protocol. graphql-ws owns the protocol; operations run through
 * the same plugins as over HTTP, so the same limits hold and the same errors are shown.
 * https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function serveSockets(server: Server, graphql: Graphql, engine: Engine, report: ReportFault) {
  const { limits, allowedOrigins } = engine.config;
  const addresses = new Quota(limits.maxConnectionsPerAddress);
  const users = new Quota(limits.maxConnectionsPerUser);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    // Compressing each message costs more than it saves on a local network, and holds memory for each socket.
    perMessageDeflate: false,
    clientTracking: true,
  });

  const disposable = useServer<Parameters, Introduced>(
    {
      connectionInitWaitTimeout: limits.connectionInitTimeoutMs,
      execute: (args) => Operation.of(args).execute(args),
      subscribe: (args) => Operation.of(args).subscribe(args),
      // What is thrown here would close the socket as our fault.
      onConnect: async (context) => {
        try {
          context.extra.principal = await principalOf(engine, context.extra.request, authorizationIn(context));
        } catch (error) {
          return refuse(context, error);
        }
        const { principal } = context.extra;
        const release = principal.kind === 'anonymous' ? () => {} : users.take(principal.userId);
        if (release === null) {
          const most = limits.maxConnectionsPerUser;
          return refuse(
            context,
            new LimitReachedError(`You have ${most} connections open, which is the most; close one.`),
          );
        }
        const unwatch = principal.kind === 'anonymous' ? () => {} : watch(principal, context);
        context.extra.release = () => {
          release();
          unwatch();
        };
        context.extra.gone = new AbortController();
        return true;
      },
      onClose: ({ extra }) => {
        extra.release?.();
        extra.gone?.abort();
      },
      // What is thrown here would close the socket, and end the other operations on it.
      onSubscribe: async (context, id, payload) => {
        try {
          return await prepare(context, id, payload);
        } catch (error) {
          return [error instanceof GraphQLError ? error : refusalOf(error)];
        }
      },
      onNext: (_context, _id, _payload, args, result) => presentIn(result, requestIdOf(args)),
      onError: (_context, _id, _payload, errors) => errors.map((error) => present(error, randomUUID())),
    },
    sockets,
    limits.pingIntervalMs,
  );

  /** Closes the socket with the sentence of the error; the protocol's own reason says only "Forbidden". */
  function refuse({ extra }: SocketContext, error: unknown): false {
    if (error instanceof DomainError) {
      // Clients of the protocol try again after the one, and not after the other.
      const isTooMany = error instanceof LimitReachedError;
      const code = isTooMany ? CloseCode.TooManyInitialisationRequests : CloseCode.Forbidden;
      extra.socket.close(code, reasonOf(error.message));
    } else {
      const requestId = randomUUID();
      report({ requestId, path: null, error });
      const reason = `Something went wrong on the server; request id: ${requestId}`;
      extra.socket.close(CloseCode.InternalServerError, reason);
    }
    return false;
  }

  /** Closes the socket when its credential is revoked, after the answers that its subscriptions end with. */
  const watch = (principal: SignedIn, context: SocketContext) =>
    engine.access.watch.add(principal, () => setImmediate(() => refuse(context, revoked())));

  const present = (error: GraphQLError, requestId: string) => formatError(presentError(error, requestId, report));

  const presentIn = (result: ExecutionResult, requestId: string) =>
    result.errors ? { ...result, errors: result.errors.map((error) => present(error, requestId)) } : result;

  async function prepare({ extra, subscriptions }: SocketContext, id: string, payload: SubscribePayload) {
    const { principal = anonymous } = extra;
    checkNotExpired(principal);
    const limit = limits.maxSubscriptionsPerConnection;
    if (Object.keys(subscriptions).length > limit) {
      const message = `One connection may run at most ${limit} operations; end one first.`;
      throw new LimitReachedError(message, { limit, retryAfterMs });
    }
    const requestId = randomUUID();
    const { schema, execute, subscribe, contextFactory, parse, validate } = graphql.getEnveloped({
      req: extra.request,
      principal,
      requestId,
      signal: extra.gone?.signal,
      params: payload,
    });
    const send = sendAnswers(extra, id, (answer) => presentIn(answer, requestId));
    const document = parse(payload.query);
    const errors = validate(schema, document);
    if (errors.length > 0) return errors;
    const { operationName, variables: variableValues } = payload;
    if (!getOperationAST(document, operationName)) throw unknownOperation();
    const contextValue = await contextFactory();
    return {
      schema,
      operationName,
      document,
      variableValues,
      contextValue,
      rootValue: new Operation(execute, (args) => answerDirectly(subscribe(args), send)),
    };
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (targetOf(request).path !== '/graphql') return reject(socket, 404);
    // A page of another origin could otherwise use the cookie: browsers send it with any WebSocket.
    if (cookieOf(request, sessionCookie) !== null && isForeign(request, allowedOrigins)) return reject(socket, 403);
    const release = addresses.take(addressOf(request));
    if (release === null) return reject(socket, 429);
    socket.once('close', release);
    sockets.handleUpgrade(request, socket, head, (client) => {
      sockets.emit('connection', client, request);
      // ws closes a socket whose client breaks its rules; graphql-ws would also write that to standard error.
      client.removeAllListeners('error').on('error', () => {});
    });
  });

  return {
    /** Closes every socket as "going away", so that clients come back later; cuts those that do not answer. */
    async close(): Promise<void> {
      const cut = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, graceMs);
      await disposable.dispose();
      clearTimeout(cut);
    },
  };
}

/** As `Authorization` in the parameters of connection_init, in any case of letters. */
function authorizationIn({ connectionParams = {} }: SocketContext): string | undefined {
  const name = Object.keys(connectionParams).find((key) => key.toLowerCase() === 'authorization');
  const value = name === undefined ? undefined : connectionParams[name];
  if (value === undefined || value === null) return undefined;
  // Whatever else it is, it was meant as a credential: the empty one is refused.
  return typeof value === 'string' ? value : '';
}

/** A close frame has room for 123 bytes. RFC 6455, section 5.5. */
const reasonOf = (message: string): string =>
  Buffer.from(message)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD+$/, '');

/** In the words and with the code that Yoga has for it over HTTP. */
const unknownOperation = () =>
  new GraphQLError('Could not determine what operation to execute.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });

function refusalOf(error: unknown): GraphQLError {
  if (error instanceof DomainError) return refusal(error);
  return new GraphQLError('', { originalError: error instanceof Error ? error : new Error(String(error)) });
}

function requestIdOf({ contextValue }: ExecutionArgs): string {
  const context: unknown = contextValue;
  return typeof context === 'object' && context !== null && 'requestId' in context
    ? String(context.requestId)
    : randomUUID();
}

function reject(socket: Duplex, status: 403 | 404 | 429): void {
  const advice = status === 429 ? `Retry-After: ${retryAfterMs / 1000}\r\n` : '';
  const answer = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${advice}Connection: close\r\nContent-Length: 0\r\n\r\n`;
  // A client that does not close its side would keep the connection, which no limit counts, and the server from stopping.
  socket.end(answer, () => socket.destroy());
}
