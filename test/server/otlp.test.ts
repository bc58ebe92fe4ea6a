import { gzipSync } from 'node:zlib';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { beforeAll, describe, expect, test } from 'vitest';
import { registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Entry {
  message: string;
  level: string;
  timestamp: string;
  logger: string;
  module: string | null;
  line: number | null;
  fields: Record<string, unknown>;
}

describe('OpenTelemetry', () => {
  let server: TestServer;
  let token: string;

  beforeAll(async () => {
    server = await startTestServer({ auth: { registration: 'OPEN' }, limits: { maxExportBytes: 100_000 } });
    token = (await registered(server, 'ada')).accessToken;
  });

  const ask = async <Data>(document: string, variables: object = {}): Promise<Data> => {
    const { data, errors } = await server.query<Data>(document, variables, { token });
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  };
  const make = async (name: string) => {
    const document =
      'mutation ($name: String!) { createStream(input: { name: $name }) { ... on CreateStreamPayload { source { id } } } }';
    return (await ask<{ createStream: { source: { id: string } } }>(document, { name })).createStream.source.id;
  };
  const read = async (id: string) =>
    (
      await ask<{ source: { entries: { nodes: Entry[] } } }>(
        `query ($id: ID!) { source(by: { id: $id }) { entries { nodes { message level timestamp fields
          ... on SystemLogEntry { logger module line } } } } }`,
        { id },
      )
    ).source.entries.nodes;
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/v1/logs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: new Uint8Array(Buffer.from(body)),
    });
  const exported = (service: string, messages: string[]) => ({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeLogs: [{ logRecords: messages.map((message) => ({ body: { stringValue: message } })) }],
      },
    ],
  });

  test.each([
    ['protobuf', ProtobufExporter],
    ['JSON', JsonExporter],
  ])('what its SDK sends as %s is in the stream of the service, with all that it says', async (kind, Exporter) => {
    const id = await make(`shop ${kind}`);
    const exporter = new Exporter({ url: `${server.url}/v1/logs`, headers: { authorization: `Bearer ${token}` } });
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ 'service.name': `shop ${kind}`, 'host.name': 'web-1' }),
      processors: [new BatchLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('shop.cart', '1.2.3');
    const timestamp = new Date('2026-11-21T10:50:54.123Z');
    logger.emit({
      ...{ timestamp, severityNumber: SeverityNumber.WARN2, severityText: 'Warning', body: 'slow\nforged' },
      attributes: {
        ...{ items: 3, ratio: 0.5, paid: true, tags: ['a', 'b'], level: 'mine', nested: { deep: [1, { x: null }] } },
        ...{ 'code.file.path': 'cart.ts', 'code.line.number': 42 },
      },
    });
    logger.emit({ severityNumber: SeverityNumber.FATAL4, body: { code: 7 }, eventName: 'crash' });
    for (let number = 0; number < 700; number++) logger.emit({ body: `number ${number}` });
    await provider.shutdown();
    const first = (
      await ask<{ source: { entries: { nodes: Entry[] } } }>(
        `query ($id: ID!) { source(by: { id: $id }) { entries(first: 2) { nodes { message level timestamp fields
        ... on SystemLogEntry { logger module line } } } } }`,
        { id },
      )
    ).source.entries.nodes;
    expect(first).toMatchObject([
      {
        ...{ message: 'slow\nforged', level: 'WARN', timestamp: '2026-11-21T10:50:54.123Z', logger: 'shop.cart' },
        ...{ module: 'cart.ts', line: 42 },
        fields: {
          ...{ items: 3, ratio: 0.5, paid: true, tags: ['a', 'b'], 'attributes.level': 'mine', severity: 'Warning' },
          nested: { deep: [1, { x: null }] },
          resource: { 'service.name': `shop ${kind}`, 'host.name': 'web-1' },
          scope: { version: '1.2.3' },
        },
      },
      { message: '{"code":7}', level: 'FATAL', fields: { event: 'crash' } },
    ]);
    expect((await read(id)).at(-1)?.message).toBe('number 699');
  });

  test('records of a trace say of which', async () => {
    const id = await make('traced');
    const [traceId, spanId] = ['5b8efff798038103d269b633813fc60c', 'eee19b7ec3c1b174'];
    const request = exported('traced', ['one']);
    Object.assign(request.resourceLogs[0]?.scopeLogs[0]?.logRecords[0] ?? {}, { traceId, spanId, severityNumber: 9 });
    const response = await post(gzipSync(JSON.stringify(request)), { 'content-encoding': 'gzip' });
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect(await read(id)).toMatchObject([{ message: 'one', level: 'INFO', fields: { traceId, spanId } }]);
  });

  test('a header names another stream, and what has none is told', async () => {
    const id = await make('elsewhere');
    const named = await post(JSON.stringify(exported('no such stream', ['a'])), { 'tailql-stream': 'elsewhere' });
    expect(await named.json()).toEqual({});
    expect(await read(id)).toMatchObject([{ message: 'a', logger: 'no such stream' }]);
    const lost = await post(JSON.stringify(exported('no such stream', ['a', 'b'])));
    expect([lost.status, await lost.json()]).toEqual([
      200,
      { partialSuccess: { rejectedLogRecords: '2', errorMessage: 'There is no stream "no such stream".' } },
    ]);
  });

  test('what is no such message is refused, and told in the form in which it came', async () => {
    for (const body of ['', 'no json', '{"resourceLogs":7}', '[]', `{"resourceLogs":[${' '.repeat(200_000)}]}`]) {
      const response = await post(body);
      expect([response.status, await response.json()]).toEqual([400, { message: expect.any(String) }]);
    }
    const protobuf = await post(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x0f]), {
      'content-type': 'application/x-protobuf',
    });
    expect([protobuf.status, protobuf.headers.get('content-type')]).toEqual([400, 'application/x-protobuf']);
    expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('{}', { authorization: 'Bearer nobody' })).status).toBe(401);
    expect((await post('{}')).status).toBe(200);
  });
});
