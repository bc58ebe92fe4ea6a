import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Intake } from '../src/append/intake.ts';
import type { Engine } from '../src/engine.ts';
import { DomainError, LimitReachedError, NotFoundError } from '../src/errors.ts';
import { goneSignal, principalOf, targetOf } from './context.ts';
import { answerOrigin } from './origin.ts';
import { bodyOf, isDamaged } from './packed.ts';
import { answer } from './routes.ts';

const httpStatus: Record<string, number> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, NOT_FOUND: 404, LIMIT_REACHED: 429 };

const prefix = '/streams/';

/**
 * `POST /streams/NAME`: records as JSON lines, also gzipped, of any number. Answers when all of them are on the disk, with how
 * many are, and with what is wrong with the first lines that are not.
 */
export function streamIntake(engine: Engine) {
  const { allowedOrigins } = engine.config;
  return {
    /** False for any other request, which it leaves alone. */
    async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
      const { path } = targetOf(request);
      if (!path.startsWith(prefix)) return false;
      if (answerOrigin(request, response, { allowedOrigins, method: 'POST' })) return true;
      if (request.method !== 'POST') {
        response.setHeader('allow', 'POST, OPTIONS');
        return answer(response, 405, { error: 'Send records as JSON lines with POST.' });
      }
      let intake: Intake | null = null;
      try {
        const principal = await principalOf(engine, request);
        const source = await engine.streams.named(principal, nameIn(path));
        if (source === null) throw new NotFoundError('There is no stream of that name that you may write to.');
        intake = engine.streams.intake(source);
        return answer(response, 200, await take(request, response, intake));
      } catch (error) {
        if (response.destroyed) return true;
        // What was not read of the request would be taken for the next one.
        response.setHeader('connection', 'close');
        const result = (await intake?.abandon()) ?? {};
        if (isDamaged(error)) return answer(response, 400, { error: 'The gzipped lines are damaged.', ...result });
        if (!(error instanceof DomainError)) throw error;
        if (error instanceof LimitReachedError && error.retryAfterMs !== null) {
          response.setHeader('retry-after', Math.ceil(error.retryAfterMs / 1000));
        }
        return answer(response, httpStatus[error.code] ?? 400, { error: error.message, ...result });
      }
    },
  };
}

/** What is no name after all is one that nothing has. */
function nameIn(path: string): string {
  try {
    return decodeURIComponent(path.slice(prefix.length));
  } catch {
    return '';
  }
}

async function take(request: IncomingMessage, response: ServerResponse, intake: Intake) {
  const signal = goneSignal(response);
  for await (const chunk of bodyOf(request)) await intake.write(chunk);
  signal.throwIfAborted();
  return intake.end();
}
