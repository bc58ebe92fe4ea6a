import { beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import type { TestSocket } from '../support/socket.ts';
import { follow, type SocketTail } from '../support/tail.ts';

const document = `
  subscription ($sources: [ID!]!, $delivery: LogDelivery) {
    logTail(sources: $sources, delivery: $delivery) {
      __typename
      ... on LogBatch { entries { raw } }
      ... on LogGap { from to skippedBytes fetchable reason }
      ... on LimitReachedError { message }
    }
  }`;

const page = `
  query ($sources: [ID!]!, $after: Cursor, $before: Cursor) {
    logs(sources: $sources, first: 1000, after: $after, before: $before) {
      nodes { raw } pageInfo { endCursor hasNextPage }
    }
  }`;

/** What a tail tells by its `document`. */
interface Told {
  __typename: string;
  entries?: { raw: string }[];
  from?: string;
  to?: string;
  skippedBytes?: string;
  fetchable?: boolean;
  reason?: string;
  message?: string;
}

/** More than the system keeps for a socket that is not read, some MB: the server has to hold back the rest. */
const [rounds, linesPerRound] = [80, 100];
const lineOf = (number: number) => `line ${number} ${'x'.repeat(1000)}`;
const linesOf = (round: number) =>
  Array.from({ length: linesPerRound }, (_, index) => lineOf(round * linesPerRound + index));
const written = Array.from({ length: rounds }, (_, round) => linesOf(round)).flat();
const textOf = (lines: string[]) => lines.map((line) => `${line}\n`).join('');

let server: TestServer;
let sources: string[];
beforeEach(async () => {
  server = await startTestServer({ files: { 'app.log': '', 'other.log': '' }, limits: { liveWindowEntries: 500 } });
  sources = [await server.sourceId('app.log')];
});

/** A socket with a tail of each log, which stops reading while much is written that another socket gets. */
async function fallBehind(onLag: string): Promise<{ slow: TestSocket; id: string; other: SocketTail }> {
  const [slow, quick] = [await server.socket(), await server.socket()];
  const id = slow.subscribe(document, { sources, delivery: { onLag } });
  expect((await told(slow, id)).__typename).toBe('LogCaughtUp');
  const other = await follow(slow, await server.sourceId('other.log'));
  const healthy = await follow(quick, ...sources);
  slow.socket.pause();
  for (let round = 0; round < rounds; round++) {
    await server.append('app.log', textOf(linesOf(round)));
    expect(await healthy.lines(linesPerRound)).toEqual(linesOf(round));
  }
  await quick.close();
  slow.socket.resume();
  return { slow, id, other };
}

const told = async (socket: TestSocket, id: string): Promise<Told> => {
  const text = JSON.stringify((await socket.result(id)).data?.logTail);
  return JSON.parse(text);
};

/** Lines that stand between two cursors. */
async function between(from: string, to: string): Promise<string[]> {
  const lines: string[] = [];
  for (let after = from; ; ) {
    const { logs } = await server.data<{
      logs: { nodes: { raw: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    }>(page, { sources, after, before: to });
    lines.push(...logs.nodes.map(({ raw }) => raw));
    if (!logs.pageInfo.hasNextPage) return lines;
    after = logs.pageInfo.endCursor;
  }
}

/** The other operations of the socket go on. */
async function expectAlive(slow: TestSocket, other: SocketTail): Promise<void> {
  await server.append('other.log', 'still here\n');
  expect(await other.lines(1)).toEqual(['still here']);
  expect(await slow.query('{ server { version } }')).toMatchObject({ data: { server: {} } });
  await slow.close();
}

test('a subscriber that was not reading gets everything later with PAUSE', async () => {
  const { slow, id, other } = await fallBehind('PAUSE');
  const lines: string[] = [];
  while (lines.length < written.length) {
    const { __typename, entries = [] } = await told(slow, id);
    expect(['LogBatch', 'LogProgress']).toContain(__typename);
    lines.push(...entries.map(({ raw }) => raw));
  }
  expect(lines).toEqual(written);
  await expectAlive(slow, other);
});

test('is told exactly what it missed with SKIP_WITH_GAP, and can fetch that', async () => {
  const { slow, id, other } = await fallBehind('SKIP_WITH_GAP');
  await server.append('app.log', 'the end\n');
  const lines: string[] = [];
  const gaps: Told[] = [];
  while (lines.at(-1) !== 'the end') {
    const event = await told(slow, id);
    lines.push(...(event.entries ?? []).map(({ raw }) => raw));
    if (event.__typename !== 'LogGap') continue;
    const { from = '', to = '', skippedBytes, fetchable, reason } = event;
    expect({ fetchable, reason }).toEqual({ fetchable: true, reason: 'SLOW_CONSUMER' });
    const skipped = await between(from, to);
    expect(Buffer.byteLength(textOf(skipped))).toBe(Number(skippedBytes));
    lines.push(...skipped);
    gaps.push(event);
  }
  expect(lines).toEqual([...written, 'the end']);
  expect(gaps.length).toBeGreaterThan(0);
  await expectAlive(slow, other);
});

test('gets LimitReachedError with DISCONNECT, for that subscription alone', async () => {
  const { slow, id, other } = await fallBehind('DISCONNECT');
  const lines: string[] = [];
  let event = await told(slow, id);
  for (; event.__typename !== 'LimitReachedError'; event = await told(slow, id)) {
    expect(['LogBatch', 'LogProgress']).toContain(event.__typename);
    lines.push(...(event.entries ?? []).map(({ raw }) => raw));
  }
  expect(event.message).toMatch(/faster than you take it/);
  expect(lines).toEqual(written.slice(0, lines.length));
  expect(await slow.next(id)).toEqual({ id, type: 'complete' });
  await expectAlive(slow, other);
});
