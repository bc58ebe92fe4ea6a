import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { schema } from '../schema/index.ts';
import type { Principal } from '../src/access/principal.ts';
import type { Engine } from '../src/engine.ts';
import { DomainError } from '../src/errors.ts';
import { principalOf, type RequestContext } from './context.ts';
import { presentError, type ReportFault, refusal } from './errors.ts';
import { useSubscriptionLimits } from './subscriptions.ts';

/** What Yoga is given of a request by node:http, or by the WebSocket server. */
export interface ServerContext {
  req: IncomingMessage;
  res?: ServerResponse;
  requestId: string;
  /** Known already where the connection was authenticated, and not the request. */
  principal?: Principal;
}

/** GraphQL over HTTP and server-sent events; the WebSocket server runs its operations through the same plugins. */
export function createGraphql(engine: Engine, report: ReportFault) {
  const { limits, allowedOrigins } = engine.config;
  return createYoga<ServerContext, RequestContext>({
    schema,
    graphqlEndpoint: '/graphql',
    // The page for people is our own: Yoga's loads its scripts from elsewhere.
    graphiql: false,
    landingPage: false,
    // Yoga's default lets any origin read answers with the user's cookies.
    cors: allowedOrigins.length > 0 && { origin: allowedOrigins, credentials: true },
    // Errors are presented where they leave the server, on all transports by the same function.
    maskedErrors: false,
    logging: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: limits.maxRequestBytes,
    parserAndValidationCache: true,
    context: async ({ req, requestId, principal }) => {
      try {
        return { engine, principal: principal ?? (await principalOf(engine, req)), requestId };
      } catch (error) {
        throw error instanceof DomainError ? refusal(error) : error;
      }
    },
    plugins: [useTokenLimit(limits.maxTokens), useSubscriptionLimits(limits), usePresentedErrors(report)],
  });
}

export type Graphql = ReturnType<typeof createGraphql>;

/** Before anything else is done with a document: parsing takes time that grows with it. */
function useTokenLimit(maxTokens: number): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens }));
    },
  };
}

/** The answers of HTTP and server-sent events leave through here. */
function usePresentedErrors(report: ReportFault): Plugin<object, ServerContext> {
  return {
    onResultProcess({ result, setResult, serverContext: { requestId } }) {
      const present = <Result extends { errors?: readonly GraphQLError[] }>(one: Result): Result =>
        one.errors === undefined
          ? one
          : { ...one, errors: one.errors.map((error) => presentError(error, requestId, report)) };
      if (isAsyncIterable(result)) setResult(mapAsyncIterator(result, present));
      else setResult(Array.isArray(result) ? result.map(present) : present(result));
    },
  };
}
