import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Connection, rawOf, readEntries, readPages, textOf } from '../support/entries.ts';
import { readLogs } from '../support/logs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** More than a search reads in its first step, so that one request does not see all of it. */
const filler = (name: string) =>
  Array.from({ length: 60_000 }, (_, index) => {
    const time = new Date(Date.UTC(2026, 10, 21) + index * 1000).toISOString();
    return `${time} ${name} ${index} ${'.'.repeat(20)}${index % 29_999 === 0 ? ' needle' : ''}`;
  });
const [a, b] = [filler('a'), filler('b')];
/** Its one needle is far from the end. */
const old = filler('old').map((line, index) => (index === 0 ? line : line.replace(' needle', '')));
const needles = (lines: string[]) => lines.filter((line) => line.endsWith('needle'));
const filter = { contains: 'needle' };
const files = { 'a.log': textOf(a), 'b.log': textOf(b), 'old.log': textOf(old) };

describe.each([
  ['bytes', { searchBytesPerPage: 1 }],
  ['time', { searchMsPerPage: 1 }],
])('where one page of a search may take only so much %s', (_name, limits) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ files, limits });
  });

  /** What a search finds over all its pages; those that ended early must lead on. */
  async function findAll(read: (page: object) => Promise<Connection>, from: 'beginning' | 'end') {
    const pages = await readPages(read, 10, from);
    const early = pages.filter(({ scan }) => !scan.complete);
    expect(early.length).toBeGreaterThan(0);
    for (const { pageInfo } of early) {
      expect(from === 'end' ? pageInfo.hasPreviousPage : pageInfo.hasNextPage).toBe(true);
    }
    return pages.flatMap(rawOf);
  }

  test.each(['beginning', 'end'] as const)(
    'a source is searched in several, nothing lost or repeated, from the %s',
    async (from) => {
      expect(await findAll((page) => readEntries(server, 'a.log', { ...page, filter }), from)).toEqual(needles(a));
      expect(await findAll((page) => readEntries(server, 'old.log', { ...page, filter }), from)).toEqual(needles(old));
    },
  );

  test.each(['beginning', 'end'] as const)(
    'several logs are searched in several, merged, from the %s',
    async (from) => {
      const sources = await Promise.all(['a.log', 'b.log', 'old.log'].map((name) => server.sourceId(name)));
      const expected = [...needles(a), ...needles(b), ...needles(old)].sort();
      expect(await findAll((page) => readLogs(server, sources, { ...page, filter }), from)).toEqual(expected);
    },
  );

  test('both ends of such a page are places to go on from', async () => {
    const sources = await Promise.all(['a.log', 'old.log'].map((name) => server.sourceId(name)));
    const newest = await readLogs(server, sources, { last: 10, filter });
    expect(newest.scan.complete).toBe(false);
    const after = newest.pageInfo.endCursor;
    expect(rawOf(await readLogs(server, sources, { first: 10, after }))).toEqual([a.at(-1)]);
    await server.append('old.log', '2026-11-22T00:00:00Z needle\n');
    // The last record of a log of text is left out until nothing more is expected to belong to it.
    await vi.waitFor(async () => {
      const read = rawOf(await readLogs(server, sources, { first: 10, after }));
      expect(read).toEqual([a.at(-1), '2026-11-22T00:00:00Z needle']);
    });
  });
});
