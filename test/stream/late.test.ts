import { appendFileSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import type { Tail } from '../../src/stream.ts';
import type { TailEvent } from '../../src/tail-event.ts';
import { administrator, sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';
import { caughtUp, cursorOf, delivery, hasLine, type LogSetup, rawOf, setUp, until } from '../support/one-log.ts';

/** Leaves a tail that has just come to the new file of a rotated log, with the cursor of its last event. */
async function leaveAfterRotation({ path, follow }: LogSetup): Promise<string> {
  const tail = await follow({ last: 1 });
  await until(tail, caughtUp);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'new 1\n');
  const events = await until(tail, hasLine('new 1'));
  await tail.return();
  return cursorOf(events.at(-1));
}

const linesOf = async (tail: Tail, last: string) => {
  const events = await until(tail, hasLine(last));
  await tail.return();
  return rawOf(events);
};

test('what is written late to the old file while nobody reads comes to whoever comes back, once', async () => {
  const log = await setUp('old\n');
  const after = await leaveAfterRotation(log);
  appendFileSync(`${log.path}.1`, 'late 1\nlate 2\n');
  appendFileSync(log.path, 'new 2\n');
  const tail = await log.follow({ after, maxBatch: 1 });
  const events = await until(tail, caughtUp);
  expect(rawOf(events)).toEqual(['late 1', 'late 2', 'new 2']);
  // Also from any of these events; and what comes late by then.
  appendFileSync(`${log.path}.1`, 'late 3\n');
  appendFileSync(log.path, 'new 3\n');
  for (const [index, event] of events.entries()) {
    const again = await log.follow({ after: cursorOf(event) });
    const rest = ['late 1', 'late 2', 'new 2'].slice(rawOf(events.slice(0, index + 1)).length);
    const expected = [...rest.filter((line) => line.startsWith('late')), 'late 3'];
    const lines = await linesOf(again, 'new 3');
    expect(lines).toEqual([...expected, ...rest.filter((line) => line.startsWith('new')), 'new 3']);
  }
  expect(rawOf(await until(tail, (some) => rawOf(some).length === 2)).sort()).toEqual(['late 3', 'new 3']);
});

test('and after a restart, also what comes late once they are back', async () => {
  const log = await setUp('old\n');
  const after = await leaveAfterRotation(log);
  appendFileSync(`${log.path}.1`, 'late 1\n');
  await log.engine.close();
  const engine = await startEngine(log.engine.config);
  const tail = await engine.logs.follow(administrator, { sourceIds: [log.id], after, delivery });
  expect(rawOf(await until(tail, caughtUp))).toEqual(['late 1']);
  appendFileSync(`${log.path}.1`, 'late 2\n');
  expect(rawOf(await until(tail, hasLine('late 2')))).toEqual(['late 2']);
  appendFileSync(`${log.path}.1`, 'late 3\n');
  appendFileSync(log.path, 'new 2\n');
  const events = await until(tail, (some) => rawOf(some).length === 2);
  const again = await engine.logs.follow(administrator, {
    sourceIds: [log.id],
    after: cursorOf(events.at(-1)),
    delivery,
  });
  expect(rawOf(await until(again, caughtUp))).toEqual([]);
});

test('it comes to whoever began in the new file, too', async () => {
  const log = await setUp('old\n');
  renameSync(log.path, `${log.path}.1`);
  writeFileSync(log.path, 'new 1\n');
  for (const options of [{}, { last: 1 }]) {
    const tail = await log.follow(options);
    const events: TailEvent[] = await until(tail, caughtUp);
    await tail.return();
    const late = `late ${JSON.stringify(options)}`;
    appendFileSync(`${log.path}.1`, `${late}\n`);
    const back = await log.follow({ after: cursorOf(events.at(-1)) });
    expect(rawOf(await until(back, caughtUp))).toEqual([late]);
    await back.return();
  }
});

test('it comes to whoever began with a page of the new file', async () => {
  const log = await setUp('old\n');
  renameSync(log.path, `${log.path}.1`);
  writeFileSync(log.path, 'new 1\nnew 2\n');
  const { source } = await log.engine.sources.log(administrator, log.id);
  const page = await log.engine.logs.page(administrator, source, { take: { last: 1 } });
  appendFileSync(`${log.path}.1`, 'late\n');
  const tail = await log.follow({ after: encodeCursor([[log.id, page.end]]) });
  expect(rawOf(await until(tail, caughtUp))).toEqual(['late']);
  await tail.return();
});

test('a record that was rotated in its middle is none that was written late', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'php.log');
  const at = (second: number) => `[21-Nov-2026 10:50:${second} UTC] PHP`;
  writeFileSync(`${path}.1`, `${at(10)} Notice:  old\n${at(20)} Fatal error:  no\nStack trace:\n`);
  writeFileSync(path, `#0 {main}\n${at(30)} Notice:  new\n${at(40)} Notice:  may go on\n`);
  const engine = await startEngine({
    dataDir: join(directory, 'data'),
    sources: [{ path, name: 'php', format: 'PHP_FPM' }],
  });
  const id = await sourceId(engine, 'php');
  const read = async (start: { last: number } | { after: string }) => {
    const request = { sourceIds: [id], ...start, delivery: { ...delivery, maxBatch: 1 } };
    const tail = await engine.logs.follow(administrator, request);
    const events = await until(tail, caughtUp);
    await tail.return();
    return events.filter(({ kind }) => kind === 'batch');
  };
  const events = await read({ last: 10 });
  const lines = rawOf(events);
  expect(lines).toContain(`${at(20)} Fatal error:  no\nStack trace:\n#0 {main}`);
  for (const [index, event] of events.entries()) {
    expect(rawOf(await read({ after: cursorOf(event) }))).toEqual(lines.slice(index + 1));
  }
});

