import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { StreamTransport } from '../../examples/streams/transport.ts';
import { registered } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const hasPython = spawnSync('python3', ['--version']).status === 0;

interface Entry {
  message: string;
  level: string;
  logger: string;
  fields: Record<string, unknown>;
  action?: string;
  metadata?: Record<string, unknown>;
}

describe('an application', () => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await startTestServer({ auth: { registration: 'OPEN' } });
    token = (await registered(server, 'ada')).accessToken;
  });

  const ask = async <Data>(document: string, variables: object): Promise<Data> => {
    const { data, errors } = await server.query<Data>(document, variables, { token });
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  };
  const make = async (name: string, format = 'SYSTEM_LOG') => {
    const document =
      'mutation ($input: CreateStreamInput!) { createStream(input: $input) { ... on CreateStreamPayload { source { id } } } }';
    return (await ask<{ createStream: { source: { id: string } } }>(document, { input: { name, format } })).createStream
      .source.id;
  };
  const read = async (id: string) =>
    (
      await ask<{ source: { entries: { nodes: Entry[] } } }>(
        `query ($id: ID!) { source(by: { id: $id }) { entries(last: 1000) { nodes { message level fields
          ... on SystemLogEntry { logger } ... on AuditLogEntry { action metadata } } } } }`,
        { id },
      )
    ).source.entries.nodes;
  const environment = (url = `${server.url}/graphql`) => ({ ...process.env, TAILQL_URL: url, TAILQL_TOKEN: token });

  test('that logs with pino writes to a stream', async () => {
    const id = await make('with pino');
    const args = ['--import', 'tsx', 'examples/streams/main.ts', 'with pino'];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: root, env: environment() });
    expect([stdout, stderr]).toEqual(['done, 0 dropped\n', '']);
    expect(await read(id)).toMatchObject([
      { message: 'cart opened', level: 'INFO', logger: 'shop', fields: { items: 3, pid: expect.any(Number) } },
      { message: 'slow', level: 'WARN', fields: { ms: 812 } },
      { message: 'boom', level: 'ERROR', fields: { err: { type: 'Error', stack: expect.stringContaining('boom') } } },
    ]);
  });

  test('there is Python where no test may be skipped', () => {
    expect(hasPython || process.env.CI !== 'true').toBe(true);
  });

  test.skipIf(!hasPython)(
    'that logs with Python writes to a stream of system records, and to an audit trail',
    async () => {
      const [system, audit] = [await make('with python'), await make('with python, audit', 'AUDIT_LOG')];
      const args = ['examples/streams/handler.py', 'with python', 'with python, audit'];
      const { stdout } = await run('python3', args, { cwd: root, env: environment() });
      expect(stdout).toBe('with python: done, 0 dropped \nwith python, audit: done, 0 dropped \n');
      expect(await read(system)).toMatchObject([
        {
          message: 'cart opened',
          level: 'INFO',
          logger: 'root',
          fields: { items: 3, _line: 'mine', module: 'handler' },
        },
        { message: expect.stringContaining('ZeroDivisionError'), level: 'ERROR' },
      ]);
      expect(await read(audit)).toMatchObject([
        { message: 'ada signed in', level: 'WARN', action: 'sign_in', metadata: { user: 'ada' } },
      ]);
    },
  );

  test('writes with curl', async () => {
    const id = await make('with curl');
    const file = join(server.directory, 'records.jsonl');
    writeFileSync(file, '{"message":"one"}\n{"message":"two","level":"WARN","ms":812}\n');
    const args = [
      '-sS',
      '-H',
      `Authorization: Bearer ${token}`,
      '--data-binary',
      `@${file}`,
      `${server.url}/streams/with%20curl`,
    ];
    const { stdout } = await run('curl', args);
    expect(JSON.parse(stdout)).toEqual({ written: 2, failed: 0, problems: [] });
    expect(await read(id)).toMatchObject([{ message: 'one' }, { message: 'two', fields: { ms: 812 } }]);
  });

  test('goes on when the server is away, and writes what waited once when it is back', async () => {
    const id = await make('away');
    const problems: string[] = [];
    const options = {
      url: `${server.url}/graphql`,
      token,
      stream: 'away',
      onProblem: (problem: string) => problems.push(problem),
    };
    const send = globalThis.fetch;
    let calls = 0;
    // The first is not reached, of the second and third the answer is lost, and the rest go through.
    globalThis.fetch = async (...args) => {
      calls += 1;
      if (calls === 1) throw new TypeError('fetch failed');
      const response = await send(...args);
      if (calls <= 3) throw new TypeError('terminated');
      return response;
    };
    try {
      const transport = new StreamTransport(options);
      const logger = pino({ base: null }, transport);
      for (let number = 0; number < 1200; number++) logger.info(`number ${number}`);
      await new Promise<void>((resolve) => transport.end(resolve));
      expect([transport.dropped, problems]).toEqual([0, []]);
    } finally {
      globalThis.fetch = send;
    }
    const found = await read(id);
    expect(found.length).toBe(1000);
    expect(found.at(-1)?.message).toBe('number 1199');
    const { source } = await ask<{ source: { valueCounts: { values: { count: string }[] } } }>(
      'query ($id: ID!) { source(by: { id: $id }) { valueCounts(path: "level") { values { count } } } }',
      { id },
    );
    expect(source.valueCounts.values).toEqual([{ count: '1200' }]);
  });

  test('counts what it gives up, and is neither blocked nor broken by it', async () => {
    const problems: string[] = [];
    const options = { url: 'http://127.0.0.1:9/graphql', token, stream: 'none' };
    const transport = new StreamTransport({ ...options, onProblem: (problem) => problems.push(problem) });
    const logger = pino({}, transport);
    for (let number = 0; number < 25_000; number++) logger.info('x');
    expect(transport.dropped).toBeGreaterThan(10_000);
    expect(problems[0]).toContain('too many wait');
    transport.destroy();
  });
});
