import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import { clockStepMs } from '../../src/entry.ts';
import { quietMs } from '../../src/file/growing.ts';
import type { Tail } from '../../src/stream.ts';
import type { TailEvent } from '../../src/tail-event.ts';
import { administrator } from '../support/engine.ts';
import { caughtUp, cursorOf, hasLine, lines, rawOf, setUp, until, written } from '../support/one-log.ts';

const quickly = { pollIntervalMs: 30 };
/** Hardly anything stays in the window of a feed: a reader that takes nothing has to read from disk. */
const small = { ...quickly, liveWindowEntries: 1 };

const gapsIn = (events: TailEvent[]) =>
  events.flatMap((event) => (event.kind === 'gap' ? [[event.reason, event.skippedBytes]] : []));
const bytesOf = (texts: string[]): number => Buffer.byteLength(written(texts));

/** Until what is made now is younger than what was made before; the follower is not let see anything meanwhile. */
const waitForClock = (): void => standStill(clockStepMs);

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function gzip(path: string): void {
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
  rmSync(path);
}

async function appendAndRead(tail: Tail, path: string, texts: string[]): Promise<void> {
  for (const text of texts) {
    appendFileSync(path, written([text]));
    await until(tail, hasLine(text));
  }
}

test('a file that is emptied and written again with lines alike in all but a number is noticed', async () => {
  const { path, follow } = await setUp('', quickly);
  const alike = (number: number) =>
    `{"level":"INFO","service":"checkout","n":${String(number).padStart(6, '0')},"method":"GET"}`;
  const tail = await follow();
  await until(tail, caughtUp);
  appendFileSync(path, written([0, 1, 2].map(alike)));
  await until(tail, hasLine(alike(2)));
  truncateSync(path);
  appendFileSync(path, written([3, 4, 5, 6, 7].map(alike)));
  expect(rawOf(await until(tail, hasLine(alike(7))))).toEqual([3, 4, 5, 6, 7].map(alike));
  await tail.return();
});

test('a file that is emptied and written again alike in all but what it begins with is noticed', async () => {
  const { path, follow } = await setUp('', quickly);
  const run = (time: string, steps: number) => lines(10, 10 + steps).map((line) => `${time} ${line}`);
  const tail = await follow();
  await until(tail, caughtUp);
  appendFileSync(path, written(run('09:00', 8)));
  await until(tail, hasLine('09:00 line 17'));
  standStill(quietMs);
  truncateSync(path);
  appendFileSync(path, written(run('09:01', 10)));
  expect(rawOf(await until(tail, hasLine('09:01 line 19')))).toEqual(run('09:01', 10));
  await tail.return();
});

test('a file whose beginning was taken out is read on, by those who follow it and those who come back', async ({
  skip,
}) => {
  const { path, follow } = await setUp(written(lines(0, 2000)), quickly);
  const tail = await follow({ last: 1 });
  const cursor = cursorOf((await until(tail, caughtUp)).at(-1));
  const { status } = spawnSync('fallocate', ['--punch-hole', '--offset', '0', '--length', '8192', path]);
  if (status !== 0) skip('Nothing can be taken out of files here.');
  for (const line of ['one', 'two']) {
    // It is only looked at from its beginning when nothing came for a moment.
    standStill(quietMs);
    appendFileSync(path, written([line]));
    expect(rawOf(await until(tail, hasLine(line)))).toEqual([line]);
  }
  const after = await follow({ after: cursor });
  const events = await until(after, caughtUp);
  expect([rawOf(events), gapsIn(events)]).toEqual([['one', 'two'], []]);
  await Promise.all([tail.return(), after.return()]);
});

test('a late line comes once to a reader that has read it from disk', async () => {
  const { path, follow } = await setUp(written(lines(0, 3)), quickly);
  const quick = await follow({ last: 3, maxBatch: 1 });
  const cursor = cursorOf((await until(quick, hasLine('line 0'))).at(-1));
  await until(quick, caughtUp);
  const late = openSync(path, 'a');
  renameSync(path, `${path}.1`);
  await appendAndRead(quick, path, ['new 0']);
  const slow = await follow({ after: cursor });
  writeSync(late, 'late\n');
  closeSync(late);
  await until(quick, hasLine('late'));
  await appendAndRead(quick, path, ['new 1']);
  expect(rawOf(await until(slow, hasLine('new 1')))).toEqual(['line 1', 'line 2', 'late', 'new 0', 'new 1']);
  await Promise.all([quick.return(), slow.return()]);
});

