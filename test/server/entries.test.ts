import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { databaseUrls } from '../support/databases.ts';
import { askEntries, type Connection, rawOf, readEntries, readPages, textOf } from '../support/entries.ts';
import { readLogs } from '../support/logs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Lines of very different lengths, some empty, some not ASCII. */
const lines = Array.from({ length: 4321 }, (_, index) => `${index} ${'äß '.repeat((index * 7919) % 97)}`);

describe.each(databaseUrls())('on %s', (_kind, freshUrl) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({
      databaseUrl: await freshUrl(),
      files: {
        'long.log': textOf(lines),
        'other.log': textOf(['one', 'two', 'three']),
        'empty.log': '',
        'unfinished.log': 'one\ntwo\nthree, without its en',
        'only-unfinished.log': 'no line end',
        'windows.log': 'one\r\ntwo\r\n',
        'growing.log': textOf(['one', 'two']),
        'rotated.log.1': textOf(['oldest', 'old']),
        'rotated.log': textOf(['new', 'newest']),
      },
      limits: { maxPageSize: 500 },
    });
  });

  const ask = (name: string, page: object = {}) => askEntries(server, name, page);
  const entries = (name: string, page: object = {}) => readEntries(server, name, page);

  describe('a page', () => {
    test('of no size has the newest 50, oldest first', async () => {
      const page = await entries('long.log');
      expect(rawOf(page)).toEqual(lines.slice(-50));
      expect(page.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
      expect(page.edges.map(({ cursor }) => cursor)).toEqual(page.nodes.map(({ cursor }) => cursor));
    });

    test('has what is asked for from either end', async () => {
      expect(rawOf(await entries('long.log', { first: 3 }))).toEqual(lines.slice(0, 3));
      expect(rawOf(await entries('long.log', { last: 3 }))).toEqual(lines.slice(-3));
      expect(rawOf(await entries('long.log', { first: 0 }))).toEqual([]);
      expect(rawOf(await entries('long.log', { last: 0 }))).toEqual([]);
    });

    test('between two cursors has what is between, without them', async () => {
      const { nodes } = await entries('long.log', { first: 10 });
      const range = { after: nodes[2]?.cursor, before: nodes[6]?.cursor };
      expect(rawOf(await entries('long.log', { first: 500, ...range }))).toEqual(lines.slice(3, 6));
      expect(rawOf(await entries('long.log', { last: 2, ...range }))).toEqual(lines.slice(4, 6));
      expect(rawOf(await entries('long.log', { first: 2, ...range }))).toEqual(lines.slice(3, 5));
      expect(rawOf(await entries('long.log', { after: nodes[3]?.cursor, before: nodes[4]?.cursor }))).toEqual([]);
      expect(rawOf(await entries('long.log', { after: nodes[6]?.cursor, before: nodes[2]?.cursor }))).toEqual([]);
    });
  });

  describe('pages reach every entry exactly once, whatever their sizes,', () => {
    /** Sizes of the pages of a walk, repeated until the log ends. */
    const sizes = fc
      .array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 })
      .filter((all) => Math.max(...all) > 150);

    test('forwards', async () => {
      await fc.assert(
        fc.asyncProperty(sizes, async (all) => {
          const seen: string[] = [];
          let after: string | null = null;
          for (let step = 0; ; step++) {
            const page: Connection = await entries('long.log', { first: all[step % all.length], after });
            seen.push(...rawOf(page));
            after = page.pageInfo.endCursor;
            expect(page.pageInfo.hasNextPage).toBe(seen.length < lines.length);
            if (!page.pageInfo.hasNextPage) break;
          }
          expect(seen).toEqual(lines);
        }),
        { numRuns: 6 },
      );
    }, 60_000);

    test('backwards', async () => {
      await fc.assert(
        fc.asyncProperty(sizes, async (all) => {
          const seen: string[] = [];
          let before: string | null = null;
          for (let step = 0; ; step++) {
            const page: Connection = await entries('long.log', { last: all[step % all.length], before });
            seen.unshift(...rawOf(page));
            before = page.pageInfo.startCursor;
            expect(page.pageInfo.hasPreviousPage).toBe(seen.length < lines.length);
            if (!page.pageInfo.hasPreviousPage) break;
          }
          expect(seen).toEqual(lines);
        }),
        { numRuns: 6 },
      );
    }, 60_000);

    test('also by the cursor of any entry, in either direction', async () => {
      const all: { raw: string; cursor: string }[] = [];
      for (let after: string | null = null; all.length < lines.length; ) {
        const page: Connection = await entries('long.log', { first: 500, after });
        all.push(...page.nodes);
        after = page.pageInfo.endCursor;
      }
      await fc.assert(
        fc.asyncProperty(fc.nat(lines.length - 1), fc.integer({ min: 1, max: 500 }), async (index, size) => {
          const { cursor } = all[index] ?? { cursor: '' };
          const next = await entries('long.log', { first: size, after: cursor });
          expect(rawOf(next)).toEqual(lines.slice(index + 1, index + 1 + size));
          expect(next.pageInfo.hasNextPage).toBe(index + 1 + size < lines.length);
          const previous = await entries('long.log', { last: size, before: cursor });
          expect(rawOf(previous)).toEqual(lines.slice(Math.max(0, index - size), index));
          expect(previous.pageInfo.hasPreviousPage).toBe(index - size > 0);
        }),
        { numRuns: 40 },
      );
    }, 60_000);

    test('over the files of a rotated log', async () => {
      const everything = ['oldest', 'old', 'new', 'newest'];
      for (const size of [1, 2, 3, 4, 5]) {
        const seen: string[] = [];
        for (let before: string | null = null, more = true; more; ) {
          const page: Connection = await entries('rotated.log', { last: size, before });
          seen.unshift(...rawOf(page));
          [before, more] = [page.pageInfo.startCursor, page.pageInfo.hasPreviousPage];
        }
        expect(seen).toEqual(everything);
      }
      expect(rawOf(await entries('rotated.log', { first: 500 }))).toEqual(everything);
    });
  });

  describe.each([
    ['of a source', (page: object) => entries('long.log', page)],
    ['of logs', async (page: object) => readLogs(server, [await server.sourceId('long.log')], page)],
  ])('whoever reads a range %s to its end comes to one, whatever is beyond,', (_of, read) => {
    test.each(['beginning', 'end'] as const)('from the %s', async (from) => {
      const { nodes } = await read({ first: 100 });
      const [low, high] = [nodes[9]?.cursor, nodes[90]?.cursor];
      for (const filter of [null, { contains: '5' }]) {
        const expected = lines.slice(10, 90).filter((line) => filter === null || line.includes('5'));
        for (const size of [7, expected.length, 500]) {
          const range = from === 'end' ? { after: low } : { before: high };
          const begin = from === 'end' ? high : low;
          const pages = await readPages((page) => read({ filter, ...page, ...range }), size, from, begin);
          expect(pages.flatMap(rawOf)).toEqual(expected);
        }
      }
    });
  });

  describe('INVALID_INPUT tells what is wrong with', () => {
    const problemsOf = async (page: object) => {
      const { data, errors } = await ask('long.log', page);
      expect(data?.source).toEqual({ entries: null });
      expect(errors).toHaveLength(1);
      expect(errors?.[0]).toMatchObject({ path: ['source', 'entries'], extensions: { code: 'INVALID_INPUT' } });
      for (const { message } of errors?.[0]?.extensions?.problems ?? []) expect(message).toMatch(/\w+ \w+.*\.$/);
      return errors?.[0]?.extensions?.problems?.map(({ path, code }) => [path.join('.'), code]);
    };

    test.each([
      ['both sizes', { first: 1, last: 1 }, [['last', 'EXCLUSIVE']]],
      ['a negative first', { first: -1 }, [['first', 'NEGATIVE']]],
      ['a negative last', { last: -1 }, [['last', 'NEGATIVE']]],
      ['a first above the limit', { first: 501 }, [['first', 'TOO_LARGE']]],
      ['a last above the limit', { last: 501 }, [['last', 'TOO_LARGE']]],
      [
        'several things at once',
        { first: -1, last: 501 },
        [
          ['first', 'NEGATIVE'],
          ['last', 'TOO_LARGE'],
          ['last', 'EXCLUSIVE'],
        ],
      ],
      ['an empty cursor', { after: '' }, [['after', 'CURSOR_DAMAGED']]],
      ['a cursor that is none', { before: 'nonsense' }, [['before', 'CURSOR_DAMAGED']]],
      ['a cursor that is a path', { after: '../../etc/passwd' }, [['after', 'CURSOR_DAMAGED']]],
    ])('%s', async (_name, page, expected) => {
      expect(await problemsOf(page)).toEqual(expected);
    });

    test('a cursor of another source', async () => {
      const { nodes } = await entries('other.log');
      const cursor = nodes[0]?.cursor;
      expect(await problemsOf({ after: cursor })).toEqual([['after', 'CURSOR_FOREIGN']]);
      expect(await problemsOf({ before: cursor })).toEqual([['before', 'CURSOR_FOREIGN']]);
    });

    test('a cursor with any one character changed, added or missing', async () => {
      const { nodes } = await entries('long.log', { first: 1 });
      const cursor = nodes[0]?.cursor ?? '';
      const damaged = fc
        .nat(cursor.length - 1)
        .chain((at) =>
          fc.constantFrom(
            cursor.slice(0, at) + cursor.slice(at + 1),
            cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1),
            `${cursor.slice(0, at)}A${cursor.slice(at)}`,
          ),
        );
      await fc.assert(
        fc.asyncProperty(damaged, async (after) => {
          expect(await problemsOf({ after })).toEqual([['after', 'CURSOR_DAMAGED']]);
        }),
        { numRuns: 60 },
      );
    });
  });

  test('sizes and cursors that are null are as good as left out', async () => {
    const page = await entries('other.log', { first: null, last: null, after: null, before: null });
    expect(rawOf(page)).toEqual(['one', 'two', 'three']);
  });

  describe('what stands in the file is what is read:', () => {
    test.each([
      ['nothing of an empty file', 'empty.log', []],
      ['nothing of a line that has no end yet', 'only-unfinished.log', []],
      ['the lines before one that has no end yet', 'unfinished.log', ['one', 'two']],
      ['lines with the line ends of Windows', 'windows.log', ['one', 'two']],
    ])('%s', async (_name, file, expected) => {
      for (const page of [{}, { first: 10 }, { last: 10 }]) {
        const read = await entries(file, page);
        expect(rawOf(read)).toEqual(expected);
        expect(read.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
        expect(read.pageInfo.startCursor).toEqual(expect.any(String));
        expect(read.pageInfo.endCursor).toEqual(expect.any(String));
      }
    });
  });

  test('a line without its end comes, whole, when its end does', async () => {
    const file = `unfinished ${_kind}.log`;
    const ours = await startTestServer({ files: { [file]: 'one\ntw' } });
    const read = (page: object) => readEntries(ours, file, page);
    const { pageInfo } = await read({ first: 10 });
    await ours.append(file, 'o\nthree');
    expect(rawOf(await read({ first: 10, after: pageInfo.endCursor }))).toEqual(['two']);
  });

  test.each(['empty.log', 'growing.log'])(
    'polling %s from endCursor gets what is appended, each entry once',
    async (file) => {
      let { pageInfo } = await entries(file, { last: 1 });
      for (const round of [1, 2, 3]) {
        const idle = await entries(file, { first: 100, after: pageInfo.endCursor });
        expect(rawOf(idle)).toEqual([]);
        const added = [`${round} a`, `${round} b`];
        await server.append(file, textOf(added));
        const page = await entries(file, { first: 100, after: idle.pageInfo.endCursor });
        expect(rawOf(page)).toEqual(added);
        ({ pageInfo } = page);
      }
    },
  );
});
