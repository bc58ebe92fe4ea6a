import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import { fnv1a } from '../../src/file/hash.ts';
import type { Entry } from '../../src/format/entry.ts';
import { administrator, startEngine, temporaryDirectory } from '../support/engine.ts';
import { all, caughtUp, cursorOf, first, fourth, next, rawOf, second, setUp, third } from './segments.ts';

/** The place at the beginning of an entry's file. */
const beginningOf = ({ context, record }: Entry): string =>
  encodeCursor(new Map([[context.source.id, { ...record.position, offset: 0, length: 0, marker: fnv1a([]) }]]));

describe('pages of a log whose older segments are compressed', () => {
  test.each([1, 3, 10, 13, 100])('are those it had before, %i entries each, from either end', async (size) => {
    const { path, page } = await setUp({ '.3': first, '.2': second, '.1': third, '': fourth });
    const read = async () => {
      const pages: { raw: string[]; previous: boolean; next: boolean; end: number }[] = [];
      for (const [bound, take] of [
        ['after', { first: size }],
        ['before', { last: size }],
      ] as const) {
        let cursor: string | null = null;
        for (let more = true; more; ) {
          const { entries, hasNext, hasPrevious } = await page({ [bound]: cursor, take });
          const edge = entries.at(bound === 'after' ? -1 : 0);
          if (edge === undefined) throw new Error('An empty page.');
          const { offset, length } = edge.record.position;
          pages.push({ raw: rawOf(entries), previous: hasPrevious, next: hasNext, end: offset + length });
          cursor = cursorOf(edge);
          more = bound === 'after' ? hasNext : hasPrevious;
        }
      }
      return pages;
    };
    const before = await read();
    for (const age of [3, 2]) execFileSync('gzip', [`${path}.${age}`]);
    expect(await read()).toEqual(before);
  });

  test('begin and end at cursors of the time before', async () => {
    const { path, page, raw, engine, rotate } = await setUp({ '.1': first + second, '': third });
    const { entries } = await page({ take: { first: 100 } });
    execFileSync('gzip', [`${path}.1`]);
    rotate();
    appendFileSync(path, fourth);
    for (const [index, entry] of entries.entries()) {
      const cursor = cursorOf(entry);
      expect(await raw({ after: cursor, take: { first: 100 } })).toEqual(all.slice(index + 1));
      expect(await raw({ before: cursor, take: { last: 100 } })).toEqual(all.slice(0, index));
      expect((await engine.logs.entry(administrator, cursor))?.record.raw).toBe(all[index]);
    }
  });

  test('begin and end at cursors of compressed segments, also when those are renamed', async () => {
    const { path, page, raw, rotate } = await setUp({ '': first });
    rotate();
    appendFileSync(path, second);
    rotate();
    appendFileSync(path, third);
    const { entries } = await page({ take: { first: 100 } });
    rotate();
    const cursors = entries.map(cursorOf);
    expect(await raw({ after: cursors.at(4), before: cursors.at(25), take: { first: 100 } })).toEqual(all.slice(5, 25));
  });

  test('know which of several segments that begin alike is meant', async () => {
    const head = `${'#'.repeat(400)}\n`;
    const { path, page, raw } = await setUp({ '': head + first });
    for (const part of [second, third]) {
      const { mtimeMs } = statSync(path);
      for (const age of [2, 1]) if (existsSync(`${path}.${age}`)) renameSync(`${path}.${age}`, `${path}.${age + 1}`);
      renameSync(path, `${path}.1`);
      // Clocks of file systems go in steps: a log is seldom rotated within one.
      for (writeFileSync(path, ''); statSync(path).birthtimeMs < mtimeMs + 2; writeFileSync(path, '')) unlinkSync(path);
      appendFileSync(path, head + part);
    }
    const { entries } = await page({ take: { first: 100 } });
    for (const age of [1, 2]) execFileSync('gzip', [`${path}.${age}`]);
    for (const [index, entry] of entries.entries()) {
      expect(await raw({ after: cursorOf(entry), take: { first: 100 } })).toEqual(rawOf(entries).slice(index + 1));
    }
  });

  test('tell when there is nothing before them but empty segments', async () => {
    const { page } = await setUp({ '.3.gz': gzipSync(''), '.2.gz': gzipSync(''), '.1': '', '': third });
    expect(await page({ take: { last: 13 } })).toMatchObject({ hasPrevious: false });
    expect(await page({ take: { last: 12 } })).toMatchObject({ hasPrevious: true });
    const [oldest] = (await page({ take: { last: 13 } })).entries;
    if (oldest === undefined) throw new Error('Nothing.');
    expect(await page({ after: cursorOf(oldest), take: { first: 1 } })).toMatchObject({ hasPrevious: true });
    expect(await page({ after: beginningOf(oldest), take: { first: 1 } })).toMatchObject({
      hasPrevious: false,
    });
  });

  test('are empty in place, where segments turn out to be empty', async () => {
    const { path, page } = await setUp({ '': third });
    const [oldest] = (await page({ take: { last: 13 } })).entries;
    if (oldest === undefined) throw new Error('Nothing.');
    const { position } = oldest.record;
    for (const age of [1, 2]) writeFileSync(`${path}.${age}.gz`, gzipSync(''));
    const empty = { entries: [], hasPrevious: false, start: position, end: position };
    expect(await page({ before: cursorOf(oldest), take: { last: 5 } })).toMatchObject(empty);
  });

  test('tell when there is something before them in a segment that was not yet read', async () => {
    const { page, unpacked } = await setUp({ '.1.gz': gzipSync(second), '': third });
    const [oldest] = (await page({ take: { last: 13 } })).entries;
    if (oldest === undefined) throw new Error('Nothing.');
    expect(await page({ after: beginningOf(oldest), take: { first: 1 } })).toMatchObject({ hasPrevious: true });
    expect(unpacked()).toBe(0);
  });

  test('tell when there is nothing after them but empty segments', async () => {
    const { page } = await setUp({ '.2.gz': gzipSync(first), '.1.gz': gzipSync(''), '': '' });
    const newest = (await page({ take: { first: 10 } })).entries.at(-1);
    if (newest === undefined) throw new Error('Nothing.');
    expect(await page({ take: { first: 10 } })).toMatchObject({ hasNext: false });
    expect(await page({ take: { first: 9 } })).toMatchObject({ hasNext: true });
    const end = { ...newest.record.position, offset: first.length, length: 0 };
    const after = encodeCursor(new Map([[newest.context.source.id, end]]));
    expect(await page({ before: cursorOf(newest), take: { last: 1 } })).toMatchObject({ hasNext: true });
    expect(await page({ before: after, take: { last: 1 } })).toMatchObject({ hasNext: false });
  });

  test('come of all members of a segment', async () => {
    const { raw } = await setUp({
      '.1.gz': Buffer.concat([gzipSync(first), gzipSync(second.slice(0, 25)), gzipSync(second.slice(25))]),
      '': third,
    });
    expect(await raw({ take: { first: 100 } })).toEqual(all.slice(0, 33));
  });
});

