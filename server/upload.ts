import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine } from '../src/engine.ts';
import { DomainError } from '../src/errors.ts';
import { RefusedUploadError } from '../src/source/incoming.ts';
import { StorageError } from '../src/storage/storage.ts';
import { addressOf, targetOf } from './context.ts';
import { answerOrigin } from './origin.ts';
import { answer } from './routes.ts';

/** Time (ms) for a client to send anything of what is waited for: an upload holds a file open. */
const stallMs = 60_000;

const domainStatus: Record<string, number> = { UNAUTHENTICATED: 401, NOT_FOUND: 404, CONFLICT: 409 };
const refusalStatus = { 'too large': 413, 'too small': 400, 'not a log': 415 } as const;
const storageStatus = { full: 507, unavailable: 503 } as const;

/**
 * `PUT /upload?token=…`, what `Mutation.createUpload` makes links to: the bytes of one file, which go to the storage as they
 * come. Answers 201 when all are there.
 */
export function uploads(engine: Engine) {
  const { allowedOrigins } = engine.config;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<true> {
    const { source } = await taken(request, response);
    return answer(response, 201, { name: source.name });
  }

  async function taken(request: IncomingMessage, response: ServerResponse) {
    const length = request.headers['content-length'];
    const declared = length === undefined ? null : Number(length);
    request.setTimeout(stallMs, () => request.destroy());
    // Only now does a client that asks first send anything. RFC 9110, section 10.1.1.
    if (request.headers.expect !== undefined) response.writeContinue();
    const token = targetOf(request).search.get('token') ?? '';
    // Not the request itself: to stop reading that would be the end of its connection, and of the answer.
    const content = request.iterator({ destroyOnReturn: false });
    const incoming = { content, declared, remoteAddress: addressOf(request) };
    try {
      return { source: await engine.uploads.receive(token, incoming) };
    } finally {
      request.setTimeout(0);
    }
  }

  return {
    /** False for any other request, which it leaves alone. */
    async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
      if (targetOf(request).path !== '/upload') return false;
      // The address has the token in it.
      response.setHeader('referrer-policy', 'no-referrer');
      if (answerOrigin(request, response, { allowedOrigins, method: 'PUT' })) return true;
      if (request.method !== 'PUT') {
        response.setHeader('allow', 'PUT, OPTIONS');
        return answer(response, 405, { error: 'Send the bytes of the file to the upload link with PUT.' });
      }
      try {
        return await receive(request, response);
      } catch (error) {
        if (response.destroyed) return true;
        const status = statusOf(error);
        if (status === null || !(error instanceof Error)) throw error;
        answer(response, status, { error: error.message });
        linger(request);
        return true;
      }
    },
  };
}

/** Bytes and time (ms) for a client to see the answer, before it is cut off from sending what nobody wants. */
const [lingerBytes, lingerMs] = [4 * 1024 * 1024, 2000];

/** To close at once would reset the connection, and with that take the answer back that is still on its way. */
function linger(request: IncomingMessage): void {
  if (request.complete) return;
  let left = lingerBytes;
  const cut = setTimeout(() => request.destroy(), lingerMs).unref();
  request.on('data', (bytes: Buffer) => {
    left -= bytes.length;
    if (left < 0) request.destroy();
  });
  request.once('close', () => clearTimeout(cut));
}

function statusOf(error: unknown): number | null {
  if (error instanceof RefusedUploadError) return refusalStatus[error.reason];
  if (error instanceof StorageError) return storageStatus[error.reason];
  return error instanceof DomainError ? (domainStatus[error.code] ?? 400) : null;
}