test('a late line comes once to a reader that has read it from disk two files before', async () => {
  // More than is read from disk at once: the line is written when only the beginning was read.
  const { path, follow } = await setUp(written(lines(0, 700)), quickly);
  const quick = await follow({ last: 700, maxBatch: 1 });
  const cursor = cursorOf((await until(quick, hasLine('line 0'))).at(-1));
  await until(quick, caughtUp);
  const late = openSync(path, 'a');
  renameSync(path, `${path}.1`);
  await appendAndRead(quick, path, ['new 0']);
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  await appendAndRead(quick, path, ['new 1']);
  const slow = await follow({ after: cursor });
  const events = await until(slow, hasLine('line 1'));
  writeSync(late, 'late\n');
  closeSync(late);
  await until(quick, hasLine('late'));
  await appendAndRead(quick, path, ['new 2']);
  events.push(...(await until(slow, hasLine('new 2'))));
  expect(rawOf(events)).toEqual([...lines(1, 700), 'late', 'new 0', 'new 1', 'new 2']);
  await Promise.all([quick.return(), slow.return()]);
});

test('what a page has of a new file is not repeated after its cursor, while the old one is still written to', async () => {
  const { engine, id, path, follow } = await setUp('one\n', quickly);
  const other = await follow();
  await until(other, caughtUp);
  const old = openSync(path, 'a');
  renameSync(path, `${path}.1`);
  let count = 0;
  const writing = setInterval(() => writeSync(old, `old ${count++}\n`), 5);
  try {
    await until(other, hasLine('old 3'));
    writeFileSync(path, 'new 0\nnew 1\n');
    const source = await engine.sources.find(administrator, { id });
    if (source === null) throw new Error('No source.');
    const { end } = await engine.logs.page(administrator, source, { take: { last: 1 } });
    const tail = await follow({ after: encodeCursor([[id, end]]) });
    await until(tail, caughtUp);
    appendFileSync(path, 'new 2\n');
    const events = await until(tail, hasLine('new 2'));
    expect(rawOf(events).filter((line) => line.startsWith('new'))).toEqual(['new 2']);
    await Promise.all([tail.return(), other.return()]);
  } finally {
    clearInterval(writing);
    closeSync(old);
  }
});

test('what came to an empty file, and to the next, before a reader began to read comes once', async () => {
  const { path, follow } = await setUp('old 0\nold 1\n', quickly);
  const quick = await follow({ last: 2, maxBatch: 1 });
  const cursor = cursorOf((await until(quick, hasLine('old 0'))).at(-1));
  await until(quick, caughtUp);
  await quick.return();
  renameSync(path, `${path}.2`);
  writeFileSync(path, '');
  gzip(`${path}.2`);
  const slow = await follow({ after: cursor });
  const other = await follow();
  await until(other, caughtUp);
  await appendAndRead(other, path, ['first 0', 'first 1']);
  renameSync(path, `${path}.1`);
  await appendAndRead(other, path, ['second 0']);
  const events = await until(slow, caughtUp);
  await appendAndRead(other, path, ['second 1']);
  events.push(...(await until(slow, hasLine('second 1'))));
  expect(rawOf(events)).toEqual(['old 1', 'first 0', 'first 1', 'second 0', 'second 1']);
  await Promise.all([slow.return(), other.return()]);
});

describe('what came to an empty file, and after it, at once', () => {
  test('comes in order when the next file was copied and emptied', async () => {
    const { path, follow } = await setUp('', quickly);
    const tail = await follow();
    await until(tail, caughtUp);
    appendFileSync(path, 'first\n');
    renameSync(path, `${path}.2`);
    writeFileSync(path, 'second\n');
    waitForClock();
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, 'third\n');
    expect(rawOf(await until(tail, hasLine('third')))).toEqual(['first', 'second', 'third']);
    await tail.return();
  });

  test('comes in order when the file was copied and emptied, and then renamed', async () => {
    const { path, follow } = await setUp('', quickly);
    const tail = await follow();
    await until(tail, caughtUp);
    appendFileSync(path, 'first\n');
    waitForClock();
    copyFileSync(path, `${path}.2`);
    truncateSync(path);
    appendFileSync(path, 'second\n');
    renameSync(path, `${path}.1`);
    waitForClock();
    writeFileSync(path, 'third\n');
    expect(rawOf(await until(tail, hasLine('third')))).toEqual(['first', 'second', 'third']);
    await tail.return();
  });
});

test('late lines are heard of every file that was left a moment ago', async () => {
  const { path, follow } = await setUp('start\n', quickly);
  const tail = await follow();
  await until(tail, caughtUp);
  const late = openSync(path, 'a');
  renameSync(path, `${path}.2`);
  await appendAndRead(tail, path, ['second']);
  renameSync(path, `${path}.1`);
  await appendAndRead(tail, path, ['third']);
  const much = Array.from({ length: 5000 }, (_, number) => `late ${number} ${'x'.repeat(500)}`);
  writeSync(late, written(much));
  closeSync(late);
  expect(rawOf(await until(tail, hasLine(much.at(-1) ?? '')))).toEqual(much);
  await tail.return();
});

