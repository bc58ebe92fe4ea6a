import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import { administrator, sourceId, temporaryDirectory } from '../support/engine.ts';
import { openIn } from '../support/open-files.ts';
import { linesOf } from './line-tail.ts';
import { name, setUp } from './setup.ts';

const until = (expectation: () => void) => vi.waitFor(expectation, { timeout: 30_000, interval: 5 });

const textOf = (lines: string[]): string => lines.map((line) => `${line}\n`).join('');

test('a directory that was deleted or renamed away, and made anew, is followed on', async () => {
  const { logs, path, follow } = await setUp(await temporaryDirectory());
  writeFileSync(path, 'one\n');
  const { tail } = await follow();
  appendFileSync(path, 'last words\n');
  rmSync(logs, { recursive: true });
  const told = await tail.upTo('(WAITING)');
  mkdirSync(logs);
  writeFileSync(path, 'reborn\n');
  told.push(...(await tail.upTo('reborn')));
  expect(linesOf(told)).toEqual(['last words', 'reborn']);
  renameSync(logs, `${logs}-old`);
  appendFileSync(join(`${logs}-old`, name), 'moved\n');
  mkdirSync(logs);
  writeFileSync(path, 'new home\n');
  expect(linesOf(await tail.upTo('new home'))).toEqual(['moved', 'new home']);
  appendFileSync(path, 'and on\n');
  expect(linesOf(await tail.upTo('and on'))).toEqual(['and on']);
  await tail.leave();
});

/** Mounts an empty file system over a directory until the test is finished. False where that may not be done. */
function mountOver(directory: string): boolean {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tailql-test', directory]);
  if (status === 0) onTestFinished(() => void spawnSync('umount', ['--lazy', directory]));
  return status === 0;
}

test('a file system that is mounted over another is followed on, though their files have the same numbers', async ({
  skip,
}) => {
  const { logs, path, follow } = await setUp(await temporaryDirectory());
  if (!mountOver(logs)) skip('Nothing may be mounted here.');
  writeFileSync(path, 'one\n');
  const { tail } = await follow();
  appendFileSync(path, 'two\n');
  const { ino } = statSync(path);
  mountOver(logs);
  writeFileSync(path, 'three\n');
  expect(statSync(path).ino).toBe(ino);
  expect(linesOf(await tail.upTo('three'))).toEqual(['two', 'three']);
  appendFileSync(path, 'four\n');
  expect(linesOf(await tail.upTo('four'))).toEqual(['four']);
  await tail.leave();
});

test('a file that may not be read says so, and nothing of it is lost when it may again', async () => {
  const { logs, path, follow } = await setUp(await temporaryDirectory());
  beNobody(logs);
  writeFileSync(path, 'one\n');
  const { tail } = await follow();
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'two\n');
  writeFileSync(path, 'three\n', { mode: 0 });
  expect(linesOf(await tail.upTo('(UNREADABLE)'))).toEqual(['two']);
  appendFileSync(`${path}.1`, 'late\n');
  chmodSync(path, 0o600);
  const told = await tail.upTo('three');
  expect(linesOf(told)).toEqual(['late', 'three']);
  expect(told).toContain('(ACTIVE)');
  await tail.leave();
});

