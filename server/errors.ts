import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { DomainError, InvalidInputError, LimitReachedError } from '../src/errors.ts';

/** Takes note of a fault of ours. Called once for each. */
export type ReportFault = (fault: { requestId: string; path: string | null; error: unknown }) => void;

/** HTTP status of errors for which a request as a whole can be refused. */
const httpStatus: Record<string, number> = { UNAUTHENTICATED: 401, FORBIDDEN: 403 };

/** A refusal of a whole request, before anything is executed. */
export function refusal(error: DomainError): GraphQLError {
  const http = { status: httpStatus[error.code] ?? 400 };
  return new GraphQLError(error.message, { originalError: error, extensions: { code: error.code, http } });
}

/**
 * What of an error a client may see; the only place where errors become answers.
 *
 * Errors of the domain have a sentence and a code. Errors of GraphQL itself (syntax, validation, variables) speak of
 * the client's own document. Anything else is our fault: it is reported, and the client gets a request id to quote.
 */
export function presentError(error: GraphQLError, requestId: string, report: ReportFault): GraphQLError {
  const { nodes, source, positions, path, extensions } = error;
  const place = { nodes, source, positions, path };
  const original = innermost(error);
  if (original instanceof DomainError) {
    const { http } = extensions;
    const details = { code: original.code, ...detailsOf(original), ...(http !== undefined && { http }) };
    return new GraphQLError(original.message, { ...place, extensions: details });
  }
  if (original instanceof GraphQLError) {
    return new GraphQLError(error.message, { ...place, extensions: { code: 'BAD_USER_INPUT', ...extensions } });
  }
  report({ requestId, path: path?.join('.') ?? null, error: original });
  const message = `Something went wrong on the server. If it happens again, tell its operator this request id: ${requestId}`;
  // `unexpected` makes it HTTP status 500 when there is no data; it is not sent.
  return new GraphQLError(message, { ...place, extensions: { code: 'INTERNAL_ERROR', requestId, unexpected: true } });
}

/** A presented error as a WebSocket message has it: without what is meant for HTTP. */
export function formatError(error: GraphQLError): GraphQLFormattedError {
  const { extensions: { http: _http, unexpected: _unexpected, ...extensions } = {}, ...rest } = error.toJSON();
  return { ...rest, extensions };
}

/** GraphQL wraps what is thrown, in some places more than once. */
function innermost(error: GraphQLError): unknown {
  let inner: unknown = error;
  while (inner instanceof GraphQLError && inner.originalError !== undefined) inner = inner.originalError;
  return inner;
}

function detailsOf(error: DomainError): Record<string, unknown> {
  if (error instanceof InvalidInputError) return { problems: error.problems };
  if (error instanceof LimitReachedError) return { limit: error.limit?.toString(), retryAfterMs: error.retryAfterMs };
  return {};
}