test('it can be read backwards, from the newest to what was written late first', async () => {
  const log = await setUp('old\n');
  const after = await leaveAfterRotation(log);
  appendFileSync(`${log.path}.1`, 'late 1\nlate 2\nlate 3\n');
  appendFileSync(log.path, 'new 2\nnew 3\n');
  const { source } = await log.engine.sources.log(administrator, log.id);
  for (const last of [1, 2, 3, 4, 5]) {
    const pages: string[][] = [];
    let before: string | undefined;
    for (let more = true; more; ) {
      const page = await log.engine.logs.page(administrator, source, { after, before, take: { last } });
      pages.unshift(page.entries.map(({ record }) => record.raw));
      before = encodeCursor([[log.id, page.start]]);
      more = page.hasPrevious;
    }
    expect(pages.flat()).toEqual(['late 1', 'late 2', 'late 3', 'new 2', 'new 3']);
    expect(pages).toHaveLength(Math.ceil(5 / last));
  }
});

test('a reader that skips is told of it, and it can be fetched with the rest', async () => {
  const log = await setUp('old\n', { liveWindowEntries: 2 });
  const tail = await log.follow();
  await until(tail, caughtUp);
  const other = await log.follow({ onLag: 'PAUSE' });
  renameSync(log.path, `${log.path}.1`);
  writeFileSync(log.path, 'new 1\n');
  await until(tail, hasLine('new 1'));
  appendFileSync(`${log.path}.1`, 'late\n');
  await until(other, hasLine('late'));
  appendFileSync(log.path, 'new 2\nnew 3\n');
  await until(other, hasLine('new 3'));
  const gap = (await until(tail, (some) => some.some(({ kind }) => kind === 'gap'))).at(-1);
  if (gap?.kind !== 'gap') throw new Error('There is no gap.');
  expect(gap.skippedBytes).toBe('late\nnew 2\nnew 3\n'.length);
  const { source } = await log.engine.sources.log(administrator, log.id);
  const [after, before] = [encodeCursor(gap.from), encodeCursor(gap.to)];
  const { entries } = await log.engine.logs.page(administrator, source, { after, before, take: { first: 10 } });
  expect(entries.map(({ record }) => record.raw)).toEqual(['late', 'new 2', 'new 3']);
  await Promise.all([tail.return(), other.return()]);
});

test('it is found where the old file was compressed meanwhile', async () => {
  const log = await setUp('old\n');
  const after = await leaveAfterRotation(log);
  appendFileSync(`${log.path}.1`, 'late\n');
  writeFileSync(`${log.path}.1.gz`, gzipSync(readFileSync(`${log.path}.1`)));
  rmSync(`${log.path}.1`);
  const tail = await log.follow({ after });
  expect(rawOf(await until(tail, caughtUp))).toEqual(['late']);
  await tail.return();
});

