import { beforeAll, describe, expect, test } from 'vitest';
import { sentEvents } from '../support/sent-events.ts';
import { serve, startTestServer, type TestServer } from '../support/server.ts';
import { eventOf, follow, type TailEvent, tailDocument } from '../support/tail.ts';
import { accessToken } from '../support/token.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    files: { 'app.log': 'one\ntwo\nthree\n', 'b.log': 'b one\n', 'empty.log': '' },
    limits: { maxSourcesPerTail: 2 },
  });
});

/** Over server-sent events: each event as it comes. */
async function* events(ours: TestServer, token: string, variables: object): AsyncGenerator<TailEvent> {
  const response = await fetch(`${ours.url}/graphql`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: tailDocument, variables }),
  });
  for await (const { data } of sentEvents(response)) yield eventOf(JSON.parse(data));
}

const linesOf = (event: TailEvent | undefined) => event?.entries?.map(({ raw }) => raw);

describe('a tail over server-sent events', () => {
  const document = `subscription ($sources: [ID!]!, $last: Int, $after: Cursor) {
    logTail(sources: $sources, last: $last, after: $after) {
      __typename ... on LogBatch { cursor entries { raw source { name } } } ... on LogCaughtUp { cursor }
      ... on LogProgress { cursor } ... on Error { message } } }`;

  /** As a browser's EventSource does it: ids of events with their data, up to a line; then the connection breaks. */
  async function connect(ours: TestServer, variables: object, lastEventId: string | null, end: string) {
    const search = new URLSearchParams({ query: document, variables: JSON.stringify(variables) });
    const response = await fetch(`${ours.url}/graphql?${search}`, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${ours.token}`,
        ...(lastEventId !== null && { 'last-event-id': lastEventId }),
      },
    });
    const lines: string[] = [];
    let last = lastEventId;
    for await (const { data, id } of sentEvents(response)) {
      const { __typename, cursor, entries = [] } = eventOf(JSON.parse(data));
      if (cursor === undefined) return { last, lines, __typename };
      expect(id).toBe(cursor);
      last = id;
      lines.push(...entries.map(({ raw }) => raw));
      if (lines.includes(end)) break;
    }
    return { last, lines };
  }

  test('goes on after the id of the last event, whatever the variables say, and so do pages', async () => {
    const ours = await startTestServer({ files: { 'app.log': 'one\ntwo\n' } });
    const variables = { sources: [await ours.sourceId('app.log')], last: 1 };
    const first = await connect(ours, variables, null, 'two');
    expect(first.lines).toEqual(['two']);
    await ours.append('app.log', 'three\nfour\n');
    const second = await connect(ours, variables, first.last, 'four');
    expect(second.lines).toEqual(['three', 'four']);
    await ours.append('app.log', 'five\n');
    // Without the header the variables hold.
    expect((await connect(ours, { ...variables, last: undefined, after: first.last }, null, 'five')).lines).toEqual([
      ...['three', 'four', 'five'],
    ]);
    const page =
      'query ($sources: [ID!]!, $after: Cursor) { logs(sources: $sources, first: 9, after: $after) { nodes { raw } } }';
    const { logs } = await ours.data<{ logs: { nodes: { raw: string }[] } }>(page, {
      ...variables,
      after: second.last,
    });
    expect(logs.nodes.map(({ raw }) => raw)).toEqual(['five']);
  });

  test('is refused with an id that is no cursor of it, and says so', async () => {
    const ours = await startTestServer({ files: { 'app.log': 'one\n' } });
    const variables = { sources: [await ours.sourceId('app.log')] };
    expect(await connect(ours, variables, 'nonsense', 'one')).toMatchObject({
      lines: [],
      __typename: 'InvalidInputError',
    });
  });
});

describe('a tail over a socket', () => {
  test('begins with the newest entries, tells that they were all, and goes on with what is new', async () => {
    const socket = await server.socket();
    const sources = [await server.sourceId('app.log')];
    const id = socket.subscribe(tailDocument, { sources, last: 2 });
    const history = eventOf(await socket.result(id));
    expect([history.__typename, linesOf(history)]).toEqual(['LogBatch', ['two', 'three']]);
    expect(eventOf(await socket.result(id))).toMatchObject({ __typename: 'LogCaughtUp', cursor: expect.any(String) });
    await server.append('app.log', 'four\nfive\n');
    expect(linesOf(eventOf(await socket.result(id)))).toEqual(['four', 'five']);

    // From the cursor of an entry, or of an event.
    for (const after of [history.entries?.[0]?.cursor, history.cursor]) {
      const resumed = socket.subscribe(tailDocument, { sources, after });
      const expected = after === history.cursor ? ['four', 'five'] : ['three', 'four', 'five'];
      expect(linesOf(eventOf(await socket.result(resumed)))).toEqual(expected);
    }
    await socket.close();
  });

  test.each([undefined, true, false])(
    'takes the defaults of variables, and the socket lives on: given %s',
    async (yes) => {
      const document = `
      subscription ($sources: [ID!]!, $last: Int = 1, $yes: Boolean! = true) {
        logTail(sources: $sources, last: $last) {
          ... on LogBatch { cursor @include(if: $yes) entries { raw @include(if: $yes) level } }
        }
      }`;
      const socket = await server.socket();
      const sources = [await server.sourceId('b.log')];
      const id = socket.subscribe(document, yes === undefined ? { sources } : { sources, yes });
      const history = eventOf(await socket.result(id));
      expect(Object.keys(history)).toEqual(yes === false ? ['entries'] : ['cursor', 'entries']);
      expect(history.entries).toEqual([yes === false ? { level: 'UNKNOWN' } : { raw: 'b one', level: 'UNKNOWN' }]);
      expect(await socket.query('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
      await socket.close();
    },
  );

  test('tells of a variable that is null where it may not be, and the socket lives on', async () => {
    const document = `
      subscription ($sources: [ID!]!, $path: String = "a") {
        logTail(sources: $sources, last: 1) { ... on LogBatch { entries { field(path: $path) } } }
      }`;
    const socket = await server.socket();
    const id = socket.subscribe(document, { sources: [await server.sourceId('b.log')], path: null });
    const path = ['logTail', 'entries', 0, 'field'];
    expect(await socket.result(id)).toMatchObject({ errors: [{ path, extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(await socket.query('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    await socket.close();
  });

  test('of a source whose file is empty gets the first line ever', async () => {
    const socket = await server.socket();
    const tail = await follow(socket, await server.sourceId('empty.log'));
    await server.append('empty.log', 'first\n');
    expect(await tail.lines(1)).toEqual(['first']);
    await socket.close();
  });

  test.each([
    ['no source', {}, 'InvalidInputError', [{ code: 'EMPTY', path: ['sources'] }]],
    ['a negative last', { last: -1 }, 'InvalidInputError', [{ code: 'OUT_OF_RANGE', path: ['last'] }]],
    ['a last above the limit', { last: 1001 }, 'InvalidInputError', [{ code: 'OUT_OF_RANGE', path: ['last'] }]],
    ['a damaged cursor', { after: 'nonsense' }, 'InvalidInputError', [{ code: 'CURSOR_DAMAGED', path: ['after'] }]],
    ['a delivery that cannot be', { delivery: { maxBatch: 0 } }, 'InvalidInputError', [{ code: expect.any(String) }]],
    ['an unknown source', { sources: ['nothing'] }, 'NotFoundError', undefined],
    ['a path', { sources: ['/etc/passwd'] }, 'NotFoundError', undefined],
    [
      'a path as an id',
      { sources: [Buffer.from('Source:../../etc/passwd\0').toString('base64')] },
      'NotFoundError',
      undefined,
    ],
  ])('answers %s with an error as an event, and the socket lives on', async (_name, variables, type, problems) => {
    const socket = await server.socket();
    const sources = _name === 'no source' ? [] : [await server.sourceId('app.log')];
    const id = socket.subscribe(tailDocument, { sources, ...variables });
    const event = eventOf(await socket.result(id));
    expect(event).toMatchObject({
      __typename: type,
      message: expect.stringMatching(/\w/),
      ...(problems && { problems }),
    });
    expect(await socket.next(id)).toEqual({ id, type: 'complete' });
    await follow(socket, await server.sourceId('app.log'));
    await socket.close();
  });

  test('refuses a cursor that says nothing of one of the sources, and more sources than the limit', async () => {
    const socket = await server.socket();
    const [a, b, c] = [
      await server.sourceId('app.log'),
      await server.sourceId('b.log'),
      await server.sourceId('empty.log'),
    ];
    const first = eventOf(await socket.result(socket.subscribe(tailDocument, { sources: [a] })));
    const foreign = socket.subscribe(tailDocument, { sources: [a, b], after: first.cursor });
    expect(eventOf(await socket.result(foreign))).toMatchObject({
      problems: [{ code: 'CURSOR_FOREIGN', path: ['after'] }],
      message: expect.stringContaining('"b.log"'),
    });
    const many = socket.subscribe(tailDocument, { sources: [a, b, c] });
    expect(eventOf(await socket.result(many))).toMatchObject({ __typename: 'LimitReachedError' });
    // The same source twice is one source.
    const same = socket.subscribe(tailDocument, { sources: [a, a, a] });
    expect(eventOf(await socket.result(same))).toMatchObject({ __typename: 'LogCaughtUp' });
    await socket.close();
  });
});

describe('a tail over server-sent events', () => {
  test('is the same as over a socket', async () => {
    const ours = await startTestServer({ files: { 'app.log': 'one\ntwo\n' } });
    const sources = [await ours.sourceId('app.log')];
    const stream = events(ours, ours.token, { sources, last: 1 });
    expect(linesOf((await stream.next()).value)).toEqual(['two']);
    expect((await stream.next()).value).toMatchObject({ __typename: 'LogCaughtUp' });
    await ours.append('app.log', 'three\n');
    expect(linesOf((await stream.next()).value)).toEqual(['three']);
    await stream.return(undefined);
  });

  test('ends with UNAUTHENTICATED when its token expires', async () => {
    const token = await accessToken(server, 2);
    const stream = events(server, token, { sources: [await server.sourceId('app.log')] });
    expect((await stream.next()).value).toMatchObject({ __typename: 'LogCaughtUp' });
    await expect(stream.next()).rejects.toThrow(/UNAUTHENTICATED/);
  });
});

test('cursors outlive the server: a tail goes on where it was, and misses nothing', async () => {
  const first = await startTestServer({ files: { 'app.log': 'one\n' } });
  const sources = [await first.sourceId('app.log')];
  const socket = await first.socket();
  const id = socket.subscribe(tailDocument, { sources, last: 1 });
  const { cursor } = eventOf(await socket.result(id));
  await first.append('app.log', 'two\n');
  await first.stop();
  expect(await socket.closed).toMatchObject({ code: 1001 });
  await first.append('app.log', 'three\n');

  const second = await serve(first.config, first.directory);
  expect(await second.sourceId('app.log')).toBe(sources[0]);
  const again = await second.socket();
  const resumed = again.subscribe(tailDocument, { sources, after: cursor });
  expect(linesOf(eventOf(await again.result(resumed)))).toEqual(['two', 'three']);
  await again.close();
});