test('what came in two files before there was one to read comes once', async () => {
  const { path, follow } = await setUp(null, quickly);
  const quick = await follow();
  const cursor = cursorOf((await until(quick, caughtUp)).at(-1));
  const slow = await follow({ after: cursor });
  await appendAndRead(quick, path, ['x 0', 'x 1']);
  renameSync(path, `${path}.1`);
  await appendAndRead(quick, path, ['y 0']);
  const caught = rawOf(await until(slow, hasLine('y 0')));
  await appendAndRead(quick, path, ['y 1']);
  expect([...caught, ...rawOf(await until(slow, hasLine('y 1')))]).toEqual(['x 0', 'x 1', 'y 0', 'y 1']);
  await Promise.all([quick.return(), slow.return()]);
});

test('what stands before a file that was deleted is read, and what stood in that is told', async () => {
  const { path, follow } = await setUp(written(lines(0, 3)), quickly);
  const quick = await follow({ last: 3, maxBatch: 1 });
  const cursor = cursorOf((await until(quick, hasLine('line 0'))).at(-1));
  await until(quick, caughtUp);
  renameSync(path, `${path}.1`);
  await appendAndRead(quick, path, ['b 0', 'b 1']);
  rmSync(path);
  const slow = await follow({ after: cursor });
  const events = await until(slow, caughtUp);
  appendFileSync(path, 'c 0\n');
  events.push(...(await until(slow, hasLine('c 0'))));
  expect(rawOf(events)).toEqual(['line 1', 'line 2', 'c 0']);
  expect(gapsIn(events)).toEqual([['LOST_SEGMENT', bytesOf(['b 0', 'b 1'])]]);
  await Promise.all([quick.return(), slow.return()]);
});

test('a reader that was left behind in a deleted file is told once, and goes on', async () => {
  const { path, follow } = await setUp('', { ...small, liveWindowEntries: 3 });
  const quick = await follow({ onLag: 'PAUSE' });
  await until(quick, caughtUp);
  for (const onLag of ['SKIP_WITH_GAP', 'PAUSE'] as const) {
    const slow = await follow({ onLag });
    await until(slow, caughtUp);
    await appendAndRead(quick, path, lines(0, 4));
    rmSync(path);
    const events = [(await slow.next()).value].filter((event) => event !== undefined);
    appendFileSync(path, 'next\n');
    events.push(...(await until(slow, hasLine('next'))));
    await until(quick, hasLine('next'));
    expect(rawOf(events)).toEqual(['next']);
    expect(gapsIn(events)).toEqual([['LOST_SEGMENT', bytesOf(lines(0, 4))]]);
    await slow.return();
  }
  await quick.return();
});

test('a cursor into a file that was emptied, and then rotated, goes on with what came after', async () => {
  const { path, follow } = await setUp(written(lines(0, 3)), quickly);
  const first = await follow({ last: 3 });
  const cursor = cursorOf((await until(first, caughtUp)).at(-1));
  await first.return();
  truncateSync(path);
  renameSync(path, `${path}.1`);
  appendFileSync(path, 'b 0\nb 1\n');
  const tail = await follow({ after: cursor });
  const events = await until(tail, caughtUp);
  expect(rawOf(events)).toEqual(['b 0', 'b 1']);
  expect(gapsIn(events)).toHaveLength(1);
  await tail.return();
});

test('bytes that a reader had before its file was emptied again are not told to be gone', async () => {
  const { path, follow } = await setUp('', small);
  const [quick, slow] = [await follow({ onLag: 'PAUSE' }), await follow({ onLag: 'PAUSE' })];
  for (const tail of [quick, slow]) await until(tail, caughtUp);
  for (const [name, count] of [
    ['a', 9],
    ['b', 6],
    ['c', 3],
  ] as const) {
    truncateSync(path);
    const texts = Array.from({ length: count }, (_, number) => `${name} ${number}`);
    await appendAndRead(quick, path, texts);
    const events = await until(slow, hasLine(texts.at(-1) ?? ''));
    expect(rawOf(events)).toEqual(texts);
    expect(gapsIn(events)).toEqual([]);
  }
  await Promise.all([quick.return(), slow.return()]);
});

test('a rotated file that may not be read holds nobody back from those after it', async () => {
  const { path, follow } = await setUp('start\n', quickly);
  const tail = await follow();
  await until(tail, caughtUp);
  renameSync(path, `${path}.2`);
  symlinkSync('/etc/hostname', `${path}.1`);
  await vi.waitUntil(async () => (await tail.next()).value?.kind === 'state');
  appendFileSync(path, 'new\n');
  const events = await until(tail, hasLine('new'));
  expect(rawOf(events)).toEqual(['new']);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'rotated', possibleLoss: true }));
  await tail.return();
});
