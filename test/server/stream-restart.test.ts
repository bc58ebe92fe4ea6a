import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSocket } from '../../examples/socket.ts';
import { Network } from '../examples/network.ts';
import { ServerProcess } from '../rotation/server-process.ts';
import { temporaryDirectory } from '../support/engine.ts';

/** How often the server is ended. */
const restarts = Number(process.env.TAILQL_TEST_KILLS ?? 4);

const tailDocument = `subscription ($sources: [ID!]!, $after: Cursor) {
  logTail(sources: $sources, after: $after, delivery: { onLag: PAUSE }) {
    __typename
    ... on LogBatch { cursor entries { raw source { name } } }
    ... on LogCaughtUp { cursor }
    ... on LogProgress { cursor }
    ... on LogRotated { cursor possibleLoss }
    ... on LogGap { cursor: to reason }
    ... on Error { message }
  }
}`;
interface Event {
  logTail: {
    __typename: string;
    entries?: { raw: string; source: { name: string } }[];
    possibleLoss?: boolean;
    reason?: string;
    message?: string;
  };
}

const systemDocument = `mutation ($source: ID!, $key: String!, $message: String!) {
  outcome: writeLogs(input: { source: $source, idempotencyKey: $key, entries: [{ message: $message }] }) {
    __typename ... on Error { message } } }`;
const auditDocument = `mutation ($source: ID!, $key: String!, $message: String!) {
  outcome: recordAuditEvent(input: { source: $source, idempotencyKey: $key, action: "state_change", message: $message }) {
    __typename ... on Error { message } } }`;
const readDocument = `query ($id: ID!, $after: Cursor) { source(by: { id: $id }) { entries(first: 1000, after: $after) {
  nodes { raw } pageInfo { hasNextPage endCursor } } } }`;

interface Page {
  nodes: { raw: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

test(`a tail of a system and an audit stream gets every record once and in order, over cuts and ${restarts} ends of the server`, {
  timeout: 60_000 + restarts * 20_000,
}, async () => {
  const server = await ServerProcess.prepare(join(await temporaryDirectory(), 'data'), []);
  const network = await Network.open(await server.start());
  const ask = async (query: string, variables: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.token}` };
    const response = await fetch(network.url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const make = async (name: string, format: string) => {
    const document = `mutation ($name: String!, $format: LogFormat!) { createStream(input: { name: $name, format: $format }) {
      ... on CreateStreamPayload { source { id } } } }`;
    const id: string = (await ask(document, { name, format })).createStream.source.id;
    return { name, id, received: [] as string[], acknowledged: [] as string[] };
  };
  const [system, audit] = [await make('system', 'SYSTEM_LOG'), await make('audit', 'AUDIT_LOG')];
  const streams = [system, audit];

  const [problems, seen] = [[] as unknown[], { events: new Set<string>() }];
  const client = openSocket({ url: network.url, token: () => server.token });
  onTestFinished(() => client.dispose());
  client.subscribe<Event>(
    { query: tailDocument, variables: { sources: streams.map(({ id }) => id) } },
    {
      next({ data, errors }) {
        if (!data) return void problems.push(errors);
        const { __typename: kind, entries = [], possibleLoss = false, reason, message } = data.logTail;
        seen.events.add(kind);
        if (possibleLoss || reason !== undefined || message !== undefined) problems.push(data.logTail);
        for (const { raw, source } of entries) streams.find(({ name }) => name === source.name)?.received.push(raw);
      },
      error: (error) => problems.push(error),
      complete: () => problems.push('completed'),
    },
  );
  await vi.waitFor(() => expect(seen.events.has('LogCaughtUp')).toBe(true), { timeout: 30_000 });

  const writing = { isOver: false };
  /** Writes one record after the other, each until it is acknowledged. */
  const write = async (document: string, { id, acknowledged }: typeof system) => {
    while (!writing.isOver) {
      const message = randomUUID();
      for (let kind = ''; !kind.endsWith('Payload'); ) {
        const answer = await ask(document, { source: id, key: message, message }).catch(() => null);
        if (answer === null) await sleep(10);
        else kind = answer.outcome.__typename;
      }
      acknowledged.push(message);
    }
  };
  const writers = [1, 2, 3].flatMap(() => [write(systemDocument, system), write(auditDocument, audit)]);
  const acknowledged = () => system.acknowledged.length + audit.acknowledged.length;
  const more = async (records: number) => {
    const goal = acknowledged() + records;
    while (acknowledged() < goal) await Promise.race([sleep(1), ...writers]);
  };
  for (let restart = 0; restart < restarts; restart++) {
    const { cuts } = network;
    network.cutAfter(Math.floor(Math.random() * 50_000));
    await vi.waitFor(() => expect(network.cuts).toBeGreaterThan(cuts), { timeout: 30_000, interval: 1 });
    await more(Math.floor(Math.random() * 100));
    await (restart % 2 === 0 ? server.kill() : server.stop());
    await server.start([], network.target);
    await more(20);
  }
  writing.isOver = true;
  await Promise.all(writers);

  for (const { id, received, acknowledged: sent } of streams) {
    const stored: string[] = [];
    for (let after: string | null = null, isMore = true; isMore; ) {
      const { nodes, pageInfo }: Page = (await ask(readDocument, { id, after })).source.entries;
      stored.push(...nodes.map(({ raw }) => raw));
      [after, isMore] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(stored.map((raw) => JSON.parse(raw).message).sort()).toEqual(sent.toSorted());
    // The client tries less and less often while there is no server.
    await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(stored.length), { timeout: 30_000 });
    expect(received).toEqual(stored);
  }
  expect(problems).toEqual([]);
});
