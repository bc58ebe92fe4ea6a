import { createServer } from 'node:http';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase, type PrismaClient } from '../../src/db/client.ts';
import { databaseUrls } from '../support/databases.ts';
import { registered } from '../support/people.ts';
import { serve, startTestServer, type TestServer } from '../support/server.ts';

const startDocument = `mutation ($source: ID!, $filter: LogFilter) {
  outcome: startAnalysis(input: { source: $source, filter: $filter }) {
    __typename ... on Error { message } ... on StartAnalysisPayload { created analysis { id status filter } } } }`;
const cancelDocument = `mutation ($id: ID!) { outcome: cancelAnalysis(id: $id) {
    __typename ... on Error { message } ... on CancelAnalysisPayload { analysis { status startedAt finishedAt } } } }`;
const deleteDocument = `mutation ($id: ID!) { outcome: deleteAnalysis(id: $id) {
    __typename ... on Error { message } ... on DeleteAnalysisPayload { deletedId source { name } } } }`;
const followDocument = `subscription ($id: ID!) { event: analysisProgressed(id: $id) {
    __typename ... on Analysis { status error progress { ratio } } ... on Error { message } } }`;
const reportDocument = `query ($id: ID!) { analysis(id: $id) {
    status startedBy { username } fromCursor toCursor createdAt startedAt finishedAt
    progress { bytesRead bytesTotal entries ratio }
    source { activeAnalysis { id } analyses { nodes { id } } }
    report {
      format entryCount from to summary
      levels { level count }
      histogram { complete buckets { total } }
      patterns { nodes { id template count share level firstSeen lastSeen sparkline examples { raw cursor } } pageInfo { hasNextPage endCursor } }
      anomalies { kind significance explanation observed expected pattern { template } example { raw } }
      http { requests bytesSent statusClasses { class count } topPaths(first: 2) { path count failed } duration { p50Ms maxMs } }
    } } }`;

interface Outcome {
  __typename: string;
  message?: string;
  created?: boolean;
  deletedId?: string;
  analysis: { id: string; status: string; filter: unknown; startedAt: string | null; finishedAt: string | null };
}
interface Pattern {
  id: string;
  template: string;
  count: string;
  share: number;
  level: string;
  sparkline: number[];
  examples: { raw: string; cursor: string }[];
}
interface Answered {
  analysis: {
    status: string;
    startedAt: string;
    finishedAt: string;
    progress: { bytesRead: string; bytesTotal: string; entries: string; ratio: number };
    source: { activeAnalysis: unknown; analyses: { nodes: { id: string }[] } };
    report: {
      format: string;
      entryCount: string;
      summary: string;
      levels: { level: string; count: string }[];
      histogram: { complete: boolean; buckets: { total: string }[] };
      patterns: { nodes: Pattern[]; pageInfo: { hasNextPage: boolean } };
      anomalies: { kind: string; pattern: { template: string } | null; example: { raw: string } | null }[];
      http: { requests: string; topPaths: { path: string; count: string; failed: string }[] } | null;
    };
  };
}

const start = async (server: TestServer, name: string, filter?: object): Promise<Outcome> => {
  const variables = { source: await server.sourceId(name), filter };
  return (await server.data<{ outcome: Outcome }>(startDocument, variables)).outcome;
};

/** Follows an analysis until it is over; its states, in their order. */
async function statesOf(server: TestServer, id: string): Promise<string[]> {
  const socket = await server.socket();
  const followed = socket.subscribe(followDocument, { id });
  const states: string[] = [];
  for (let message = await socket.next(followed); message.type === 'next'; message = await socket.next(followed)) {
    const state = JSON.stringify(message.payload).match(/"status":"(\w+)"|"__typename":"(\w*Error)"/);
    const name = state?.[1] ?? state?.[2] ?? JSON.stringify(message.payload);
    if (states.at(-1) !== name) states.push(name);
  }
  await socket.close();
  return states;
}

const reported = async (server: TestServer, id: string) =>
  (await server.data<Answered>(reportDocument, { id })).analysis;

const accessLine = (index: number, status: number) =>
  `203.0.113.${index % 200} - - [21/Nov/2026:10:${String(10 + Math.floor(index / 60)).padStart(2, '0')}:${String(index % 60).padStart(2, '0')} +0000] "GET /shop/${index % 3} HTTP/1.1" ${status} 100 "-" "curl"\n`;
const appLine = (index: number, text: string) =>
  `${new Date(Date.UTC(2026, 10, 21, 10, 0, index)).toISOString()} ${text}\n`;
const appLog = Array.from({ length: 1200 }, (_, index) =>
  appLine(
    index,
    (index < 900 || index > 930) && index !== 100
      ? `INFO user u${index} logged in from 10.0.0.${index % 250}`
      : `ERROR cannot reach db-${index}.internal: timed out after ${index} ms`,
  ),
).join('');

