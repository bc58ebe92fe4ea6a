import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { schema } from '../schema/index.ts';
import type { Principal } from '../src/access/principal.ts';
import type { Engine } from '../src/engine.ts';
import { DomainError } from '../src/errors.ts';
import { baseUrlOf, deviceOf, goneSignal, lastEventIdOf, principalOf, type RequestContext } from './context.ts';
import { browserOf } from './cookie.ts';
import { useCostLimit } from './cost.ts';
import { presentError, type ReportFault, refusal } from './errors.ts';
import { withEventId } from './event-id.ts';
import { useExecutor } from './executor.ts';
import { useSubscriptionLimits } from './subscriptions.ts';
import { useVariableLimit } from './variables.ts';

/** What Yoga is given of a request by node:http, or by the WebSocket server. */
export interface ServerContext {
  req: IncomingMessage;
  res?: ServerResponse;
  requestId: string;
  /** Known already where the connection was authenticated, and not the request. */
  principal?: Principal;
  /** Aborted when the connection is gone, where there is no response to tell. */
  signal?: AbortSignal;
}

/** GraphQL over HTTP and server-sent events; the WebSocket server runs its operations through the same plugins. */
export function createGraphql(engine: Engine, report: ReportFault) {
  const { limits, allowedOrigins, publicUrl } = engine.config;
  return createYoga<ServerContext, RequestContext>({
    schema,
    graphqlEndpoint: '/graphql',
    // The page for people is our own: Yoga's loads its scripts from elsewhere.
    graphiql: false,
    landingPage: false,
    // Yoga's default lets any origin read answers with the user's cookies; given a list, it tells others "null", which
    // is the origin of a page in a sandbox.
    cors: ({ headers }) =>
      allowedOrigins.includes(headers.get('origin') ?? '') && { origin: allowedOrigins, credentials: true },
    // Errors are presented where they leave the server, on all transports by the same function.
    maskedErrors: false,
    logging: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: limits.maxRequestBytes,
    parserAndValidationCache: true,
    context: async ({ req, res, requestId, principal, signal = null }) => {
      try {
        const known = principal ?? (await principalOf(engine, req));
        const baseUrl = baseUrlOf(req, publicUrl);
        const browser = res === undefined ? null : browserOf(engine, req, res);
        const gone = signal ?? (res ? goneSignal(res) : null);
        const lastEventId = res === undefined ? null : lastEventIdOf(req);
        return {
          engine,
          principal: known,
          requestId,
          baseUrl,
          device: deviceOf(req),
          browser,
          signal: gone,
          lastEventId,
        };
      } catch (error) {
        throw error instanceof DomainError ? refusal(error) : error;
      }
    },
    plugins: [
      useExecutor,
      useSearchErrors,
      useTokenLimit(limits.maxTokens),
      useVariableLimit,
      useCostLimit(limits.maxCost),
      useSubscriptionLimits(limits, engine.access.watch),
      usePresentedErrors(report),
    ],
  });
}

export type Graphql = ReturnType<typeof createGraphql>;

/**
 * Parsing takes time that grows with the document, so its tokens are limited before anything else is done with it. Its
 * errors get their code here, because Yoga gives them one over HTTP only.
 */
function useTokenLimit(maxTokens: number): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => {
        try {
          return parseFn(source, { ...options, maxTokens });
        } catch (error) {
          if (error instanceof GraphQLError) error.extensions.code ??= 'GRAPHQL_PARSE_FAILED';
          throw error;
        }
      });
    },
  };
}

/** Variables in a URL that are no JSON are the client's mistake; Yoga takes them for a fault of the server. */
const useSearchErrors: Plugin = {
  onRequestParse({ requestParser, setRequestParser }) {
    if (requestParser === undefined) return;
    setRequestParser(async (request) => {
      try {
        return await requestParser(request);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        const extensions = { code: 'BAD_REQUEST', http: { status: 400 } };
        throw new GraphQLError('Send "variables" and "extensions" as JSON.', { extensions });
      }
    });
  },
};

/** The answers of HTTP and server-sent events leave through here. */
function usePresentedErrors(report: ReportFault): Plugin<object, ServerContext> {
  return {
    onResultProcess({ result, setResult, serverContext: { requestId } }) {
      const present = <Result extends { errors?: readonly GraphQLError[] }>(one: Result): Result =>
        one.errors === undefined
          ? one
          : { ...one, errors: one.errors.map((error) => presentError(error, requestId, report)) };
      if (isAsyncIterable(result)) setResult(mapAsyncIterator(result, (one) => withEventId(present(one))));
      else setResult(Array.isArray(result) ? result.map(present) : present(result));
    },
  };
}
