import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { DownloadText } from '../src/downloads.ts';
import type { Engine } from '../src/engine.ts';
import { DomainError, LimitReachedError } from '../src/errors.ts';
import { attachment } from './attachment.ts';
import { addressOf, goneSignal, targetOf } from './context.ts';
import { Quota } from './quota.ts';
import { answer } from './routes.ts';
import { acceptsGzip } from './weights.ts';

/** Time (ms) for a client to take anything of what waits for it: a download holds a file open. */
const stallMs = 120_000;

const httpStatus: Record<string, number> = { UNAUTHENTICATED: 401, NOT_FOUND: 404, LIMIT_REACHED: 429 };

/** The texts that `Source.download` makes links to: `/download?token=…`. */
export function downloads(engine: Engine) {
  const limit = engine.config.limits.maxDownloadsPerUser;
  const quota = new Quota(limit);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<true> {
    const remoteAddress = addressOf(request);
    const token = targetOf(request).search.get('token') ?? '';
    const signal = goneSignal(response);
    const { principal, ...download } = await engine.access.openDownloadLink(token, remoteAddress);
    const text = await engine.downloads.text(principal, { ...download, remoteAddress, signal });
    const release = quota.take(principal.userId);
    if (release === null) {
      const message = `You have ${limit} downloads under way, which is the most; wait for one to end.`;
      throw new LimitReachedError(message, { limit });
    }
    try {
      await send(text, { request, response, signal });
    } finally {
      release();
    }
    return true;
  }

  return {
    /** False for any other request, which it leaves alone. */
    async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
      if (targetOf(request).path !== '/download') return false;
      // The address has the token in it.
      response.setHeader('referrer-policy', 'no-referrer');
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('allow', 'GET, HEAD');
        return answer(response, 405, { error: 'Open the download link with GET.' });
      }
      try {
        return await serve(request, response);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        // Cut off in the middle is all that can still be told, and is.
        return response.headersSent || answer(response, httpStatus[error.code] ?? 400, { error: error.message });
      }
    },
  };
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
}

/** Resolves when it was sent, or the client is gone. Where the text cannot go on the connection is cut, and that throws. */
async function send({ source, portions }: DownloadText, { request, response, signal }: Exchange): Promise<void> {
  const isPacked = acceptsGzip(request.headers['accept-encoding']);
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': attachment(source.name),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'accept-ranges': 'none',
    vary: 'accept-encoding',
    ...(isPacked && { 'content-encoding': 'gzip' }),
  };
  if (request.method === 'HEAD') {
    response.writeHead(200, headers).end();
    return;
  }
  let failure: unknown = null;
  async function* text(first: IteratorResult<Uint8Array, void>) {
    try {
      if (!first.done) yield first.value;
      yield* portions;
    } catch (error) {
      failure = error;
      // Not only closed: without chunks, as in HTTP/1.0, that would mean that all is there.
      request.socket.resetAndDestroy();
      throw error;
    }
  }
  try {
    // Before anything is sent, what is wrong can be told in words.
    const first = await portions.next();
    response.writeHead(200, headers);
    response.setTimeout(stallMs, () => {
      // Nothing comes from a search that finds nothing, either.
      if (response.writableNeedDrain || response.writableEnded) response.destroy();
    });
    const readable = Readable.from(text(first), { objectMode: false });
    // The threads that compress also read files: little effort makes most of the difference.
    const packer = isPacked ? [createGzip({ level: constants.Z_BEST_SPEED })] : [];
    // What else can fail is the connection, and nobody is there to be told.
    await pipeline([readable, ...packer, response]).catch(() => {});
    if (failure !== null) throw failure;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  } finally {
    await portions.return();
  }
}
