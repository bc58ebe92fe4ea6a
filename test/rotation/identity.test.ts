import { appendFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../support/engine.ts';
import { openIn } from '../support/open-files.ts';
import { linesOf } from './line-tail.ts';
import { setUp } from './setup.ts';

const until = (expectation: () => void) => vi.waitFor(expectation, { timeout: 30_000, interval: 5 });

const textOf = (lines: string[]): string => lines.map((line) => `${line}\n`).join('');

/** The first lines, 4 KiB, of files that begin alike. */
const header = Array.from({ length: 128 }, () => 'the same first line in each file');

describe('a file that has the inode of a deleted one', () => {
  /** Makes a file with an inode that is free; false when the file system uses none again. */
  function makeWith(inode: number, path: string): boolean {
    const others = Array.from({ length: 100 }, (_, attempt) => `${path}-${attempt}`);
    for (const other of others) {
      writeFileSync(other, '');
      if (statSync(other).ino === inode) renameSync(other, path);
    }
    for (const other of others) rmSync(other, { force: true });
    return statSync(path, { throwIfNoEntry: false })?.ino === inode;
  }

  test.for([
    ['is not taken for it', ['three', 'four', 'five'], 'running'],
    ['is not taken for it after a restart of the server', ['three', 'four', 'five'], 'restarted'],
    ['and begins with the same lines is not taken for it', ['one', 'two', 'three'], 'running'],
    ['and begins with the same lines is not taken for it after a restart', ['one', 'two', 'three'], 'restarted'],
  ] as const)('%s', async ([_title, lines, server], { skip }) => {
    const { logs, path, follow, restart } = await setUp(await temporaryDirectory());
    writeFileSync(path, 'one\ntwo\n');
    const { tail, history } = await follow({ last: 10 });
    expect(history).toEqual(['one', 'two']);
    await tail.leave();
    // As long as it is open, its inode is not free.
    await until(() => expect(openIn(logs)).toEqual([]));
    const { ino } = statSync(path);
    rmSync(path);
    if (!makeWith(ino, path)) skip('The file system of the temporary directory uses no inode again.');
    appendFileSync(path, textOf([...lines]));
    if (server === 'restarted') await restart();
    const resumed = await follow({ after: tail.cursor });
    expect(resumed.history).toEqual([expect.stringMatching(/^\(gap (CURSOR_EXPIRED|LOST_SEGMENT)\)$/), ...lines]);
    await resumed.tail.leave();
  });
});

test('ten logs that begin with the same 4 KiB are never taken for each other, nor for their predecessors', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `${index}.log`);
  const { logs, follow } = await setUp(await temporaryDirectory(), names);
  const pathOf = (log: string) => join(logs, log);
  for (const log of names) writeFileSync(pathOf(log), textOf(header));
  const tails = await Promise.all(names.map((log) => follow({}, log)));
  for (const [index, log] of names.entries()) {
    appendFileSync(pathOf(log), `${log} one\n`);
    expect(await tails[index]?.tail.upTo(`${log} one`)).toEqual([`${log} one`]);
  }
  for (const log of names) {
    appendFileSync(pathOf(log), `${log} two\n`);
    renameSync(pathOf(log), `${pathOf(log)}.1`);
    writeFileSync(pathOf(log), textOf([...header, `${log} one`]));
  }
  for (const [index, log] of names.entries()) {
    const [cursor = '', expected] = [tails[index]?.tail.cursor, [`${log} two`, ...header, `${log} one`]];
    expect(linesOf((await tails[index]?.tail.upTo(`${log} one`)) ?? [])).toEqual(expected);
    await tails[index]?.tail.leave();
    const resumed = await follow({ after: cursor }, log);
    expect(linesOf(resumed.history)).toEqual(expected);
    await resumed.tail.leave();
    // The predecessor has the same bytes before this place.
    appendFileSync(pathOf(log), `${log} three\n`);
    const further = await follow({ after: resumed.tail.cursor }, log);
    expect(linesOf(further.history)).toEqual([`${log} three`]);
    await further.tail.leave();
  }
});

test('a file of two bytes is read, known again when it was renamed, and told from the next of two bytes', async () => {
  const { path, follow } = await setUp(await temporaryDirectory());
  const { tail } = await follow();
  writeFileSync(path, 'a\n');
  expect(linesOf(await tail.upTo('a'))).toEqual(['a']);
  await tail.leave();
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'b\n');
  const resumed = await follow({ after: tail.cursor });
  expect(resumed.history.filter((told) => told !== '(rotated)')).toEqual(['b']);
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'a\n');
  expect(linesOf(await resumed.tail.upTo('a'))).toEqual(['a']);
  await resumed.tail.leave();
});

describe('a file that is emptied and written again within one poll,', () => {
  const cases: [string, string[], string[]][] = [
    ['to the same size', ['one', 'two'], ['six', 'ten']],
    ['to more than it was', ['one', 'two'], ['another beginning', 'and more']],
    ['to less than it was', ['one', 'two', 'three'], ['four']],
    ['with the same first 4 KiB', [...header, 'one'], [...header, 'two']],
    ['with the same first 4 KiB, to more than it was', [...header, 'one'], [...header, 'two', 'three']],
  ];

  test.for(cases)('%s, is read anew, once, and the loss is told', async ([_title, before, after]) => {
    const { path, follow } = await setUp(await temporaryDirectory());
    writeFileSync(path, textOf(before));
    const { tail } = await follow();
    truncateSync(path);
    writeFileSync(path, textOf(after));
    const told = await tail.upTo(after.at(-1) ?? '');
    expect(linesOf(told)).toEqual(after);
    expect(told[0]).toMatch(/^\((rotated, possible loss|gap TRUNCATED)\)$/);
    await tail.leave();
  });

  test.for(cases)(
    '%s, while its reader is away, is read anew, and the loss is told',
    async ([_title, before, after]) => {
      const { path, follow } = await setUp(await temporaryDirectory());
      writeFileSync(path, textOf(before));
      const { tail } = await follow();
      await tail.leave();
      truncateSync(path);
      writeFileSync(path, textOf(after));
      const resumed = await follow({ after: tail.cursor });
      expect(linesOf(resumed.history)).toEqual(after);
      expect(resumed.history[0]).toMatch(/^\(gap (CURSOR_EXPIRED|TRUNCATED)\)$/);
      await resumed.tail.leave();
    },
  );
});