describe('a compressed segment is not unpacked', () => {
  test('before an entry of it is asked for', async () => {
    const { page, raw, problems, follow, path, unpacked } = await setUp({
      '.2.gz': gzipSync(first),
      '.1.gz': gzipSync(second),
      '': third,
    });
    expect(await page({ take: { last: 13 } })).toMatchObject({ hasPrevious: true });
    expect(await problems()).toEqual({ 'app.log.2.gz': null, 'app.log.1.gz': null, 'app.log': null });
    const tail = await follow({ last: 5 });
    await caughtUp(tail);
    appendFileSync(path, fourth);
    await next(tail, 7);
    await tail.return();
    expect(unpacked()).toBe(0);
    expect(await raw({ take: { last: 21 } })).toEqual(all.slice(19));
    expect(unpacked()).toBe(1);
  });

  test('to find a cursor that is in another one', async () => {
    const { page, raw, path, unpacked } = await setUp({ '.3': first, '.2': second, '.1': third, '': '' });
    const { entries } = await page({ take: { first: 100 } });
    for (const age of [1, 2, 3]) {
      // So that the time of writing says nothing.
      utimesSync(`${path}.${age}`, 2e9, 2e9);
      execFileSync('gzip', [`${path}.${age}`]);
    }
    const [before, after] = [entries.at(22), entries.at(25)];
    if (!before || !after) throw new Error('Nothing.');
    expect(await raw({ after: cursorOf(before), before: cursorOf(after), take: { first: 100 } })).toEqual(
      all.slice(23, 25),
    );
    expect(unpacked()).toBe(1);
  });
});

