import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { clockStepMs } from '../../src/entry.ts';
import type { Tail } from '../../src/stream.ts';
import type { TailEvent } from '../../src/tail-event.ts';
import { caughtUp, cursorOf, hasLine, type LogSetup, lines, rawOf, setUp, until, written } from '../support/one-log.ts';

const kindsOf = (events: TailEvent[]): string[] => events.map(({ kind }) => kind);
const gapsIn = (events: TailEvent[]) => events.filter((event) => event.kind === 'gap');
const bytesOf = (texts: string[]): number => Buffer.byteLength(written(texts));

/** Until what is made now is younger than what was made before. */
function waitForClock(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * clockStepMs);
}

/** A tail that has caught up, and takes nothing more for now; and one that has it all. */
async function slowAndQuick({ follow }: LogSetup): Promise<{ slow: Tail; quick: Tail }> {
  const [slow, quick] = [await follow({ onLag: 'PAUSE' }), await follow({ onLag: 'PAUSE' })];
  await until(slow, caughtUp);
  await until(quick, caughtUp);
  return { slow, quick };
}

/** Window of a feed in which hardly anything stays: a reader that takes nothing has to read from disk. */
const small = { liveWindowEntries: 1, pollIntervalMs: 30 };

test('a new file that was emptied while the old one was still written to may have had something in it', async () => {
  const { path, follow } = await setUp('first\n', { pollIntervalMs: 20 });
  const tail = await follow();
  await until(tail, caughtUp);
  renameSync(path, `${path}.1`);
  writeFileSync(path, '');
  const events: TailEvent[] = [];
  for (let number = 0; !events.some(({ kind }) => kind === 'rotated'); number++) {
    // A writer that has not opened the new file yet, and keeps the follower with the old one for a second.
    const [late, isLate] = [`late ${number}`, number < 100];
    if (isLate) appendFileSync(`${path}.1`, `${late}\n`);
    if (number === 5) appendFileSync(path, written(lines(0, 20)));
    if (number === 60) truncateSync(path);
    if (number === 61) appendFileSync(path, 'after\n');
    await sleep(8);
    events.push(...(isLate ? await until(tail, hasLine(late)) : await until(tail, hasLine('after'))));
  }
  const lost = lines(0, 20).some((line) => !rawOf(events).includes(line));
  const told = events.some((event) => event.kind === 'rotated' && event.possibleLoss);
  expect({ lost, told }).toEqual({ lost: true, told: true });
  await tail.return();
});

describe('a log that was copied and then emptied', () => {
  test('is read on from the copy, and then from the file', async () => {
    const { path, follow } = await setUp(written(lines(0, 3)));
    const tail = await follow({ last: 1 });
    await until(tail, caughtUp);
    appendFileSync(path, written(lines(3, 6)));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, written(['new']));
    const events = await until(tail, hasLine('new'));
    expect(rawOf(events)).toEqual([...lines(3, 6), 'new']);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'rotated', possibleLoss: true }));
    await tail.return();
  });

  test('is read on from a copy that was written over an older one', async () => {
    const log = await setUp(null);
    writeFileSync(`${log.path}.1`, 'ancient\n');
    writeFileSync(log.path, written(lines(0, 3)));
    waitForClock();
    const tail = await log.follow();
    await until(tail, caughtUp);
    for (const round of [0, 1]) {
      appendFileSync(log.path, `read ${round}\n`);
      await until(tail, hasLine(`read ${round}`));
      appendFileSync(log.path, `in the copy ${round}\n`);
      copyFileSync(log.path, `${log.path}.1`);
      // As if the log had been there for longer.
      const later = new Date(Date.now() + 60_000);
      utimesSync(`${log.path}.1`, later, later);
      truncateSync(log.path);
      appendFileSync(log.path, `new ${round}\n`);
      const events = await until(tail, hasLine(`new ${round}`));
      expect(rawOf(events)).toEqual([`in the copy ${round}`, `new ${round}`]);
      expect(events).toContainEqual(expect.objectContaining({ kind: 'rotated', possibleLoss: true }));
    }
    await tail.return();
  });

  test('is not read again from a copy that ends before the place where reading was', async () => {
    const { path, follow } = await setUp(written(lines(0, 3)));
    const tail = await follow({ last: 1 });
    await until(tail, caughtUp);
    copyFileSync(path, `${path}.1`);
    appendFileSync(path, written(lines(3, 5)));
    await until(tail, hasLine('line 4'));
    truncateSync(path);
    appendFileSync(path, written(['new']));
    const events = await until(tail, hasLine('new'));
    expect(rawOf(events)).toEqual(['new']);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'rotated', possibleLoss: true }));
    await tail.return();
  });

  test('has lost nothing for a reader that comes back with the cursor of an entry in the copy', async () => {
    const { path, follow } = await setUp(written(lines(0, 3)));
    const tail = await follow({ last: 2 });
    const cursor = cursorOf((await until(tail, caughtUp)).at(-1));
    await tail.return();
    appendFileSync(path, written(lines(3, 6)));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, written(['new']));
    const again = await follow({ after: cursor });
    const events = await until(again, caughtUp);
    expect(rawOf(events)).toEqual([...lines(3, 6), 'new']);
    expect(gapsIn(events)).toEqual([]);
    await again.return();
  });

  test('is not mistaken for an older file that begins alike', async () => {
    const { path, follow } = await setUp('same\nsame\n');
    writeFileSync(`${path}.1`, 'same\nsame\nolder\n');
    const { birthtimeMs } = statSync(`${path}.1`);
    await vi.waitUntil(() => Date.now() > birthtimeMs + clockStepMs);
    const tail = await follow({ last: 1 });
    await until(tail, caughtUp);
    truncateSync(path);
    appendFileSync(path, 'new\n');
    expect(rawOf(await until(tail, hasLine('new')))).toEqual(['new']);
    await tail.return();
  });
});

