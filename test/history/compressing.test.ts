import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { textOf } from '../support/entries.ts';
import { all, caughtUp, cursorOf, first, fourth, next, rawOf, second, setUp, third } from './segments.ts';

describe('a tail resumes', () => {
  test('at a cursor whose segment was compressed meanwhile', async () => {
    const { path, follow, rotate } = await setUp({ '': first });
    const before = await follow({ last: 3 });
    const { cursor, raw } = await caughtUp(before);
    expect(raw).toEqual(all.slice(7, 10));
    await before.return();
    appendFileSync(path, second);
    rotate();
    appendFileSync(path, third);
    rotate();
    appendFileSync(path, fourth);
    const tail = await follow({ after: cursor });
    expect(await caughtUp(tail)).toEqual({
      kinds: ['batch', 'caught-up'],
      raw: all.slice(10),
      cursor: expect.any(String),
    });
    appendFileSync(path, 'new\n');
    expect(await next(tail, 1)).toEqual(['new']);
    await tail.return();
  });

  test('at every cursor it gave, whatever was compressed since', async () => {
    const { path, page, follow, rotate } = await setUp({ '': first });
    rotate();
    appendFileSync(path, second);
    const cursors = (await page({ take: { first: 100 } })).entries.map(cursorOf);
    rotate();
    appendFileSync(path, third);
    for (const [index, after] of cursors.entries()) {
      const tail = await follow({ after });
      expect((await caughtUp(tail)).raw).toEqual(all.slice(index + 1, 33));
      await tail.return();
    }
  });

  test('with history from compressed segments', async () => {
    const { follow } = await setUp({ '.2.gz': gzipSync(first), '.1.gz': gzipSync(second), '': '' });
    const tail = await follow({ last: 15 });
    expect((await caughtUp(tail)).raw).toEqual(all.slice(5, 20));
    await tail.return();
  });

  test('with history of a log of which nothing else is left', async () => {
    const { path, follow } = await setUp({ '.1.gz': gzipSync(first) });
    const tail = await follow({ last: 3 });
    expect((await caughtUp(tail)).raw).toEqual(all.slice(7, 10));
    appendFileSync(path, 'new\n');
    expect(await next(tail, 1)).toEqual(['new']);
    await tail.return();
  });
});

describe('while segments are compressed', () => {
  test('one that was damaged by it is not taken for what came after', async () => {
    const long = textOf(Array.from({ length: 5000 }, (_, number) => `line ${number}`));
    const { path, follow } = await setUp({ '': long });
    const tail = await follow({ last: 1 });
    await caughtUp(tail);
    appendFileSync(path, 'more\n');
    expect(await next(tail, 1)).toEqual(['more']);
    writeFileSync(`${path}.1.gz`, gzipSync(long).subarray(0, 5000));
    // To the nanosecond, as gzip does.
    execFileSync('touch', ['-r', path, `${path}.1.gz`]);
    unlinkSync(path);
    appendFileSync(path, 'new\n');
    expect(await next(tail, 1)).toEqual(['new']);
    await tail.return();
  });

  test('the plain file counts until it is gone', async () => {
    const { path, raw, segments, problems } = await setUp({ '.2': first, '.1': second, '': third });
    const expected = all.slice(0, 33);
    const half = (age: number) => {
      const whole = gzipSync(readFileSync(`${path}.${age}`));
      return whole.subarray(0, whole.length / 2);
    };
    for (const age of [1, 2]) writeFileSync(`${path}.${age}.gz`, half(age));
    expect(await raw({ take: { first: 100 } })).toEqual(expected);
    expect((await segments()).map(({ name }) => name)).toEqual(['app.log.2', 'app.log.1', 'app.log']);
    for (const age of [1, 2]) {
      writeFileSync(`${path}.${age}.gz`, gzipSync(readFileSync(`${path}.${age}`)));
      expect(await raw({ take: { first: 100 } })).toEqual(expected);
      unlinkSync(`${path}.${age}`);
      expect(await raw({ take: { last: 100 } })).toEqual(expected);
    }
    expect(await problems()).toEqual({ 'app.log.2.gz': null, 'app.log.1.gz': null, 'app.log': null });
  });

  test('what compressors and copiers write meanwhile is no segment', async () => {
    const whole = gzipSync(first);
    const { path, segments } = await setUp({ '.1': first, '.1.gz': whole, '': second });
    for (const name of [
      'app.log.1.gz.tmp',
      '.app.log.1.gz.Xy12ab',
      'app.log.1.gz~',
      'app.log.gz',
      'app.log.1.gz.part',
      'app.log.tmp',
    ]) {
      writeFileSync(join(path, '..', name), whole);
    }
    expect((await segments()).map(({ name }) => name)).toEqual(['app.log.1', 'app.log']);
  });

  test('a segment that arrives in pieces is read as far as it has come, in whole lines', async () => {
    const long = Array.from({ length: 3000 }, (_, number) => `${number} ${Math.sin(number + 1)}`);
    const whole = gzipSync(textOf(long));
    const { path, page, raw, problems } = await setUp({ '.1.gz': whole.subarray(0, whole.length / 2), '': 'last\n' });
    const { entries } = await page({ take: { first: 1000 } });
    expect(rawOf(entries)).toEqual(long.slice(0, 1000));
    const part = await raw({ take: { last: 500 } });
    expect(part.at(-1)).toBe('last');
    expect(long).toEqual(expect.arrayContaining(part.slice(0, -1)));
    expect((await problems())['app.log.1.gz']).toMatch(/^It ends too early/);
    writeFileSync(`${path}.1.gz`, whole);
    const newest = entries.at(-1);
    if (newest === undefined) throw new Error('Nothing.');
    expect(await raw({ after: cursorOf(newest), take: { first: 5000 } })).toEqual([...long.slice(1000), 'last']);
    expect((await problems())['app.log.1.gz']).toBeNull();
  });
});
