import { appendFileSync, linkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { administrator } from '../support/engine.ts';
import { caughtUp, cursorOf, hasLine, type LogSetup, lines, rawOf, setUp, until, written } from '../support/one-log.ts';

const quickly = { pollIntervalMs: 30 };

async function pageOf({ engine, id }: LogSetup): Promise<string[]> {
  const source = await engine.sources.find(administrator, { id });
  if (source === null) throw new Error('No source.');
  return (await engine.logs.page(administrator, source, { take: { first: 100 } })).entries.map((one) => one.record.raw);
}

describe.each([
  ['a link', linkSync],
  ['a symbolic link', symlinkSync],
])('a log whose name is %s to the dated file that is written to', (_, link) => {
  test('has each of its entries once', async () => {
    const log = await setUp(null, quickly);
    const day = (date: number) => `${log.path}.2026-11-${date}`;
    writeFileSync(day(25), 'a\n');
    writeFileSync(day(26), 'b\n');
    link(day(26), log.path);
    expect(await pageOf(log)).toEqual(['a', 'b']);
    const tail = await log.follow({ last: 10 });
    const events = await until(tail, caughtUp);
    appendFileSync(day(26), 'c\n');
    writeFileSync(day(27), 'd\n');
    expect(await pageOf(log)).toEqual(['a', 'b', 'c', 'd']);
    rmSync(log.path);
    link(day(27), log.path);
    events.push(...(await until(tail, hasLine('d'))));
    expect(rawOf(events)).toEqual(['a', 'b', 'c', 'd']);
    const after = await log.follow({ after: cursorOf(events[0]) });
    expect(rawOf(await until(after, caughtUp))).toEqual(['c', 'd']);
    await Promise.all([tail.return(), after.return()]);
  });
});

describe('a file that was left, and that the name leads to again', () => {
  test('because it was renamed back, is read on from where it was left', async () => {
    const { path, follow } = await setUp(written(lines(0, 3)), quickly);
    const tail = await follow({ last: 1 });
    await until(tail, caughtUp);
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'between\n');
    await until(tail, hasLine('between'));
    renameSync(`${path}.1`, path);
    const events = [];
    for (const line of lines(3, 6)) {
      appendFileSync(path, written([line]));
      events.push(...(await until(tail, hasLine(line))));
    }
    expect(rawOf(events)).toEqual(lines(3, 6));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'rotated', possibleLoss: true }));
    await tail.return();
  });

  test('because a link was set back to it, is read on from where it was left', async () => {
    const { path, follow } = await setUp(null, quickly);
    const files = ['blue', 'green'].map((name) => `${path}-${name}`);
    for (const file of files) writeFileSync(file, `${file}\n`);
    const [blue = '', green = ''] = files;
    symlinkSync(blue, path);
    const tail = await follow({ last: 1 });
    const events = await until(tail, caughtUp);
    for (const [round, file] of [green, blue, green, blue].entries()) {
      symlinkSync(file, `${path}-next`);
      renameSync(`${path}-next`, path);
      appendFileSync(file, `round ${round}\n`);
      events.push(...(await until(tail, hasLine(`round ${round}`))));
    }
    expect(rawOf(events)).toEqual([blue, green, ...[0, 1, 2, 3].map((round) => `round ${round}`)]);
    await tail.return();
  });
});