describe('what is gone is told to the byte', () => {
  test('when a file was emptied before a slow reader had read it', async () => {
    const setup = await setUp('', small);
    const { path } = setup;
    const { slow, quick } = await slowAndQuick(setup);
    appendFileSync(path, written(lines(0, 10)));
    await until(slow, hasLine('line 0'));
    for (let i = 10; i < 50; i++) {
      appendFileSync(path, written(lines(i, i + 1)));
      await until(quick, hasLine(`line ${i}`));
    }
    truncateSync(path);
    appendFileSync(path, 'new\n');
    await until(quick, hasLine('new'));
    const events = await until(slow, hasLine('new'));
    expect(rawOf(events)).toEqual(['new']);
    const skippedBytes = bytesOf(lines(10, 50));
    expect(gapsIn(events)).toEqual([expect.objectContaining({ reason: 'TRUNCATED', skippedBytes })]);
    await Promise.all([slow.return(), quick.return()]);
  });

  test('when rotated files were deleted before a slow reader had read them', async () => {
    const setup = await setUp('', small);
    const { path } = setup;
    const { slow, quick } = await slowAndQuick(setup);
    appendFileSync(path, written(lines(0, 10)));
    await until(slow, hasLine('line 0'));
    for (let file = 1; file <= 3; file++) {
      for (const age of [3, 2, 1].filter((age) => age < file)) renameSync(`${path}.${age}`, `${path}.${age + 1}`);
      renameSync(path, `${path}.1`);
      appendFileSync(path, written(lines(file * 10, file * 10 + 10)));
      await until(quick, hasLine(`line ${file * 10 + 9}`));
    }
    // Lines 0 to 9, and 10 to 19.
    rmSync(`${path}.3`);
    rmSync(`${path}.2`);
    const events = await until(slow, hasLine('line 39'));
    expect(rawOf(events)).toEqual(lines(20, 40));
    const skippedBytes = bytesOf(lines(10, 20));
    expect(gapsIn(events)).toEqual([expect.objectContaining({ reason: 'LOST_SEGMENT', skippedBytes })]);
    await Promise.all([slow.return(), quick.return()]);
  });
});