test('a reader that comes back while the file may not be read gets all of it when it may again', async () => {
  const { logs, path, follow } = await setUp(await temporaryDirectory());
  beNobody(logs);
  writeFileSync(path, 'one\n');
  const { tail } = await follow();
  await tail.leave();
  appendFileSync(path, 'two\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'three\n', { mode: 0 });
  const resumed = await follow({ after: tail.cursor });
  expect(linesOf(resumed.history)).toEqual(['two']);
  chmodSync(path, 0o600);
  appendFileSync(path, 'four\n');
  expect(linesOf(await resumed.tail.upTo('four'))).toEqual(['three', 'four']);
  await resumed.tail.leave();
});

/**
 * Permissions mean nothing to root, so root is somebody else until the test is finished, whose this directory is. To be
 * called when the engine has been opened: the project itself may be root's alone.
 */
function beNobody(directory: string): void {
  if (process.geteuid?.() !== 0) return;
  const nobody = 65_534;
  chownSync(directory, nobody, nobody);
  chmodSync(dirname(directory), 0o711);
  process.seteuid?.(nobody);
  onTestFinished(() => process.seteuid?.(0));
}

describe('a symbolic link that is turned to another file', () => {
  const turnTo = (target: string, link: string) => {
    symlinkSync(target, `${link}-next`);
    renameSync(`${link}-next`, link);
  };

  test('goes on there, after the last line of the one before', async () => {
    const { logs, path, follow } = await setUp(await temporaryDirectory());
    writeFileSync(join(logs, 'run-0'), 'begun 0\n');
    symlinkSync('run-0', path);
    const { tail } = await follow();
    for (let run = 0; run < 20; run++) {
      appendFileSync(join(logs, `run-${run}`), `middle ${run}\nended ${run}\n`);
      writeFileSync(join(logs, `run-${run + 1}`), `begun ${run + 1}\n`);
      turnTo(`run-${run + 1}`, path);
      const told = linesOf(await tail.upTo(`begun ${run + 1}`));
      expect(told).toEqual([`middle ${run}`, `ended ${run}`, `begun ${run + 1}`]);
    }
    await tail.leave();
  });

  test('that is forbidden says so and gives nothing of it away, and goes on with the next that is allowed', async () => {
    const directory = await temporaryDirectory();
    const { logs, path, follow } = await setUp(directory);
    mkdirSync(join(directory, 'private'));
    const secret = join(directory, 'private', 'secret');
    writeFileSync(secret, 'secret\n');
    writeFileSync(join(logs, 'run-0'), 'one\n');
    symlinkSync('run-0', path);
    const { tail } = await follow();
    appendFileSync(join(logs, 'run-0'), 'two\n');
    turnTo('../private/secret', path);
    expect(linesOf(await tail.upTo('(UNREADABLE)'))).toEqual(['two']);
    appendFileSync(secret, 'more of it\n');
    const refused = await follow({ last: 10 });
    expect(linesOf(refused.history)).toEqual([]);
    const again = await follow({ after: tail.cursor });
    expect(linesOf(again.history)).toEqual([]);
    writeFileSync(join(logs, 'run-1'), 'three\n');
    turnTo('run-1', path);
    for (const each of [tail, again.tail]) {
      const told = await each.upTo('three');
      expect(linesOf(told)).toEqual(['three']);
      expect(told).toContain('(ACTIVE)');
      await each.leave();
    }
    await refused.tail.leave();
  });
});

test('a busy log leaves a quiet one its turn', async () => {
  const [hot, quiet] = ['hot.log', 'quiet.log'];
  // Large enough for the hot one's reader to take all from memory, so that the only reading is the follower's.
  const limits = { liveWindowEntries: 1_000_000, liveWindowBytes: 2 ** 30 };
  const { logs, follow } = await setUp(await temporaryDirectory(), [hot, quiet], limits);
  for (const log of [hot, quiet]) writeFileSync(join(logs, log), '');
  const [busy, idle] = [(await follow({}, hot)).tail, (await follow({}, quiet)).tail];
  const mebibytes = 64;
  appendFileSync(join(logs, hot), `${'x'.repeat(1023)}\n`.repeat(mebibytes * 1024));

  let state: 'reading' | 'read' = 'reading';
  let heard = 0;
  const reading = (async () => {
    const end = statSync(join(logs, hot)).size;
    while (busy.offset < end) await busy.next();
    state = 'read';
  })();
  const hearing = (async () => {
    while (state === 'reading') heard += linesOf(await idle.next()).length;
  })();
  // A line whenever the follower lets anybody else do something.
  while (state === 'reading') {
    appendFileSync(join(logs, quiet), 'here\n');
    await turn();
  }
  appendFileSync(join(logs, quiet), 'here\n');
  await Promise.all([reading, hearing]);
  expect(heard).toBeGreaterThan(mebibytes / 8);
  await busy.leave();
  await idle.leave();
});

test('offsets beyond 4 GiB are exact', async () => {
  const { path, engine, follow, restart } = await setUp(await temporaryDirectory());
  const lines = Array.from({ length: 100 }, (_, number) => `line ${number}`);
  writeFileSync(path, '');
  // A hole: it takes no room on the disk.
  truncateSync(path, 5 * 2 ** 30);
  appendFileSync(path, `\n${textOf(lines)}`);
  const { tail, history } = await follow({ last: 10 });
  expect(history).toEqual(lines.slice(-10));
  appendFileSync(path, 'live\n');
  expect(await tail.upTo('live')).toEqual(['live']);
  await tail.leave();

  appendFileSync(path, 'away\n');
  await restart();
  const resumed = await follow({ after: tail.cursor });
  expect(resumed.history).toEqual(['away']);
  await resumed.tail.leave();

  const source = await engine().sources.find(administrator, { name });
  if (source === null) throw new Error('No source.');
  const newest = await engine().logs.page(administrator, source, { take: { last: 50 } });
  const before = encodeCursor(new Map([[source.id, newest.start]]));
  const older = await engine().logs.page(administrator, source, { before, take: { last: 50 } });
  const texts = [older, newest].flatMap(({ entries }) => entries.map(({ record }) => record.raw));
  expect(texts).toEqual([...lines, 'live', 'away'].slice(-100));
});

test('nothing is open, and nothing watched, for logs that nobody reads', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `${index}.log`);
  const { logs, engine, follow } = await setUp(await temporaryDirectory(), names);
  for (const log of names) writeFileSync(join(logs, log), 'one\n');
  const path = join(logs, '7.log');
  // A file that was forgotten is closed in the end, with a warning.
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  const idle = () => expect([openIn(logs), isWatched(logs)]).toEqual([[], false]);
  idle();

  const tails = [(await follow({}, '7.log')).tail, (await follow({}, '7.log')).tail];
  expect([openIn(logs), isWatched(logs)]).toEqual([[path], true]);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'two\n');
  for (const tail of tails) await tail.upTo('two');
  const source = await engine().sources.find(administrator, { id: await sourceId(engine(), '7.log') });
  if (source === null) throw new Error('No source.');
  const { entries } = await engine().logs.page(administrator, source, { take: { first: 10 } });
  expect(entries.map(({ record }) => record.raw)).toEqual(['one', 'two']);
  for (const tail of tails) await tail.leave();
  await until(idle);
  expect(warnings).toEqual([]);
});

/** Whether this process is told of what happens in a directory. */
function isWatched(directory: string): boolean {
  const inode = statSync(directory).ino.toString(16);
  return readdirSync('/proc/self/fdinfo').some((fd) => {
    try {
      return new RegExp(`^inotify .*\\bino:${inode} `, 'm').test(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
    } catch {
      return false;
    }
  });
}
