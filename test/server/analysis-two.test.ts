import { decodeGlobalID } from '@pothos/plugin-relay';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { openDatabase, type PrismaClient } from '../../src/db/client.ts';
import { databaseUrls } from '../support/databases.ts';
import { freshDirectory } from '../support/directory.ts';
import { serve, startTestServer, type TestServer } from '../support/server.ts';

const startDocument = `mutation ($source: ID!) { outcome: startAnalysis(input: { source: $source }) {
    ... on StartAnalysisPayload { created analysis { id } } } }`;
const reportDocument = 'query ($id: ID!) { analysis(id: $id) { status report { entryCount } } }';

interface Outcome {
  created: boolean;
  analysis: { id: string };
}

/** Several servers may share a database that is a server itself. */
const shared = databaseUrls().filter(([kind]) => kind === 'postgresql');

describe.each(shared)('two servers on one database, on %s,', (_kind, freshUrl) => {
  const names = Array.from({ length: 12 }, (_, index) => `${index}.log`);
  const lines = 20_000;
  let servers: TestServer[];
  let client: PrismaClient;

  beforeAll(async () => {
    const text = Array.from({ length: lines }, (_, index) => `job ${index} done\n`).join('');
    const first = await startTestServer({
      databaseUrl: await freshUrl(),
      files: Object.fromEntries(names.map((name) => [name, text])),
    });
    const second = await serve({ ...first.config, dataDir: await freshDirectory() }, first.directory);
    servers = [first, second];
    const database = await openDatabase(first.config.databaseUrl);
    client = database.client;
    return () => database.close();
  });

  const begin = async (server: TestServer, name: string): Promise<Outcome> => {
    const source = await server.sourceId(name);
    return (await server.data<{ outcome: Outcome }>(startDocument, { source })).outcome;
  };

  test('make one run of what both are asked for at once, and each run is done once, by one of them', async () => {
    const outcomes = await Promise.all(names.map((name) => Promise.all(servers.map((server) => begin(server, name)))));
    for (const both of outcomes) {
      expect(new Set(both.map(({ analysis }) => analysis.id)).size).toBe(1);
      expect(both.filter(({ created }) => created)).toHaveLength(1);
    }
    const ids = outcomes.flatMap((both) => both.slice(0, 1).map(({ analysis }) => analysis.id));
    const holders = new Set<string>();
    await vi.waitFor(
      async () => {
        const running = await client.analysis.findMany({ where: { status: 'RUNNING' } });
        for (const { holder } of running) if (holder !== null) holders.add(holder);
        expect(await client.analysis.count({ where: { status: 'SUCCEEDED' } })).toBe(names.length);
      },
      { timeout: 50_000, interval: 5 },
    );
    expect(holders.size).toBe(2);
    for (const id of ids) {
      expect((await client.analysis.findUniqueOrThrow({ where: { id: decodeGlobalID(id).id } })).attempts).toBe(1);
      for (const server of servers) {
        const { analysis } = await server.data<{ analysis: { status: string; report: { entryCount: string } } }>(
          reportDocument,
          { id },
        );
        expect(analysis).toEqual({ status: 'SUCCEEDED', report: { entryCount: `${lines}` } });
      }
    }
  });
});
