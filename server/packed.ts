import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** The body of a request, unpacked when it says that it is gzipped; to stop reading is not the end of its connection. */
export function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  const bytes: Readable = request.headers['content-encoding'] === 'gzip' ? unpacked(request) : request;
  return bytes.iterator({ destroyOnReturn: false });
}

function unpacked(request: IncomingMessage): Readable {
  const gunzip = createGunzip();
  request.once('error', (error) => gunzip.destroy(error));
  return request.pipe(gunzip);
}

/** Whether it could not be unpacked. Codes: https://nodejs.org/api/zlib.html */
export const isDamaged = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^Z_|^ERR_ZLIB/.test(String(error.code));