describe.each(databaseUrls())('analyses, on %s', (_kind, freshUrl) => {
  let server: TestServer;
  let client: PrismaClient;

  beforeAll(async () => {
    server = await startTestServer({
      databaseUrl: await freshUrl(),
      auth: { registration: 'OPEN' },
      files: {
        'app.log': appLog,
        'access.log': Array.from({ length: 900 }, (_, index) => accessLine(index, index % 9 === 0 ? 502 : 200)).join(
          '',
        ),
        'empty.log': '',
        'large.log': appLog.repeat(1500),
        'source-gone.log': appLog.repeat(1500),
        'owner-gone.log': appLog.repeat(1500),
      },
    });
    const database = await openDatabase(server.config.databaseUrl);
    client = database.client;
    return () => database.close();
  });
  const rowOf = ({ analysis }: Outcome) =>
    client.analysis.findUniqueOrThrow({ where: { id: decodeGlobalID(analysis.id).id } });

  test('tells what a log consists of, and shows the lines that prove it', async () => {
    const { analysis, created } = await start(server, 'app.log');
    expect(created).toBe(true);
    expect((await statesOf(server, analysis.id)).at(-1)).toBe('SUCCEEDED');
    const { report, progress, source, ...run } = await reported(server, analysis.id);
    expect(run.finishedAt >= run.startedAt).toBe(true);
    expect(progress).toEqual({
      bytesRead: `${appLog.length}`,
      bytesTotal: `${appLog.length}`,
      entries: '1200',
      ratio: 1,
    });
    expect(source.activeAnalysis).toBeNull();
    expect(source.analyses.nodes).toEqual([{ id: analysis.id }]);
    expect(report.entryCount).toBe('1200');
    expect(report.levels).toEqual([
      { level: 'INFO', count: '1168' },
      { level: 'ERROR', count: '32' },
    ]);
    const [common, rare] = report.patterns.nodes;
    expect(common).toMatchObject({ count: '1168', level: 'INFO', share: 1168 / 1200 });
    expect(rare).toMatchObject({ count: '32', level: 'ERROR' });
    expect(common?.template).toMatch(/^user <\*> logged in from <\*>$/);
    expect(common?.examples[0]?.raw).toBe(appLog.split('\n')[0]);
    for (const { sparkline, count } of report.patterns.nodes) {
      expect(sparkline.reduce((sum, one) => sum + one, 0)).toBe(Number(count));
    }
    expect(report.histogram.buckets.reduce((sum, { total }) => sum + Number(total), 0)).toBe(1200);
    const told = report.anomalies.find(({ pattern }) => pattern?.template === rare?.template);
    expect(told?.example?.raw).toMatch(/ERROR cannot reach db-9\d\d/);
    expect(report.summary).toContain('1,200 entries');
    expect(report.http).toBeNull();
  });

  test('counts the requests of an access log', async () => {
    const { analysis } = await start(server, 'access.log');
    await statesOf(server, analysis.id);
    const { report } = await reported(server, analysis.id);
    expect(report.format).toBe('NGINX_ACCESS');
    expect(report.http).toMatchObject({ requests: '900', bytesSent: '90000' });
    expect(report.http?.topPaths[0]).toEqual({ path: '/shop/0', count: '300', failed: '100' });
    expect(report.patterns.nodes).toMatchObject([
      { template: 'GET /shop/<*> 200', count: '800', level: 'INFO' },
      { template: 'GET /shop/<*> 502', count: '100', level: 'ERROR' },
    ]);
    expect(report.patterns.nodes[1]?.examples[0]?.raw).toBe(accessLine(0, 502).trimEnd());
  });

  test('looks at what a filter finds, and says with which it was started', async () => {
    const filter = { minLevel: 'ERROR', from: '2026-11-21T10:15:10.000Z' };
    const { analysis } = await start(server, 'app.log', filter);
    expect(analysis.filter).toMatchObject(filter);
    await statesOf(server, analysis.id);
    const { report } = await reported(server, analysis.id);
    expect(report.entryCount).toBe('21');
  });

  test('of an empty log there is a report that says so', async () => {
    const { analysis } = await start(server, 'empty.log');
    await statesOf(server, analysis.id);
    const { status, report } = await reported(server, analysis.id);
    expect([status, report.entryCount, report.summary]).toEqual(['SUCCEEDED', '0', 'The log has no entries.']);
  });

  test('fifty who ask at the same moment get one run; it is canceled at once, and can be deleted when it is over', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => start(server, 'large.log')));
    expect(new Set(outcomes.map(({ analysis }) => analysis.id)).size).toBe(1);
    expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
    const id = outcomes[0]?.analysis.id ?? '';
    await vi.waitFor(async () => expect((await reported(server, id)).status).toBe('RUNNING'), { timeout: 30_000 });
    const early = (await server.data<{ outcome: Outcome }>(deleteDocument, { id })).outcome;
    expect(early.__typename).toBe('ConflictError');
    const { outcome } = await server.data<{ outcome: Outcome }>(cancelDocument, { id });
    expect(outcome.analysis).toMatchObject({ status: 'CANCELED' });
    const again = (await server.data<{ outcome: Outcome }>(cancelDocument, { id })).outcome;
    expect(again.__typename).toBe('ConflictError');
    const { outcome: deleted } = await server.data<{ outcome: Outcome }>(deleteDocument, { id });
    expect(deleted).toMatchObject({ deletedId: id, source: { name: 'large.log' } });
  });

  test.each(['source', 'owner'])(
    'a follower learns that the run is gone with its %s, and the next one has its turn',
    async (what) => {
      const owner = await registered(server, `owner-${what}`);
      const ownerId = decodeGlobalID(owner.user.id).id;
      const name = `${what}-gone.log`;
      await client.source.updateMany({ where: { name }, data: { ownerId } });
      const outcome = await start(server, name);
      const states = statesOf(server, outcome.analysis.id);
      await vi.waitFor(async () => expect((await rowOf(outcome)).status).toBe('RUNNING'), { timeout: 30_000 });
      if (what === 'source') await client.source.deleteMany({ where: { name } });
      else await client.user.delete({ where: { id: ownerId } });
      expect((await states).at(-1)).toBe('NotFoundError');
      const { analysis } = await start(server, 'app.log');
      expect((await statesOf(server, analysis.id)).at(-1)).toBe('SUCCEEDED');
    },
  );

  test('a run that a process left is begun again once, and then fails with the reason', async () => {
    const sourceId = decodeGlobalID(await server.sourceId('app.log')).id;
    const left = (attempts: number) =>
      client.analysis.create({
        data: { sourceId, status: 'RUNNING', attempts, holder: 'gone', heldUntil: new Date(0), startedAt: new Date() },
      });
    const [once, twice] = [await left(1), await left(2)];
    const stateOf = async (id: string) => (await client.analysis.findUniqueOrThrow({ where: { id } })).status;
    await vi.waitFor(async () => expect(await stateOf(once.id)).toBe('SUCCEEDED'), { timeout: 30_000 });
    await vi.waitFor(async () => expect(await stateOf(twice.id)).toBe('FAILED'), { timeout: 30_000 });
    const { error } = await client.analysis.findUniqueOrThrow({ where: { id: twice.id } });
    expect(error).toBe('The server stopped 2 times while it was at it.');
  });

  test('whoever did not start it cancels nothing of a log that is not theirs', async () => {
    const ada = await registered(server, 'ada');
    const { analysis } = await start(server, 'app.log');
    const answer = await server.query<{ outcome: Outcome }>(
      cancelDocument,
      { id: analysis.id },
      { token: ada.accessToken },
    );
    expect(answer.data?.outcome.__typename).toBe('NotFoundError');
    await statesOf(server, analysis.id);
  });
});

