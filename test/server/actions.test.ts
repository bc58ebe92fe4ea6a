import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createToken } from '../../server/token-command.ts';
import { databaseUrls } from '../support/databases.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const recordDocument = `mutation ($input: RecordActionsInput!) {
  recordActions(input: $input) {
    __typename
    ... on RecordActionsPayload { recorded actions { id service action status durationMs error metadata timestamp recordedAt } }
    ... on InvalidInputError { problems { path code } }
    ... on Error { message }
  }
}`;

const reported = (values: object = {}) => ({
  service: 'shop',
  action: 'pay',
  status: 'SUCCESS',
  durationMs: 12.5,
  ...values,
});

type Recorded = { recordActions: { __typename: string; recorded: number; actions: { id: string }[] } };

const record = async (server: TestServer, actions: object[], idempotencyKey: string | null = null) =>
  (await server.data<Recorded>(recordDocument, { input: { actions, idempotencyKey } })).recordActions;

async function post(
  server: TestServer,
  body: string | Uint8Array<ArrayBuffer>,
  { token = server.token, ...headers }: { [name: string]: string } = {},
) {
  const response = await fetch(`${server.url}/actions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', ...headers },
    body,
  });
  return { status: response.status, answer: JSON.parse(await response.text()) };
}

describe.each(databaseUrls())('actions over the wire on %s', (_kind, freshUrl) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await freshUrl() });
  });

  /** So that tests do not see the actions of each other. */
  const freshService = () => `service-${randomUUID()}`;

  test('are recorded, listed by what they are, and counted', async () => {
    const service = freshService();
    const answer = await record(server, [
      reported({ service, metadata: { password: 'x', n: 1 } }),
      reported({ service, action: 'refund', status: 'FAILED', durationMs: 2000, error: 'Card declined' }),
    ]);
    expect(answer).toMatchObject({
      __typename: 'RecordActionsPayload',
      recorded: 2,
      actions: [
        {
          service,
          action: 'pay',
          status: 'SUCCESS',
          durationMs: 12.5,
          error: null,
          metadata: { password: '[redacted]', n: 1 },
        },
        { service, action: 'refund', status: 'FAILED', durationMs: 2000, error: 'Card declined', metadata: null },
      ],
    });
    const data = await server.data(
      `query ($service: String!) {
        recent: actions(filter: { services: [$service] }) { nodes { action } pageInfo { hasPreviousPage hasNextPage } }
        failed: actions(filter: { services: [$service], status: FAILED }, last: 50) { edges { cursor node { error } } }
        slowest: actions(filter: { services: [$service] }, first: 1, orderBy: { field: DURATION, direction: DESC }) { nodes { durationMs } }
        actionStats(filter: { services: [$service] }) {
          total failed failureRate
          duration { meanMs p50Ms p90Ms p95Ms p99Ms maxMs }
          byService { service total failed duration { maxMs } }
          byAction(first: 1) { service action total }
          timeline { from total failed }
        }
      }`,
      { service },
    );
    expect(data).toMatchObject({
      recent: {
        nodes: [{ action: 'pay' }, { action: 'refund' }],
        pageInfo: { hasPreviousPage: false, hasNextPage: false },
      },
      failed: { edges: [{ node: { error: 'Card declined' } }] },
      slowest: { nodes: [{ durationMs: 2000 }] },
      actionStats: {
        total: '2',
        failed: '1',
        failureRate: 0.5,
        duration: { meanMs: 1006.25, maxMs: 2000 },
        byService: [{ service, total: '2', failed: '1', duration: { maxMs: 2000 } }],
        byAction: [{ service, action: 'pay', total: '1' }],
      },
    });
    const { id } = answer.actions[1] ?? { id: '' };
    expect(await server.data('query ($id: ID!) { node(id: $id) { id ... on Action { error } } }', { id })).toEqual({
      node: { id, error: 'Card declined' },
    });
  });

  test('are answered with the newest when no size is asked for', async () => {
    const service = freshService();
    await record(
      server,
      Array.from({ length: 60 }, (_, index) => reported({ service, metadata: index })),
    );
    const { actions } = await server.data<{ actions: { nodes: { metadata: number }[] } }>(
      'query ($service: String!) { actions(filter: { services: [$service] }) { nodes { metadata } } }',
      { service },
    );
    expect(actions.nodes.map(({ metadata }) => metadata)).toEqual(Array.from({ length: 50 }, (_, index) => index + 10));
  });

  test('a wrong one is told as data, with its place', async () => {
    const actions = [reported(), reported({ durationMs: -1, service: ' \u0007' })];
    expect(await record(server, actions)).toMatchObject({
      __typename: 'InvalidInputError',
      problems: [
        { path: ['actions', '1', 'service'], code: 'INVALID_NAME' },
        { path: ['actions', '1', 'durationMs'], code: 'OUT_OF_RANGE' },
      ],
    });
    const answer = await server.query('{ actions(after: "x") { nodes { id } } server { version } }');
    expect(answer.data).toMatchObject({ actions: null, server: {} });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', problems: [{ path: ['after'] }] });
  });

  test('a call made again under its key has one effect; with other actions it is a conflict', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => record(server, [reported()], key)));
    expect(answers[0]).toMatchObject({ recorded: 1 });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await record(server, [reported({ durationMs: 1 })], key)).toMatchObject({ __typename: 'ConflictError' });
  });

  test('who may: without a token nobody, with one by its scopes', async () => {
    const token = (scope: string) => createToken(server.config, 'test', [scope]);
    const [reader, writer, logs] = [
      await token('ACTIONS_READ'),
      await token('ACTIONS_WRITE'),
      await token('LOGS_READ'),
    ];
    const code = async (document: string, credential: string | null, variables = {}) =>
      (await server.query(document, variables, { token: credential })).errors?.[0]?.extensions?.code;
    const input = { input: { actions: [reported()] } };
    expect(await code('{ actions { nodes { id } } }', null)).toBe('UNAUTHENTICATED');
    expect(await code('{ actions { nodes { id } } }', logs)).toBe('FORBIDDEN');
    expect(await code('{ actions { nodes { id } } actionStats { total } }', reader)).toBeUndefined();
    expect(await code(recordDocument, reader, input)).toBe('FORBIDDEN');
    expect(await code(recordDocument, writer, input)).toBeUndefined();
    const clear = 'mutation { clearActions(input: { before: "2020-01-01T00:00:00Z" }) { __typename } }';
    expect(await code(clear, writer)).toBe('FORBIDDEN');
    expect(await code(clear, null)).toBe('UNAUTHENTICATED');
    expect((await post(server, '', { token: reader })).status).toBe(403);
    expect((await post(server, '', { token: 'tailql_nonsense' })).status).toBe(401);
    expect(await post(server, JSON.stringify(reported()), { token: writer })).toMatchObject({
      status: 200,
      answer: { recorded: 1 },
    });
  });

  test('come live, from a cursor on, over a WebSocket', async () => {
    const service = freshService();
    const socket = await server.socket();
    onTestFinished(() => socket.close());
    await record(server, [reported({ service, action: 'first' }), reported({ service, action: 'second' })]);
    const { actions } = await server.data<{ actions: { edges: { cursor: string }[] } }>(
      'query ($service: String!) { actions(filter: { services: [$service] }) { edges { cursor } } }',
      { service },
    );
    const id = socket.subscribe(
      `subscription ($service: String!, $after: String) {
        actionRecorded(filter: { services: [$service] }, after: $after) {
          __typename
          ... on ActionBatch { cursor actions { action status durationMs metadata } }
          ... on Error { message }
        }
      }`,
      { service, after: actions.edges[0]?.cursor },
    );
    const batch = (action: string, metadata: unknown = null) => ({
      data: {
        actionRecorded: {
          __typename: 'ActionBatch',
          actions: [{ action, status: 'SUCCESS', durationMs: 12.5, metadata }],
        },
      },
    });
    expect(await socket.result(id)).toMatchObject(batch('second'));
    await record(server, [
      reported({ service: freshService() }),
      reported({ service, action: 'third', metadata: [1, null] }),
    ]);
    expect(await socket.result(id)).toMatchObject(batch('third', [1, null]));
    const wrong = socket.subscribe(
      'subscription { actionRecorded(after: "x") { __typename ... on Error { message } } }',
    );
    expect(await socket.result(wrong)).toMatchObject({ data: { actionRecorded: { __typename: 'InvalidInputError' } } });
  });

  test('statistics of a window come live', async () => {
    const service = freshService();
    const socket = await server.socket();
    onTestFinished(() => socket.close());
    const id = socket.subscribe(
      `subscription ($service: String!) {
        actionStatsChanged(filter: { services: [$service] }, everyMs: 250) { __typename ... on ActionStats { total byAction { action } } }
      }`,
      { service },
    );
    const stats = (total: string, actions: string[]) => ({
      data: {
        actionStatsChanged: { __typename: 'ActionStats', total, byAction: actions.map((action) => ({ action })) },
      },
    });
    expect(await socket.result(id)).toEqual(stats('0', []));
    await record(server, [reported({ service })]);
    expect(await socket.result(id)).toEqual(stats('1', ['pay']));
    const wrong = socket.subscribe('subscription { actionStatsChanged(everyMs: 1) { __typename } }');
    expect(await socket.result(wrong)).toMatchObject({
      data: { actionStatsChanged: { __typename: 'InvalidInputError' } },
    });
  });

  test('POST /actions takes JSON lines, and tells which it cannot use', async () => {
    const service = freshService();
    const lines = [
      JSON.stringify(reported({ service })),
      '',
      '{"service": ',
      JSON.stringify(reported({ service, status: 'OK' })),
      JSON.stringify(reported({ service, metadata: { text: 'ü'.repeat(100) } })),
      `"${'x'.repeat(2_000_000)}"`,
      JSON.stringify(reported({ service, durationMs: 1 })),
    ];
    expect(await post(server, lines.join('\r\n'))).toEqual({
      status: 200,
      answer: {
        recorded: 3,
        failed: 3,
        problems: [
          expect.objectContaining({ line: 3, path: [], code: 'NO_OBJECT' }),
          expect.objectContaining({ line: 4, path: ['status'], code: 'UNKNOWN_STATUS' }),
          expect.objectContaining({ line: 6, path: [], code: 'TOO_LONG' }),
        ],
      },
    });
    const packed = gzipSync(Array(3000).fill(lines[0]).join('\n'));
    expect(await post(server, packed, { 'content-encoding': 'gzip' })).toMatchObject({
      answer: { recorded: 3000, failed: 0 },
    });
    expect(await post(server, packed.subarray(0, 50), { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 });
    expect(await post(server, '')).toMatchObject({ status: 200, answer: { recorded: 0, failed: 0 } });
    const { actionStats } = await server.data<{ actionStats: { total: string } }>(
      'query ($service: String!) { actionStats(filter: { services: [$service] }) { total } }',
      { service },
    );
    expect(actionStats.total).toBe('3003');
    expect((await fetch(`${server.url}/actions`)).status).toBe(405);
  });

  test('an archive is listed, taken away by a link, and recorded again', async () => {
    const own = await startTestServer({ databaseUrl: await freshUrl() });
    await record(own, [reported({ error: 'a' }), reported()]);
    const later = new Date(Date.now() + 1000).toISOString();
    const { archiveActions } = await own.data<{ archiveActions: { archive: { id: string } } }>(
      'mutation ($before: DateTime!) { archiveActions(before: $before) { ... on ArchiveActionsPayload { archive { id } } } }',
      { before: later },
    );
    const { actionArchives } = await own.data<{
      actionArchives: { nodes: { id: string; count: string; size: string; download: { url: string } }[] };
    }>('{ actionArchives { nodes { id count size from to createdAt download { url } } pageInfo { hasNextPage } } }');
    const [archive] = actionArchives.nodes;
    expect(archive).toMatchObject({ id: archiveActions.archive.id, count: '2' });
    expect(
      await own.data('query ($id: ID!) { node(id: $id) { ... on ActionArchive { count } } }', { id: archive?.id }),
    ).toEqual({ node: { count: '2' } });
    const file = await fetch(archive?.download.url ?? '');
    expect(file.headers.get('content-type')).toBe('application/gzip');
    expect(file.headers.get('content-disposition')).toMatch(/filename="actions-\d{4}-\d\d-\d\d-0\.ndjson\.gz"/);
    const bytes = new Uint8Array(await file.arrayBuffer());
    expect(bytes.length).toBe(Number(archive?.size));
    expect(await post(own, bytes, { 'content-encoding': 'gzip' })).toMatchObject({
      answer: { recorded: 2, failed: 0 },
    });
    const cleared = await own.data(
      'mutation ($before: DateTime!) { clearActions(input: { before: $before, archive: false }) { ... on ClearActionsPayload { cleared archive { id } } } }',
      { before: new Date(Date.now() + 1000).toISOString() },
    );
    expect(cleared).toEqual({ clearActions: { cleared: '4', archive: null } });
    const remove =
      'mutation ($id: ID!) { deleteActionArchive(id: $id) { __typename ... on DeleteActionArchivePayload { deletedId } } }';
    expect(await own.data(remove, { id: archive?.id })).toMatchObject({
      deleteActionArchive: { deletedId: archive?.id },
    });
    expect(await own.data(remove, { id: archive?.id })).toMatchObject({
      deleteActionArchive: { __typename: 'NotFoundError' },
    });
  });
});