test('where the old file is gone, the tail goes on in the new one', async () => {
  const log = await setUp('old\n');
  const after = await leaveAfterRotation(log);
  rmSync(`${log.path}.1`);
  const tail = await log.follow({ after });
  appendFileSync(log.path, 'new 2\n');
  expect(await linesOf(tail, 'new 2')).toEqual(['new 2']);
});

test('where it is gone, an older one that looks like it is not taken for it', async () => {
  const log = await setUp('same\n'.repeat(100));
  writeFileSync(`${log.path}.2`, 'same\n'.repeat(150));
  utimesSync(`${log.path}.2`, 1, 1);
  const after = await leaveAfterRotation(log);
  rmSync(`${log.path}.1`);
  appendFileSync(log.path, 'new 2\n');
  expect(await linesOf(await log.follow({ after }), 'new 2')).toEqual(['new 2']);
});

/** Reads page by page, as who polls; gives the lines, and the cursor to go on from. */
async function poll(
  { engine, id }: Pick<LogSetup, 'engine' | 'id'>,
  after: string,
  first: number,
  kind: 'one' | 'merged',
) {
  const lines: string[] = [];
  for (let cursor = after; ; ) {
    const request = { after: cursor, take: { first } };
    if (kind === 'one') {
      const { source } = await engine.sources.log(administrator, id);
      const page = await engine.logs.page(administrator, source, request);
      lines.push(...page.entries.map(({ record }) => record.raw));
      cursor = encodeCursor([[id, page.end]]);
      if (!page.hasNext) return { lines, cursor };
    } else {
      const page = await engine.logs.mergedPage(administrator, [id], request);
      lines.push(...page.entries.map(({ entry }) => entry.record.raw));
      const last = page.entries.at(-1);
      // Also from the last edge, as long as it is there.
      cursor = encodeCursor(last === undefined ? page.end : last.positions);
      if (!page.hasNext) return { lines, cursor: encodeCursor(page.end) };
    }
  }
}

const step = fc.constantFrom('write', 'write late', 'write late', 'leave', 'read', 'poll', 'poll', 'rotate', 'restart');

test('whenever a reader leaves and comes back, each line comes once, and those of a file in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25, size: 'max' }), async (steps) => {
      const log = await setUp('0.0\n');
      let { engine } = log;
      let cursor: string | undefined;
      let tail: Tail | null = null;
      const [written, read]: [string[], string[]] = [['0.0'], []];
      const counts = [1];
      const write = (file: number) => {
        if (counts[file] === undefined) return;
        const line = `${file}.${counts[file]++}`;
        written.push(line);
        appendFileSync(file === counts.length - 1 ? log.path : `${log.path}.1`, `${line}\n`);
      };
      const readAll = async () => {
        const start = cursor === undefined ? { last: 10 } : { after: cursor };
        tail ??= await engine.logs.follow(administrator, { sourceIds: [log.id], ...start, delivery });
        const isDone = (some: TailEvent[]) => read.length + rawOf(some).length >= written.length;
        const events = isDone([]) ? [] : await until(tail, isDone);
        read.push(...rawOf(events));
        for (const event of events) if ('positions' in event) cursor = cursorOf(event);
      };
      const leave = async () => {
        await tail?.return();
        tail = null;
      };
      let polls = 0;
      const readPages = async () => {
        await leave();
        const size = [1, 2, 100][polls % 3] ?? 1;
        const page = await poll({ engine, id: log.id }, cursor ?? '', size, polls++ % 2 === 0 ? 'one' : 'merged');
        read.push(...page.lines);
        cursor = page.cursor;
      };
      await readAll();
      for (const one of steps) {
        if (one === 'write') write(counts.length - 1);
        else if (one === 'write late') write(counts.length - 2);
        else if (one === 'read') await readAll();
        else if (one === 'leave') await leave();
        else if (one === 'poll') await readPages();
        else if (one === 'restart') {
          await leave();
          await engine.close();
          engine = await startEngine(log.engine.config);
        } else {
          for (let number = counts.length - 1; number >= 1; number--) {
            renameSync(`${log.path}.${number}`, `${log.path}.${number + 1}`);
          }
          renameSync(log.path, `${log.path}.1`);
          counts.push(0);
          write(counts.length - 1);
        }
      }
      await readAll();
      await leave();
      await engine.close();
      expect([...read].sort()).toEqual([...written].sort());
      for (const file of counts.keys()) {
        const ofFile = (lines: string[]) => lines.filter((line) => line.startsWith(`${file}.`));
        expect(ofFile(read)).toEqual(ofFile(written));
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);
