import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { transports } from '../support/transport.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ files: { 'app.log': 'first line\n' }, limits: { maxTokens: 200 } });
});

const over = Object.entries(transports);

describe.each(over)('over %s', (transport, ask) => {
  const code = (code: string) => [{ message: expect.any(String), extensions: { code } }];

  test('an answer', async () => {
    const query = 'query ($name: String!) { source(by: { name: $name }) { name } }';
    expect(await ask(server, { query, variables: { name: 'app.log' } })).toEqual({
      data: { source: { name: 'app.log' } },
    });
  });

  test('without a token: UNAUTHENTICATED, and what needs none is there', async () => {
    const query = '{ server { version } me { id } }';
    const answer = await ask(server, { query, token: null });
    expect(answer).toEqual({
      data: { server: { version: expect.any(String) }, me: null },
      errors: [
        {
          message: 'Sign in first: send an access token or API token as "Authorization: Bearer TOKEN".',
          locations: [{ line: 1, column: 22 }],
          path: ['me'],
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  });

  test('a wrong page: INVALID_INPUT with its problems, and the rest is there', async () => {
    const query = '{ source(by: { name: "app.log" }) { name entries(first: -1) { nodes { raw } } } }';
    const { data, errors } = await ask(server, { query });
    expect(data).toEqual({ source: { name: 'app.log', entries: null } });
    const message = '"first" must be from 0 to 1000, not -1; fetch more in pages.';
    const problems = [{ path: ['first'], code: 'NEGATIVE', message }];
    expect(errors).toMatchObject([
      { message, path: ['source', 'entries'], extensions: { code: 'INVALID_INPUT', problems } },
    ]);
  });

  test.each([
    ['a variable of the wrong type', 'query ($n: Int!) { sources(first: $n) { totalCount } }', 'BAD_USER_INPUT'],
    ['two operations and no name', 'query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
    ['a syntax error', '{ server {', 'GRAPHQL_PARSE_FAILED'],
    ['too many tokens', `{ ${'__typename '.repeat(300)} }`, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s', async (_name, query, expected) => {
    // Twice: the second time the server remembers the document. It must not be one that another transport has asked.
    for (const _ of [1, 2]) {
      const { errors } = await ask(server, { query: `${query} # ${transport}`, variables: { n: 'many' } });
      expect(errors).toMatchObject(code(expected));
    }
  });
});

describe('a fault of the server', () => {
  let broken: TestServer;
  const systemLog = async (): Promise<Record<string, unknown>[]> => {
    const text = await readFile(join(broken.config.dataDir, 'log', 'system.jsonl'), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  beforeAll(async () => {
    broken = await startTestServer();
    const { client, close } = await openDatabase(broken.config.databaseUrl);
    await client.$executeRawUnsafe('ALTER TABLE "Source" RENAME TO "Lost"');
    await close();
  });

  test.each(over)('is masked over %s, and its request id leads to it in the system log', async (_transport, ask) => {
    const answer = await ask(broken, { query: '{ server { version } sources { totalCount } }' });
    expect(answer.errors).toHaveLength(1);
    const [error] = answer.errors ?? [];
    const requestId = error?.extensions?.requestId;
    expect(error).toMatchObject({
      message: `Something went wrong on the server. If it happens again, tell its operator this request id: ${requestId}`,
      path: ['sources', 'totalCount'],
      extensions: { code: 'INTERNAL_ERROR', requestId: expect.stringMatching(/^[\da-f-]{36}$/) },
    });
    expect(JSON.stringify(answer)).not.toMatch(/prisma|sqlite|Lost|\.ts|node_modules|stack/i);

    const records = (await systemLog()).filter((record) => record.requestId === requestId);
    expect(records).toMatchObject([{ level: 'ERROR', logger: 'tailql.http', path: 'sources.totalCount' }]);
    expect(JSON.stringify(records)).toMatch(/Source/);
    expect(JSON.stringify(records)).not.toContain(broken.token);
  });

  test.each(over.filter(([name]) => name === 'SSE' || name === 'WebSocket'))(
    'is masked at the start of a subscription over %s',
    async (_transport, ask) => {
      const id = Buffer.from('Source:0192a3b4-0000-7000-8000-000000000000').toString('base64');
      const query = 'subscription ($id: ID!) { logTail(sources: [$id]) { __typename } }';
      const answer = await ask(broken, { query, variables: { id } });
      expect(answer.errors).toMatchObject([{ extensions: { code: 'INTERNAL_ERROR' } }]);
      const requestId = answer.errors?.[0]?.extensions?.requestId;
      expect((await systemLog()).filter((record) => record.requestId === requestId)).toHaveLength(1);
      expect(JSON.stringify(answer)).not.toMatch(/prisma|sqlite|Lost|\.ts|node_modules|stack/i);
    },
  );

  test('has the request id in the header over HTTP, too', async () => {
    const { headers, errors } = await broken.query('{ sources { totalCount } }');
    expect(headers.get('x-request-id')).toBe(errors?.[0]?.extensions?.requestId);
  });

  test('does not keep the server from answering the next', async () => {
    await broken.query('{ sources { totalCount } }');
    expect(await broken.data('{ me { username } }')).toEqual({ me: { username: 'admin' } });
  });
});

test('a fault while a socket introduces itself is masked in the reason of its closing, and logged', async () => {
  const broken = await startTestServer();
  const { client, close } = await openDatabase(broken.config.databaseUrl);
  await client.$executeRawUnsafe('ALTER TABLE "ApiToken" RENAME TO "Lost"');
  await close();
  const written = vi.spyOn(console, 'error');
  onTestFinished(() => written.mockRestore());
  const socket = await broken.socket({ token: 'raw' });
  socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${broken.token}` } });
  const { code, reason } = await socket.closed;
  expect(code).toBe(4500);
  const [, requestId] = /^Something went wrong on the server; request id: ([\da-f-]{36})$/.exec(reason) ?? [reason];
  const log = await readFile(join(broken.config.dataDir, 'log', 'system.jsonl'), 'utf8');
  expect(log).toContain(`"requestId":"${requestId}"`);
  expect(log).not.toContain(broken.token);
  expect(written).not.toHaveBeenCalled();
});

describe('a token that is not valid', () => {
  test.each(over.filter(([name]) => name !== 'WebSocket'))('is refused over %s', async (_transport, ask) => {
    const { data, errors } = await ask(server, { query: '{ server { version } }', token: 'nonsense' });
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      { message: 'This access token is not valid; sign in again.', extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  test('has status 401', async () => {
    expect(await server.query('{ server { version } }', {}, { token: 'nonsense' })).toMatchObject({ status: 401 });
  });
});
