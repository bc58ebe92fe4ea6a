import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import type { Tail } from '../../src/stream.ts';
import { administrator, sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';
import {
  caughtUp,
  cursorOf,
  delivery,
  hasLine,
  type LogSetup,
  lines,
  rawOf,
  setUp,
  until,
  written,
} from '../support/one-log.ts';

describe('a tail', () => {
  test('delivers the last entries, says that it has caught up, and goes on live', async () => {
    const { path, follow } = await setUp(written(lines(0, 50)));
    const tail = await follow({ last: 5 });
    const history = await until(tail, caughtUp);
    expect(rawOf(history)).toEqual(lines(45, 50));
    appendFileSync(path, written(lines(50, 53)));
    expect(rawOf(await until(tail, hasLine('line 52')))).toEqual(lines(50, 53));
    await tail.return();
  });

  test('begins with what is new when nothing else is asked', async () => {
    const { path, follow } = await setUp(written(lines(0, 50)));
    const tail = await follow();
    expect(rawOf(await until(tail, caughtUp))).toEqual([]);
    appendFileSync(path, 'new\n');
    expect(rawOf(await until(tail, hasLine('new')))).toEqual(['new']);
    await tail.return();
  });

  test('holds a line until its newline comes, and delivers it once', async () => {
    const { path, follow } = await setUp('whole\nbegun');
    const tail = await follow({ last: 10 });
    expect(rawOf(await until(tail, caughtUp))).toEqual(['whole']);
    for (const byte of ' and ended\nnext\n') appendFileSync(path, byte);
    expect(rawOf(await until(tail, hasLine('next')))).toEqual(['begun and ended', 'next']);
    await tail.return();
  });

  test('resumes from any event of another tail, and misses and repeats nothing', async () => {
    const { path, follow } = await setUp(written(lines(0, 500)));
    const first = await follow({ last: 300, maxBatch: 40 });
    const events = await until(first, caughtUp);
    await first.return();
    appendFileSync(path, written(lines(500, 600)));
    for (const [index, event] of events.entries()) {
      const seen = rawOf(events.slice(0, index + 1)).length;
      const tail = await follow({ after: cursorOf(event) });
      expect(rawOf(await until(tail, caughtUp))).toEqual(lines(200 + seen, 600));
      await tail.return();
    }
  });

  test('waits for a file that does not exist yet, and reads it from its beginning', async () => {
    const { path, follow } = await setUp(null);
    const tail = await follow({ last: 10 });
    expect(rawOf(await until(tail, caughtUp))).toEqual([]);
    writeFileSync(path, 'first\nsecond\n');
    const events = await until(tail, hasLine('second'));
    expect(rawOf(events)).toEqual(['first', 'second']);
    expect(events.map(({ kind }) => kind)).toContain('state');
    await tail.return();
  });

  test('resumes from before the file existed', async () => {
    const { path, follow } = await setUp(null);
    const first = await follow();
    const cursor = cursorOf((await until(first, caughtUp)).at(-1));
    await first.return();
    writeFileSync(path, 'first\n');
    const tail = await follow({ after: cursor });
    expect(rawOf(await until(tail, caughtUp))).toEqual(['first']);
    await tail.return();
  });

  test('goes on over a rotation by renaming, and delivers what was written to the old file last', async () => {
    const { path, follow } = await setUp('old 1\n');
    const tail = await follow({ last: 1 });
    await until(tail, caughtUp);
    appendFileSync(path, 'old 2\n');
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'old 3\n');
    writeFileSync(path, '');
    appendFileSync(`${path}.1`, 'old 4\n');
    appendFileSync(path, 'new 1\n');
    const events = await until(tail, hasLine('new 1'));
    expect(rawOf(events)).toEqual(['old 2', 'old 3', 'old 4', 'new 1']);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'rotated', possibleLoss: false }));
    await tail.return();
  });

  test('goes on over several rotations at once', async () => {
    const { path, follow } = await setUp('a\n');
    const tail = await follow({ last: 1 });
    await until(tail, caughtUp);
    for (const text of ['b', 'c', 'd']) {
      for (const age of [2, 1]) {
        try {
          renameSync(`${path}.${age}`, `${path}.${age + 1}`);
        } catch {}
      }
      renameSync(path, `${path}.1`);
      writeFileSync(path, `${text}\n`);
    }
    expect(rawOf(await until(tail, hasLine('d')))).toEqual(['b', 'c', 'd']);
    await tail.return();
  });

  test('resumes across a rotation, from a cursor into the renamed file', async () => {
    const { path, follow } = await setUp(written(lines(0, 10)));
    const first = await follow({ last: 4, maxBatch: 2 });
    const cursor = cursorOf((await first.next()).value);
    await first.return();
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'new\n');
    const tail = await follow({ after: cursor });
    expect(rawOf(await until(tail, caughtUp))).toEqual(['line 8', 'line 9', 'new']);
    await tail.return();
  });

  test('notices a file that was emptied and written again, also to more than its old size', async () => {
    const { path, follow } = await setUp('one\ntwo\n');
    const tail = await follow({ last: 2 });
    await until(tail, caughtUp);
    truncateSync(path);
    writeFileSync(path, 'a new beginning, longer than before\nand more\n');
    const events = await until(tail, hasLine('and more'));
    expect(rawOf(events)).toEqual(['a new beginning, longer than before', 'and more']);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'rotated', possibleLoss: true }));
    await tail.return();
  });

  test('takes bytes that are no text for what they are, not for another file', async () => {
    const { path, follow } = await setUp('');
    const tail = await follow();
    await until(tail, caughtUp);
    const names = ['Zoë', 'José', 'René', 'Chloé', 'ÿÿÿÿ', 'ÀÀÀÀ', 'end'];
    for (const name of names) {
      appendFileSync(path, Buffer.from(`user ${name} signed in\n`, 'latin1'));
      const replaced = `user ${name.replaceAll(/[^a-z]/gi, '\ufffd')} signed in`;
      const events = await until(tail, hasLine(replaced));
      expect(events.map(({ kind }) => kind)).not.toContain('rotated');
      expect(rawOf(events)).toEqual([replaced]);
    }
    await tail.return();
  });

  test('goes on with a file that was deleted and made anew', async () => {
    const { path, follow } = await setUp('old\n');
    const tail = await follow({ last: 1 });
    await until(tail, caughtUp);
    appendFileSync(path, 'last words\n');
    rmSync(path);
    writeFileSync(path, 'reborn\n');
    expect(rawOf(await until(tail, hasLine('reborn')))).toEqual(['last words', 'reborn']);
    await tail.return();
  });

  test('says which bytes are gone when its cursor is', async () => {
    const { path, follow } = await setUp(written(lines(0, 10)));
    const first = await follow({ last: 4 });
    const cursor = cursorOf((await first.next()).value);
    await first.return();
    rmSync(path);
    writeFileSync(path, written(lines(100, 103)));
    const tail = await follow({ after: cursor });
    const events = await until(tail, caughtUp);
    expect(events[0]).toMatchObject({ kind: 'gap', reason: 'CURSOR_EXPIRED' });
    expect(rawOf(events)).toEqual(lines(100, 103));
    await tail.return();
  });

  test('ends at once while it waits for a quiet log', async () => {
    const { follow } = await setUp('one\n');
    const tail = await follow();
    await until(tail, caughtUp);
    const waiting = tail.next();
    await tail.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe('a reader that is slower than the log', () => {
  const small = { liveWindowEntries: 100, pollIntervalMs: 50 };

  /** Writes much while nobody reads; the follower has read it all when a second reader has it. */
  async function overtake({ path, follow }: LogSetup, slow: Tail): Promise<void> {
    const quick = await follow({ onLag: 'PAUSE' });
    await until(quick, caughtUp);
    await until(slow, caughtUp);
    for (let i = 0; i < 20; i++) {
      appendFileSync(path, written(lines(i * 100, i * 100 + 100)));
      await until(quick, hasLine(`line ${i * 100 + 99}`));
    }
    await quick.return();
  }

  test('gets everything from disk with PAUSE', async () => {
    const setup = await setUp('', small);
    const slow = await setup.follow({ onLag: 'PAUSE' });
    await overtake(setup, slow);
    expect(rawOf(await until(slow, hasLine('line 1999')))).toEqual(lines(0, 2000));
    await slow.return();
  });

  test('jumps to now with SKIP_WITH_GAP, and the gap is exactly what it missed', async () => {
    const setup = await setUp('', small);
    const { engine, id, path } = setup;
    const slow = await setup.follow({ onLag: 'SKIP_WITH_GAP' });
    await overtake(setup, slow);
    const events = await until(slow, (all) => all.some(({ kind }) => kind === 'gap'));
    const gap = events.at(-1);
    if (gap?.kind !== 'gap') throw new Error('No gap.');
    expect(gap.reason).toBe('SLOW_CONSUMER');
    appendFileSync(path, 'after\n');
    const rest = rawOf(await until(slow, hasLine('after')));
    const source = await engine.sources.find(administrator, { id });
    if (source === null) throw new Error('No source.');
    const missed = await engine.logs.page(administrator, source, {
      after: encodeCursor(gap.from),
      before: encodeCursor(gap.to),
      take: { first: 10_000 },
    });
    const raw = missed.entries.map(({ record }) => record.raw);
    expect([...rawOf(events), ...raw, ...rest]).toEqual([...lines(0, 2000), 'after']);
    expect(gap.skippedBytes).toBe(Buffer.byteLength(written(raw)));
    await slow.return();
  });

  test('is ended with DISCONNECT', async () => {
    const setup = await setUp('', small);
    const slow = await setup.follow({ onLag: 'DISCONNECT' });
    await overtake(setup, slow);
    const events = await until(slow, () => false);
    expect(events.at(-1)).toEqual({ kind: 'ended', reason: 'lagged' });
  });
});

describe('a tail over several logs', () => {
  test('merges history by time, goes on live, and resumes from one cursor', async () => {
    const directory = await temporaryDirectory();
    const [a, b] = [join(directory, 'a.log'), join(directory, 'b.log')];
    const at = (second: number, text: string) => `2026-11-21T10:00:${String(second).padStart(2, '0')}Z ${text}`;
    writeFileSync(a, written([at(1, 'a1'), at(3, 'a3'), at(5, 'a5')]));
    writeFileSync(b, written([at(2, 'b2'), at(4, 'b4')]));
    const sources = [
      { path: a, name: 'a', format: 'TEXT' as const },
      { path: b, name: 'b', format: 'TEXT' as const },
    ];
    const engine = await startEngine({ dataDir: join(directory, 'data'), sources });
    const sourceIds = [await sourceId(engine, 'a'), await sourceId(engine, 'b')];
    const follow = (options: { after?: string; last?: number; maxBatch?: number }) =>
      engine.logs.follow(administrator, { sourceIds, ...options, delivery: { ...delivery, ...options } });
    const whole = [at(1, 'a1'), at(2, 'b2'), at(3, 'a3'), at(4, 'b4'), at(5, 'a5')];

    const first = await follow({ last: 10, maxBatch: 1 });
    const events = await until(first, caughtUp);
    expect(rawOf(events)).toEqual(whole);
    appendFileSync(b, written([at(6, 'b6')]));
    expect(rawOf(await until(first, hasLine(at(6, 'b6'))))).toEqual([at(6, 'b6')]);
    await first.return();

    for (const [index, event] of events.slice(0, -1).entries()) {
      const tail = await follow({ after: cursorOf(event) });
      const rest = rawOf(await until(tail, caughtUp));
      expect(rest).toEqual([...whole.slice(index + 1), at(6, 'b6')]);
      await tail.return();
    }

    const newest = await follow({ last: 2 });
    expect(rawOf(await until(newest, caughtUp))).toEqual([at(5, 'a5'), at(6, 'b6')]);
    await newest.return();
  });
});