describe('a reader whose cursor is gone', () => {
  test('is not given again what it had before the file that is gone', async () => {
    const { path, follow } = await setUp(written(lines(0, 5)));
    const first = await follow({ last: 5 });
    await until(first, caughtUp);
    renameSync(path, `${path}.1`);
    appendFileSync(path, written(lines(5, 10)));
    const cursor = cursorOf((await until(first, hasLine('line 9'))).at(-1));
    await first.return();
    rmSync(path);
    appendFileSync(path, written(lines(10, 15)));
    const tail = await follow({ after: cursor });
    const events = await until(tail, caughtUp);
    expect(kindsOf(events)).toEqual(['gap', 'batch', 'caught-up']);
    expect(rawOf(events)).toEqual(lines(10, 15));
    await tail.return();
  });

  test('because its file was emptied goes on with what was written since', async () => {
    const { path, follow } = await setUp(written(lines(0, 5)));
    writeFileSync(`${path}.1`, 'older\n');
    const first = await follow({ last: 5 });
    const cursor = cursorOf((await until(first, caughtUp)).at(-1));
    await first.return();
    truncateSync(path);
    appendFileSync(path, 'new\n');
    const tail = await follow({ after: cursor });
    const events = await until(tail, caughtUp);
    expect(gapsIn(events)).toEqual([expect.objectContaining({ reason: 'TRUNCATED' })]);
    expect(rawOf(events)).toEqual(['new']);
    await tail.return();
  });

  test('of a log that was empty gets what came since, also after it was copied and emptied', async () => {
    const { path, follow } = await setUp('');
    const first = await follow({ last: 5 });
    const cursor = cursorOf((await until(first, caughtUp)).at(-1));
    await first.return();
    appendFileSync(path, written(lines(0, 3)));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, written(lines(3, 5)));
    const tail = await follow({ after: cursor });
    expect(rawOf(await until(tail, caughtUp))).toEqual(lines(0, 5));
    await tail.return();
  });
});

describe('writers that go on in a rotated file', () => {
  test('are read to the end before the new file, as long as they write', async () => {
    const { path, follow } = await setUp('start\n', { pollIntervalMs: 30 });
    const tail = await follow();
    await until(tail, caughtUp);
    const late = openSync(path, 'a');
    renameSync(path, `${path}.1`);
    writeSync(late, 'old 1\n');
    await until(tail, hasLine('old 1'));
    writeSync(late, 'old 2\n');
    await until(tail, hasLine('old 2'));
    appendFileSync(path, 'new\n');
    writeSync(late, 'old 3\n');
    expect(rawOf(await until(tail, hasLine('new')))).toEqual(['old 3', 'new']);
    closeSync(late);
    await tail.return();
  });

  test('are heard when they write after the log has gone on, and do not move the cursor back', async () => {
    const { path, follow } = await setUp('start\n', { pollIntervalMs: 30 });
    const tail = await follow();
    await until(tail, caughtUp);
    const late = openSync(path, 'a');
    renameSync(path, `${path}.1`);
    appendFileSync(path, 'new 1\n');
    await until(tail, hasLine('new 1'));
    writeSync(late, 'late\n');
    closeSync(late);
    const cursor = cursorOf((await until(tail, hasLine('late'))).at(-1));
    appendFileSync(path, 'new 2\n');
    expect(rawOf(await until(tail, hasLine('new 2')))).toEqual(['new 2']);
    await tail.return();
    const again = await follow({ after: cursor });
    expect(rawOf(await until(again, caughtUp))).toEqual(['new 2']);
    await again.return();
  });
});

test('a copy that is followed, and deleted, is followed by the file it was made of', async () => {
  const { path, follow } = await setUp('one\n', { pollIntervalMs: 30 });
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  const tail = await follow({ last: 1 });
  expect(rawOf(await until(tail, caughtUp))).toEqual(['one']);
  rmSync(`${path}.1`);
  appendFileSync(path, 'two\n');
  expect(rawOf(await until(tail, hasLine('two')))).toEqual(['two']);
  await tail.return();
});

test('a reader whose file is gone goes on after the files in which nothing stands', async () => {
  const { path, follow } = await setUp(written(lines(0, 3)));
  const first = await follow({ last: 3 });
  const cursor = cursorOf((await until(first, caughtUp)).at(-1));
  await first.return();
  const { birthtimeMs } = statSync(path);
  await vi.waitUntil(() => Date.now() > birthtimeMs + clockStepMs);
  writeFileSync(`${path}.new`, '');
  rmSync(path);
  renameSync(`${path}.new`, `${path}.1`);
  appendFileSync(path, written(lines(3, 5)));
  const tail = await follow({ after: cursor });
  expect(rawOf(await until(tail, caughtUp))).toEqual(lines(3, 5));
  await tail.return();
});
