import { utimesSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { textOf } from '../support/entries.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import type { TestSocket } from '../support/socket.ts';
import { eventOf, type TailEvent, tailDocument } from '../support/tail.ts';

const line = (second: number, level: string) =>
  `{"timestamp":"2026-11-21T10:50:${second}Z","level":"${level}","message":"${level} at ${second}"}`;

const start = async (lines: string[]) => startTestServer({ files: { 'app.jsonl': textOf(lines) } });

async function tailOf(server: TestServer, variables: object, name = 'app.jsonl') {
  const socket = await server.socket();
  return { socket, ...tailOn(socket, [await server.sourceId(name)], variables) };
}

function tailOn(socket: TestSocket, sources: string[], variables: object) {
  const id = socket.subscribe(tailDocument, { sources, ...variables });
  const event = async () => eventOf(await socket.result(id));
  return {
    id,
    event,
    /** The lines up to the first event of a kind, and that event. */
    async until(type: string): Promise<{ lines: string[]; event: TailEvent }> {
      const lines: string[] = [];
      for (;;) {
        const next = await event();
        if (next.__typename === type && type !== 'LogBatch') return { lines, event: next };
        lines.push(...(next.entries ?? []).map(({ raw }) => raw));
        if (next.__typename === type) return { lines, event: next };
      }
    },
    async take(count: number): Promise<string[]> {
      const lines: string[] = [];
      while (lines.length < count) lines.push(...((await event()).entries ?? []).map(({ raw }) => raw));
      return lines;
    },
  };
}

const history = [line(10, 'info'), line(20, 'error'), line(30, 'info'), line(40, 'error'), line(50, 'info')];
const errors = { query: 'level:error' };

describe('a tail with a filter', () => {
  test('gives the newest entries that fulfil it, then those that are written', async () => {
    const server = await start(history);
    const { until, take } = await tailOf(server, { filter: errors, last: 1 });
    expect((await until('LogCaughtUp')).lines).toEqual([history[3]]);
    const added = [line(51, 'info'), line(52, 'error'), line(53, 'info'), line(54, 'error')];
    await server.append('app.jsonl', textOf(added));
    expect(await take(2)).toEqual([added[1], added[3]]);
  });

  test('gives after a cursor what fulfils it, wherever the cursor is of', async () => {
    const server = await start(history);
    const first = await tailOf(server, { last: 4 });
    const { event } = await first.until('LogBatch');
    const { until } = await tailOf(server, { filter: errors, after: event.entries?.[0]?.cursor });
    expect((await until('LogCaughtUp')).lines).toEqual([history[3]]);
  });

  test('begins at "from", ends history at "to", and gives what is written whatever its time', async () => {
    const server = await start(history);
    const filter = { from: '2026-11-21T10:50:20Z', to: '2026-11-21T10:50:40Z' };
    const { until, take } = await tailOf(server, { filter });
    expect((await until('LogCaughtUp')).lines).toEqual(history.slice(1, 3));
    const added = [line(11, 'late'), line(59, 'later')];
    await server.append('app.jsonl', textOf(added));
    expect(await take(2)).toEqual(added);
  });

  test('has bounds in time for its "last" and "after", too', async () => {
    const server = await start(history);
    const filter = { from: '2026-11-21T10:50:20Z', to: '2026-11-21T10:50:50Z' };
    const newest = await tailOf(server, { filter, last: 2 });
    const { lines, event } = await newest.until('LogBatch');
    expect(lines).toEqual(history.slice(2, 4));
    const resumed = await tailOf(server, { filter, after: event.entries?.[0]?.cursor });
    expect((await resumed.until('LogCaughtUp')).lines).toEqual([history[3]]);
  });

  test('has only bounds where all of it must hold: those in "or" and "not" are for live entries as well', async () => {
    const server = await start(history);
    const { until, take } = await tailOf(server, {
      filter: { or: [{ from: '2026-11-21T10:50:55Z' }, { contains: 'nowhere' }] },
    });
    await until('LogCaughtUp');
    const added = [line(51, 'early'), line(56, 'late')];
    await server.append('app.jsonl', textOf(added));
    expect(await take(1)).toEqual([added[1]]);
  });

  test('moves its cursor on where nothing fulfils it, and goes on from there', { timeout: 30_000 }, async () => {
    const server = await start(history);
    const { until, socket, id } = await tailOf(server, { filter: errors });
    await until('LogCaughtUp');
    const added = [line(51, 'info'), line(52, 'info')];
    await server.append('app.jsonl', textOf(added));
    const { event } = await until('LogProgress');
    expect(event.scannedBytes).toBe(String(textOf(added).length));
    socket.complete(id);
    await server.append('app.jsonl', textOf([line(53, 'error')]));
    const all = await tailOf(server, { after: event.cursor });
    expect((await all.until('LogCaughtUp')).lines).toEqual([line(53, 'error')]);
    const resumed = await tailOf(server, { filter: errors, after: event.cursor });
    expect((await resumed.until('LogCaughtUp')).lines).toEqual([line(53, 'error')]);
  });

  test('that is wrong is told with all its problems by the first and only event', async () => {
    const server = await start(history);
    const filter = { query: 'a (b', or: [{ matches: '[' }], fields: [{ path: '' }] };
    const { event, socket, id } = await tailOf(server, { filter });
    const told = await event();
    expect(told.__typename).toBe('InvalidInputError');
    expect(told.message).toMatch(/\w/);
    expect(told.problems?.map(({ path }) => path.join('.')).sort()).toEqual([
      'filter.fields.0.path',
      'filter.or.0.matches',
      'filter.query',
    ]);
    expect(await socket.next(id)).toEqual({ type: 'complete', id });
    // The socket lives on.
    const good = tailOn(socket, [await server.sourceId('app.jsonl')], { filter: errors, last: 1 });
    expect((await good.until('LogCaughtUp')).lines).toEqual([history[3]]);
  });

  test('merges several logs, in history and live', async () => {
    const files = { 'a.jsonl': textOf([line(10, 'error'), line(30, 'error')]), 'b.jsonl': textOf([line(20, 'error')]) };
    const server = await startTestServer({ files });
    const sources = await Promise.all(['a.jsonl', 'b.jsonl'].map((name) => server.sourceId(name)));
    const { until, take } = tailOn(await server.socket(), sources, { filter: errors, last: 10 });
    expect((await until('LogCaughtUp')).lines).toEqual([line(10, 'error'), line(20, 'error'), line(30, 'error')]);
    await server.append('b.jsonl', textOf([line(40, 'info'), line(41, 'error')]));
    expect(await take(1)).toEqual([line(41, 'error')]);
  });
});

describe('records of several lines in a tail with a filter', () => {
  const head = (second: number, text: string) => `[21-Nov-2026 10:50:${second} UTC] PHP ${text}`;
  const trace = (second: number) =>
    `${head(second, 'Fatal error:  no')}\nStack trace:\n#0 /srv/a.php(3): call()\n  thrown`;

  test('are found by any of their lines, from history, live, and over a rotation', async () => {
    const [before, after] = trace(20).split('\n#0');
    const server = await startTestServer({
      files: {
        'php.log.1': `${head(10, 'Notice:  one')}\n${before}\n`,
        'php.log': `#0${after}\n${head(30, 'Notice:  two')}\n`,
      },
    });
    utimesSync(server.path('php.log'), new Date(0), new Date(0));
    const filter = { contains: 'THROWN' };
    const { until, take } = await tailOf(server, { filter, last: 10 }, 'php.log');
    expect((await until('LogCaughtUp')).lines).toEqual([trace(20)]);
    await server.append('php.log', `${trace(40)}\n${head(41, 'Notice:  three')}\n`);
    expect(await take(1)).toEqual([trace(40)]);
    await rename(server.path('php.log'), server.path('php.log.2'));
    await writeFile(server.path('php.log'), `${trace(50)}\n${head(51, 'Notice:  four')}\n`);
    expect(await take(1)).toEqual([trace(50)]);
  });

  test('are one entry of a slow query log, by what is in their fields', async () => {
    const query = (second: number, seconds: number) =>
      `# Time: 2026-11-21T10:50:${second}.000000Z\n# User@Host: app[app] @ web-1 [192.0.2.1]  Id:    12\n# Query_time: ${seconds}  Lock_time: 0.000100 Rows_sent: 1  Rows_examined: 40000\nSELECT a\nFROM b;`;
    const server = await startTestServer({ files: { 'slow.log': textOf([query(10, 0.5), query(20, 3)]) } });
    utimesSync(server.path('slow.log'), new Date(0), new Date(0));
    const { until, take } = await tailOf(server, { filter: { query: 'queryTimeMs>=1000' }, last: 10 }, 'slow.log');
    expect((await until('LogCaughtUp')).lines).toEqual([query(20, 3)]);
    await server.append('slow.log', textOf([query(30, 0.1), query(40, 4), query(50, 0.1)]));
    expect(await take(1)).toEqual([query(40, 4)]);
  });
});
