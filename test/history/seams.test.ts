import { appendFileSync, utimesSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import { textOf } from '../support/entries.ts';
import { cursorOf, next, rawOf, setUp } from './segments.ts';

const time = (clock: string) => Date.parse(`2026-11-21T${clock}Z`);
const timed = (clock: string) => `{"timestamp":"2026-11-21T${clock}Z","level":"info","message":"${clock}"}`;
const untimed = (count: number) => Array.from({ length: count }, (_, index) => `    at frame ${index} of a trace`);

type Log = Awaited<ReturnType<typeof setUp>>;

/** What a log has, in pages of so many from either end; fails when a page leads to itself. */
async function inPages({ page, source }: Log, size: number, from: 'beginning' | 'end', filter?: FilterInput) {
  const { id } = await source();
  const pages: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const bounds = from === 'end' ? { before: cursor, take: { last: size } } : { after: cursor, take: { first: size } };
    const one = await page({ ...bounds, filter });
    if (from === 'end') pages.unshift(rawOf(one.entries));
    else pages.push(rawOf(one.entries));
    if (from === 'end' ? !one.hasPrevious : !one.hasNext) return pages;
    const reached = encodeCursor([[id, from === 'end' ? one.start : one.end]]);
    expect(reached).not.toBe(cursor);
    cursor = reached;
  }
}

/** Files of a log, none of which was written to lately. */
async function setUpOld(files: Record<string, string>, format: 'JSON_LINES' | 'PHP_FPM'): Promise<Log> {
  const log = await setUp(files, {}, {}, format);
  for (const [index, name] of Object.keys(files).entries()) utimesSync(log.path + name, index + 1, index + 1);
  return log;
}

describe('an entry without a time', () => {
  test('is found by the time of the one before it, however long nothing came afterwards', async () => {
    const trace = untimed(150).map((line) => line.padEnd(1000));
    const lines = [timed('10:00:00'), ...trace, ...Array.from({ length: 500 }, () => timed('12:00:00').padEnd(1000))];
    const log = await setUpOld({ '': textOf(lines) }, 'JSON_LINES');
    const filter = { to: time('10:00:01') };
    expect((await inPages(log, 1000, 'beginning', filter)).flat()).toEqual(lines.slice(0, 151));
  });

  test('is found by the time of the one before it, in the file before', async () => {
    const [old, current] = [[timed('10:00:00')], [...untimed(3), timed('12:00:00')]];
    const log = await setUpOld({ '.1': textOf(old), '': textOf(current) }, 'JSON_LINES');
    const found = [...old, ...untimed(3)];
    for (const filter of [{ to: time('10:00:01') }, { from: time('09:59:59'), to: time('10:00:01') }]) {
      for (const size of [1, 2, 10]) {
        expect((await inPages(log, size, 'beginning', filter)).flat()).toEqual(found);
        expect((await inPages(log, size, 'end', filter)).flat()).toEqual(found);
      }
    }
  });

  test('is whole, however long, where the time that is sought ends', async () => {
    const lines = ['10:00:00', '10:10:00', '10:20:00', '10:30:00', '10:40:00'].map((clock) =>
      timed(clock).replace('}', `,"more":"${'x'.repeat(200_000)}"}`),
    );
    const log = await setUpOld({ '': textOf(lines) }, 'JSON_LINES');
    for (let count = 1; count < lines.length; count++) {
      const filter = { to: time(`10:${count}0:00`) };
      const found = (await inPages(log, 10, 'beginning', filter)).flat();
      expect(found.map(({ length }) => length)).toEqual(lines.slice(0, count).map(({ length }) => length));
    }
  });

  test('is sought alike as it is written and later', async () => {
    const log = await setUpOld({ '': textOf([timed('10:00:00')]) }, 'JSON_LINES');
    const filter = { or: [{ from: time('09:00:00') }, { contains: 'nowhere' }] };
    const tail = await log.follow({ filter });
    appendFileSync(log.path, textOf([...untimed(1), timed('10:00:01')]));
    const live = await next(tail, 1);
    await tail.return();
    expect(live).toEqual((await inPages(log, 10, 'beginning', filter)).flat().slice(1, 1 + live.length));
  });
});

describe('a record of several lines', () => {
  const head = (second: number) => `[21-Nov-2026 10:00:0${second} UTC] PHP Fatal error:  number ${second}`;
  const frames = (count: number) => Array.from({ length: count }, (_, index) => `#${index} /srv/app.php(${index})`);

  test('is one entry over three files, from either end', async () => {
    const files = {
      '.2': textOf([...Array.from({ length: 20 }, () => head(0)), head(1), ...frames(2)]),
      '.1': textOf(frames(1)),
      '': textOf([...frames(1), head(2)]),
    };
    const log = await setUpOld(files, 'PHP_FPM');
    const expected = (await inPages(log, 1000, 'beginning')).flat();
    expect(expected).toContain([head(1), ...frames(2), ...frames(1), ...frames(1)].join('\n'));
    for (const filter of [undefined, { contains: 'number' }]) {
      for (const size of [1, 2, 1000]) {
        expect((await inPages(log, size, 'beginning', filter)).flat()).toEqual(expected);
        expect((await inPages(log, size, 'end', filter)).flat()).toEqual(expected);
      }
    }
  });

  test('is in a page although the clock of its file is ahead', async () => {
    const log = await setUp({ '': textOf([head(0), head(1), ...frames(2)]) }, {}, {}, 'PHP_FPM');
    utimesSync(log.path, new Date(Date.now() + 3_600_000), new Date(Date.now() + 3_600_000));
    expect(await log.raw({ take: { last: 10 } })).toEqual([head(0), [head(1), ...frames(2)].join('\n')]);
  });

  test('is not repeated to a reader who had it of a page while it was held for the others', async () => {
    const log = await setUpOld({ '': textOf([head(0)]) }, 'PHP_FPM');
    const other = await log.follow({});
    appendFileSync(log.path, textOf([head(1), ...frames(2)]));
    utimesSync(log.path, 1, 1);
    const { entries } = await log.page({ take: { last: 1 } });
    const [last] = entries;
    if (last === undefined) throw new Error('There is nothing.');
    expect(last.raw).toBe([head(1), ...frames(2)].join('\n'));
    const tail = await log.follow({ after: cursorOf(last) });
    appendFileSync(log.path, textOf([head(2), head(3)]));
    expect(await next(tail, 1)).toEqual([head(2)]);
    expect((await next(other, 2)).slice(0, 2)).toEqual([last.raw, head(2)]);
    await Promise.all([tail.return(), other.return()]);
  });
});

test('a page of a search has no more bytes than any other, but for those of one piece', async () => {
  const lines = Array.from({ length: 120 }, (_, index) => `${index} ${'x'.repeat(100_000)}`);
  const log = await setUp({ '': textOf(lines) }, { limits: { scanBytesPerPage: 2 ** 20 } });
  utimesSync(log.path, 1, 1);
  for (const from of ['beginning', 'end'] as const) {
    const pages = await inPages(log, 1000, from, { contains: 'xxx' });
    expect(pages.flat()).toEqual(lines);
    expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(22);
  }
});
