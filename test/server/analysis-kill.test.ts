import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ServerProcess } from '../rotation/server-process.ts';
import { temporaryDirectory } from '../support/engine.ts';

const lines = 400_000;

interface Run {
  status: string;
  progress: { entries: string };
  report: { entryCount: string; patterns: { nodes: { template: string; count: string }[] } } | null;
}

test('an analysis whose server is killed is begun again by the next one, and counts everything once', {
  timeout: 120_000,
}, async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'app.log');
  writeFileSync(
    path,
    Array.from({ length: lines }, (_, index) => `job ${index} of user u${index % 977} done\n`).join(''),
  );
  mkdirSync(join(directory, 'data'));
  const server = await ServerProcess.prepare(join(directory, 'data'), [{ path, name: 'app' }]);
  let url = await server.start();
  const ask = async <Data>(query: string, variables: object = {}): Promise<Data> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.token}` };
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()).data;
  };
  const { source } = await ask<{ source: { id: string } }>('{ source(by: { name: "app" }) { id } }');
  const document =
    'mutation ($id: ID!) { run: startAnalysis(input: { source: $id }) { ... on StartAnalysisPayload { created analysis { id } } } }';
  const begin = () => ask<{ run: { created: boolean; analysis: { id: string } } }>(document, source);
  const { run } = await begin();
  const { id } = run.analysis;
  const now = async () =>
    (
      await ask<{ analysis: Run }>(
        'query ($id: ID!) { analysis(id: $id) { status progress { entries } report { entryCount patterns { nodes { template count } } } } }',
        { id },
      )
    ).analysis;

  await vi.waitFor(async () => expect(Number((await now()).progress.entries)).toBeGreaterThan(0), {
    timeout: 30_000,
    interval: 10,
  });
  await server.kill();
  url = await server.start();
  expect(await now()).toMatchObject({ status: 'RUNNING', report: null });
  // It still is the one of its log.
  expect((await begin()).run).toEqual({ created: false, analysis: { id } });
  await vi.waitFor(async () => expect((await now()).status).not.toBe('RUNNING'), { timeout: 60_000, interval: 200 });
  expect(await now()).toMatchObject({
    status: 'SUCCEEDED',
    progress: { entries: `${lines}` },
    report: {
      entryCount: `${lines}`,
      patterns: { nodes: [{ template: 'job <*> of user <*> done', count: `${lines}` }] },
    },
  });
});
