import { appendFileSync, linkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { administrator } from '../support/engine.ts';
import { caughtUp, cursorOf, hasLine, type LogSetup, rawOf, setUp, until } from '../support/one-log.ts';

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