test('a compressed file that no plain one belongs to is a log', async () => {
  const offsets: number[] = [];
  const directory = await temporaryDirectory();
  const { engine, raw, follow, page, source, unpacked } = await setUp(
    {},
    { sources: [{ path: join(directory, '*.gz'), name: 'old', format: 'TEXT' }] },
    { fileOpened: ({ offset }) => offsets.push(offset) },
  );
  const path = join(directory, 'old.log.gz');
  writeFileSync(path, gzipSync(first));
  writeFileSync(join(directory, 'app.log.1.gz'), gzipSync(second));
  await engine.sources.list(administrator, {}, {});
  await expect.poll(async () => (await engine.sources.list(administrator, {}, {})).length).toBe(4);
  expect(await engine.sources.state(administrator, await source('old/old.log.gz'))).toEqual({ state: 'ACTIVE' });
  expect(unpacked()).toBe(0);
  expect(await raw({ take: { first: 100 } }, 'old/old.log.gz')).toEqual(all.slice(0, 10));
  expect(await raw({ take: { last: 3 } }, 'old/app.log.1.gz')).toEqual(all.slice(17, 20));
  const { entries } = await page({ take: { first: 4 } }, 'old/old.log.gz');
  const tail = await follow({ after: entries.map(cursorOf).at(-1) ?? '' }, 'old/old.log.gz');
  expect((await caughtUp(tail)).raw).toEqual(all.slice(4, 10));
  // In the text, not in the compressed bytes.
  expect(offsets).toEqual([first.length]);
  await tail.return();
});

test('a log of which only compressed segments are left is read, and goes on when it is written again', async () => {
  const { path, raw, page, follow, rotate } = await setUp({ '': first });
  rotate();
  rmSync(path);
  expect(await raw({ take: { last: 100 } })).toEqual(all.slice(0, 10));
  const { end } = await page({ take: { first: 0 } });
  expect(end.offset).toBe(first.length);
  const tail = await follow({ last: 0 });
  await caughtUp(tail);
  writeFileSync(path, second);
  expect(await next(tail, 10)).toEqual(all.slice(10, 20));
  await tail.return();
});

test('a plain segment that is older than a compressed one is written to no more', async () => {
  const { path, raw, follow } = await setUp({ '.2': 'one\nwithout newline', '.1.gz': gzipSync(first), '': '' });
  const expected = ['one', 'without newline', ...all.slice(0, 10)];
  expect(await raw({ take: { last: 100 } })).toEqual(expected);
  const tail = await follow({ last: 100 });
  expect((await caughtUp(tail)).raw).toEqual(expected);
  appendFileSync(path, second);
  expect(await next(tail, 10)).toEqual(all.slice(10, 20));
  await tail.return();
});

test('what an earlier run left of unpacked files is removed', async () => {
  const directory = await temporaryDirectory();
  const left = join(directory, 'unpacked', 'left');
  mkdirSync(join(directory, 'unpacked'));
  writeFileSync(left, first);
  await startEngine({ dataDir: directory, sources: [] });
  expect(existsSync(left)).toBe(false);
});
