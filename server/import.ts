import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Importer } from '../src/action/importer.ts';
import type { Engine } from '../src/engine.ts';
import { DomainError } from '../src/errors.ts';
import { goneSignal, principalOf, targetOf } from './context.ts';
import { bodyOf, isDamaged } from './packed.ts';
import { answer } from './routes.ts';

const httpStatus: Record<string, number> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, LIMIT_REACHED: 429 };

/**
 * `POST /actions`: actions as JSON lines, also gzipped, of any number. Answers when all of them are in the database, with
 * how many are, and with what is wrong with the first lines that are not.
 */
export function actionImport(engine: Engine) {
  return {
    /** False for any other request, which it leaves alone. */
    async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
      if (targetOf(request).path !== '/actions') return false;
      if (request.method !== 'POST') {
        response.setHeader('allow', 'POST');
        return answer(response, 405, { error: 'Send actions as JSON lines with POST.' });
      }
      let importer: Importer | null = null;
      try {
        importer = engine.actions.importer(await principalOf(engine, request));
        return answer(response, 200, await take(request, response, importer));
      } catch (error) {
        if (response.destroyed) return true;
        // What was not read of the request would be taken for the next one.
        response.setHeader('connection', 'close');
        const result = importer?.result ?? {};
        if (isDamaged(error)) return answer(response, 400, { error: 'The gzipped lines are damaged.', ...result });
        if (!(error instanceof DomainError)) throw error;
        return answer(response, httpStatus[error.code] ?? 400, { error: error.message, ...result });
      }
    },
  };
}

async function take(request: IncomingMessage, response: ServerResponse, importer: Importer) {
  const signal = goneSignal(response);
  for await (const chunk of bodyOf(request)) await importer.write(chunk);
  signal.throwIfAborted();
  return importer.end();
}
