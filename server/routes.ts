import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine } from '../src/engine.ts';
import { UnauthenticatedError } from '../src/errors.ts';
import { deviceOf, targetOf } from './context.ts';
import { keepSession } from './cookie.ts';

/**
 * Everything but GraphQL. Resolves to true when the request was answered; false when it is for GraphQL.
 *
 * - `/health`: 200 while the process lives
 * - `/ready`: 200 while the database answers, else 503
 * - `/sign-in?code=…`: takes a one-time code, sets the cookies of a session, and leads to GraphiQL
 */
export async function route(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { host = '' } = request.headers;
  // Yoga makes a URL of it, and shows whoever asks how that failed.
  if (host !== '' && !URL.canParse(`http://${host}`)) {
    return answer(response, 400, { error: 'The Host header does not name a host.' });
  }
  const { path, search } = targetOf(request);
  switch (path) {
    case '/graphql':
      return refusedForm(request, response);
    case '/':
      return redirect(response, '/graphql');
    case '/health':
      return answer(response, 200, { status: 'ok' });
    case '/ready':
      return ready(engine, response);
    case '/sign-in':
      return signIn(engine, search.get('code') ?? '', request, response);
    default:
      return answer(response, 404, { error: 'There is nothing here; the API is at /graphql.' });
  }
}

export function answer(response: ServerResponse, status: number, body: object): true {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
  return true;
}

function redirect(response: ServerResponse, location: string, headers: Record<string, string> = {}): true {
  response.writeHead(303, { location, 'cache-control': 'no-store', ...headers }).end();
  return true;
}

async function ready(engine: Engine, response: ServerResponse): Promise<true> {
  try {
    await engine.check();
    return answer(response, 200, { status: 'ready' });
  } catch {
    // Why is the operator's business: whoever asks here may be anybody.
    return answer(response, 503, { status: 'unavailable', reason: 'The database does not answer.' });
  }
}

/** Forms can be sent to us by pages of other origins without asking; GraphQL clients send JSON. */
function refusedForm(request: IncomingMessage, response: ServerResponse): boolean {
  const type = request.headers['content-type'] ?? '';
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i.test(type)) return false;
  return answer(response, 415, { error: 'Send GraphQL as application/json.' });
}

async function signIn(engine: Engine, code: string, request: IncomingMessage, response: ServerResponse): Promise<true> {
  if (request.method !== 'GET' || request.headers['sec-purpose'] !== undefined) {
    // A look ahead must not use the code up.
    return answer(response, 405, { error: 'Open the sign-in link in a browser.' });
  }
  try {
    await keepSession(engine, request, response, await engine.access.signIn(code, deviceOf(request)));
    return redirect(response, '/graphql', { 'referrer-policy': 'no-referrer' });
  } catch (error) {
    if (error instanceof UnauthenticatedError) return answer(response, 401, { error: error.message });
    throw error;
  }
}