test('what is under way when the server ends is done by the next one', { timeout: 60_000 }, async () => {
  const server = await startTestServer({ files: { 'large.log': appLog.repeat(600) } });
  const { analysis } = await start(server, 'large.log');
  await server.stop();
  const next = await serve(server.config, server.directory);
  expect((await statesOf(next, analysis.id)).at(-1)).toBe('SUCCEEDED');
  expect((await reported(next, analysis.id)).report.entryCount).toBe(`${1200 * 600}`);
});

describe('a summary by a language model', () => {
  type Answer = (body: string) => { status: number; text: string } | null;

  /** A server with a model that answers so; null: never. */
  async function serverWith(answer: Answer, timeoutMs = 500) {
    const asked: string[] = [];
    const model = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString();
        asked.push(body);
        const found = answer(body);
        if (found !== null) response.writeHead(found.status).end(found.text);
      });
    });
    await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      model.closeAllConnections();
      model.close();
    });
    const address = model.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const llm = { url: `http://127.0.0.1:${port}/v1`, model: 'small', timeoutMs };
    const files = { 'app.log': appLog, 'other.log': appLog };
    return { asked, server: await startTestServer({ files, analysis: { llm } }) };
  }

  async function summaryBy(answer: Answer) {
    const { asked, server } = await serverWith(answer);
    const { analysis } = await start(server, 'app.log');
    await statesOf(server, analysis.id);
    return { asked, summary: (await reported(server, analysis.id)).report.summary };
  }

  test('is made of the figures, without a line of the log', async () => {
    const text = JSON.stringify({ choices: [{ message: { content: 'The database was away.' } }] });
    const { asked, summary } = await summaryBy(() => ({ status: 200, text }));
    expect(summary).toBe('The database was away.');
    expect(asked[0]).toContain('logged in from <*>');
    expect(asked[0]).not.toContain('user u1 ');
  });

  test.each([
    ['fails', { status: 500, text: 'no' }],
    ['says something else', { status: 200, text: '{}' }],
    ['is silent', null],
  ])('is that of the figures when it %s', async (_how, answer) => {
    const { summary } = await summaryBy(() => answer);
    expect(summary).toContain('1,200 entries');
  });

  test('is not waited for when the run is canceled: the next one begins', async () => {
    const { asked, server } = await serverWith(() => null, 600_000);
    const { analysis } = await start(server, 'app.log');
    await vi.waitFor(() => expect(asked).toHaveLength(1), { timeout: 30_000 });
    const { analysis: next } = await start(server, 'other.log');
    await server.data(cancelDocument, { id: analysis.id });
    await vi.waitFor(async () => expect((await reported(server, next.id)).status).toBe('RUNNING'), { timeout: 30_000 });
  });
});
