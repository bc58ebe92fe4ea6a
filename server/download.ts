import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Downloadable } from '../src/access/download-link.ts';
import type { SignedIn } from '../src/access/principal.ts';
import type { Engine } from '../src/engine.ts';
import { DomainError, LimitReachedError } from '../src/errors.ts';
import { unpackedName } from '../src/file/packing.ts';
import { attachment } from './attachment.ts';
import { addressOf, goneSignal, targetOf } from './context.ts';
import { Quota } from './quota.ts';
import { answer } from './routes.ts';
import { acceptsGzip } from './weights.ts';

/** Time (ms) for a client to take anything of what waits for it: a download holds a file open. */
const stallMs = 120_000;

const httpStatus: Record<string, number> = { UNAUTHENTICATED: 401, NOT_FOUND: 404, LIMIT_REACHED: 429 };

/** What is sent: a text, or bytes that are packed already. */
interface Content {
  fileName: string;
  type: 'text/plain; charset=utf-8' | 'application/gzip';
  /** In portions, read as they are asked for. */
  portions: AsyncGenerator<Uint8Array, void, undefined>;
}

/** What `Source.download` and `ActionArchive.download` make links to: `/download?token=…`. */
export function downloads(engine: Engine) {
  const limit = engine.config.limits.maxDownloadsPerUser;
  const quota = new Quota(limit);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<true> {
    const remoteAddress = addressOf(request);
    const token = targetOf(request).search.get('token') ?? '';
    const signal = goneSignal(response);
    const { principal, ...download } = await engine.access.openDownloadLink(token, remoteAddress);
    const content = await contentOf(principal, download, { remoteAddress, signal });
    const release = quota.take(principal.userId);
    if (release === null) {
      const message = `You have ${limit} downloads under way, which is the most; wait for one to end.`;
      throw new LimitReachedError(message, { limit });
    }
    try {
      await send(content, { request, response, signal });
    } finally {
      release();
    }
    return true;
  }

  async function contentOf(
    principal: SignedIn,
    download: Downloadable,
    by: { remoteAddress: string; signal: AbortSignal },
  ) {
    if (!('archiveId' in download)) {
      const { source, portions } = await engine.downloads.text(principal, { ...download, ...by });
      return { fileName: unpackedName(source.name), type: 'text/plain; charset=utf-8', portions } as const;
    }
    const { archive, bytes } = await engine.actions.upkeep.read(principal, download.archiveId);
    const fileName = `actions-${archive.from.toISOString().slice(0, 10)}-${archive.afterId}.ndjson.gz`;
    return { fileName, type: 'application/gzip', portions: chunksOf(bytes) } as const;
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
async function send({ fileName, type, portions }: Content, { request, response, signal }: Exchange): Promise<void> {
  const isPacked = type !== 'application/gzip' && acceptsGzip(request.headers['accept-encoding']);
  const headers = {
    'content-type': type,
    'content-disposition': attachment(fileName),
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

/** Ends the file, too, when nobody wants more of it. */
async function* chunksOf(bytes: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) yield chunk;
}
