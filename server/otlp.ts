import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../src/access/principal.ts';
import { type ExportRequest, parseExport, serviceRecords } from '../src/append/otlp.ts';
import type { Engine } from '../src/engine.ts';
import { DomainError, LimitReachedError } from '../src/errors.ts';
import { principalOf, targetOf } from './context.ts';
import { answerOrigin } from './origin.ts';
import type { PartialSuccess } from './otlp-message.ts';
import { bodyOf, isDamaged } from './packed.ts';
import { answer } from './routes.ts';

const httpStatus: Record<string, number> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, LIMIT_REACHED: 429 };

/** Header that names the stream, where it is not that of the service. */
const streamHeader = 'tailql-stream';

const kinds = { 'application/x-protobuf': 'protobuf', 'application/json': 'json' } as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** The request cannot be read as it is. */
class MalformedError extends Error {}

/**
 * `POST /v1/logs`: what exporters and collectors of OpenTelemetry send, by OTLP over HTTP in either of its forms. Records go to
 * the stream that a header names, else to the one that is called as their service is.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function otlp(engine: Engine) {
  const { limits, allowedOrigins } = engine.config;
  const { maxExportBytes } = limits;

  async function take(principal: Principal, request: IncomingMessage, kind: Kind): Promise<PartialSuccess | null> {
    const sent = await parsed(await wholeBody(request, maxExportBytes), kind);
    const named = request.headers[streamHeader];
    let rejected = 0;
    const reasons = new Set<string>();
    for (const { service, records } of serviceRecords(sent)) {
      const name = typeof named === 'string' ? named : service;
      const source = name === null ? null : await engine.streams.named(principal, name);
      if (source === null) {
        rejected += records.length;
        reasons.add(
          name === null ? 'There is neither service.name nor tailql-stream.' : `There is no stream "${name}".`,
        );
        continue;
      }
      const { failed, problems } = await engine.streams.writeAll(source, records);
      rejected += failed;
      for (const { message } of problems) reasons.add(message);
    }
    return rejected === 0 ? null : { rejectedLogRecords: rejected, errorMessage: [...reasons].slice(0, 5).join(' ') };
  }

  return {
    /** False for any other request, which it leaves alone. */
    async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
      if (targetOf(request).path !== '/v1/logs') return false;
      if (answerOrigin(request, response, { allowedOrigins, method: 'POST' })) return true;
      const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
      const kind = type === 'application/json' || type === 'application/x-protobuf' ? kinds[type] : null;
      if (request.method !== 'POST') {
        response.setHeader('allow', 'POST, OPTIONS');
        return answer(response, 405, { message: 'Send logs with POST.' });
      }
      if (kind === null) return answer(response, 415, { message: 'Send application/x-protobuf or application/json.' });
      try {
        const partialSuccess = await take(await principalOf(engine, request), request, kind);
        if (kind === 'json')
          return answer(response, 200, partialSuccess === null ? {} : { partialSuccess: asJson(partialSuccess) });
        const { encodeResponse } = await import('./otlp-message.ts');
        return send(response, 200, encodeResponse(partialSuccess));
      } catch (error) {
        if (response.destroyed) return true;
        const status = statusOf(error);
        if (status === null || !(error instanceof Error)) throw error;
        response.setHeader('connection', 'close');
        const seconds = error instanceof LimitReachedError ? Math.ceil((error.retryAfterMs ?? 1000) / 1000) : null;
        if (seconds !== null) response.setHeader('retry-after', seconds);
        if (kind === 'json') return answer(response, status, { message: error.message });
        const { encodeStatus } = await import('./otlp-message.ts');
        return send(response, status, encodeStatus(error.message));
      }
    },
  };
}

/** Of 64 bits, so as text. */
const asJson = ({ rejectedLogRecords, errorMessage }: PartialSuccess) => ({
  rejectedLogRecords: `${rejectedLogRecords}`,
  errorMessage,
});

function send(response: ServerResponse, status: number, bytes: Uint8Array): true {
  response.writeHead(status, { 'content-type': 'application/x-protobuf', 'cache-control': 'no-store' }).end(bytes);
  return true;
}

function statusOf(error: unknown): number | null {
  if (error instanceof MalformedError || isDamaged(error)) return 400;
  return error instanceof DomainError ? (httpStatus[error.code] ?? 400) : null;
}

/** @throws {MalformedError} when there is more than may be held in memory */
async function wholeBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of bodyOf(request)) {
    length += bytes.length;
    if (length > most)
      throw new MalformedError(`At most ${most} bytes are taken at once, unpacked; send smaller batches.`);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** @throws {MalformedError} when it is no such message */
async function parsed(body: Buffer, kind: Kind): Promise<ExportRequest> {
  const sent = parseExport(await decoded(body, kind));
  if (sent === null) throw malformed();
  return sent;
}

async function decoded(body: Buffer, kind: Kind): Promise<unknown> {
  try {
    if (kind === 'json') return JSON.parse(body.toString());
    const { decodeRequest } = await import('./otlp-message.ts');
    return decodeRequest(body);
  } catch {
    throw malformed();
  }
}

const malformed = () => new MalformedError('This is no ExportLogsServiceRequest.');
