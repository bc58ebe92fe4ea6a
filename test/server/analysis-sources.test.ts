import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { databaseUrls } from '../support/databases.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const uploadDocument = `mutation ($name: String!, $size: BigInt!) {
  created: createUpload(input: { name: $name, size: $size }) { ... on CreateUploadPayload { uploadUrl source { id } } } }`;
const streamDocument = `mutation {
  created: createStream(input: { name: "jobs", format: SYSTEM_LOG }) { ... on CreateStreamPayload { source { id } } } }`;
const writeDocument = `mutation ($input: WriteLogsInput!) {
  written: writeLogs(input: $input) { ... on WriteLogsPayload { written } } }`;
const startDocument = `mutation ($source: ID!) {
  started: startAnalysis(input: { source: $source }) { ... on StartAnalysisPayload { analysis { id } } } }`;
const reportDocument = `query ($id: ID!) {
  analysis(id: $id) { status report { entryCount patterns { nodes { template count examples { message } } } } } }`;

/** What 1,000 jobs had to say; every tenth failed. */
const messages = Array.from({ length: 1000 }, (_, index) =>
  index % 10 === 0 ? `job ${index} failed after ${index} ms` : `job ${index} is done`,
);
const text = messages
  .map((message, index) => `${new Date(Date.UTC(2026, 10, 21) + index * 1000).toISOString()} INFO ${message}\n`)
  .join('');

interface Report {
  entryCount: string;
  patterns: { nodes: { template: string; count: string; examples: { message: string }[] }[] };
}

describe.each(databaseUrls())('an analysis, on %s,', (_kind, freshUrl) => {
  let server: TestServer;
  /** Makes a source of each kind with these messages, and gives its id. */
  let make: Record<string, () => Promise<string>>;

  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await freshUrl(), files: { 'app.log': text, 'old.log.gz': '' } });
    await writeFile(server.path('old.log.gz'), gzipSync(text));
    const upload = async (name: string, body: Buffer) => {
      const { created } = await server.data<{ created: { uploadUrl: string; source: { id: string } } }>(
        uploadDocument,
        {
          ...{ name, size: `${body.length}` },
        },
      );
      const { status } = await fetch(created.uploadUrl, { method: 'PUT', body: new Uint8Array(body) });
      expect(status).toBe(201);
      return created.source.id;
    };
    make = {
      'a file': () => server.sourceId('app.log'),
      'a compressed file': () => server.sourceId('old.log.gz'),
      'an upload': () => upload('plain.log', Buffer.from(text)),
      'a compressed upload': () => upload('packed.log.gz', gzipSync(text)),
      'a stream': async () => {
        const { created } = await server.data<{ created: { source: { id: string } } }>(streamDocument);
        const entries = messages.map((message) => ({ level: 'INFO', message }));
        await server.data(writeDocument, { input: { source: created.source.id, entries } });
        return created.source.id;
      },
    };
  });

  test.each(['a file', 'a compressed file', 'an upload', 'a compressed upload', 'a stream'])(
    'tells of %s what it consists of, and shows the entries',
    async (what) => {
      const source = await make[what]?.();
      const { started } = await server.data<{ started: { analysis: { id: string } } }>(startDocument, { source });
      const report = await vi.waitFor(
        async () => {
          const { analysis } = await server.data<{ analysis: { status: string; report: Report } }>(
            reportDocument,
            started.analysis,
          );
          expect(analysis.status).toBe('SUCCEEDED');
          return analysis.report;
        },
        { timeout: 30_000 },
      );
      expect(report).toEqual({
        entryCount: '1000',
        patterns: {
          nodes: [
            { template: 'job <*> is done', count: '900', examples: expect.anything() },
            { template: 'job <*> failed after <*> ms', count: '100', examples: expect.anything() },
          ],
        },
      });
      expect(report.patterns.nodes[1]?.examples[0]).toEqual({ message: 'job 0 failed after 0 ms' });
    },
  );
});
