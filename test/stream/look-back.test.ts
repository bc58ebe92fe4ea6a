import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ConfigInput } from '../../src/config.ts';
import { administrator, sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';
import { caughtUp, cursorOf, delivery, hasLine, rawOf, until, written } from '../support/one-log.ts';

/** Each step of a search ends after what it looks through first. */
const inSmallSteps = { searchBytesPerPage: 1 };

/** Lines of some MiB, of which every 20,000th is a needle. */
const haystack = (name: string, from: number): string[] =>
  Array.from({ length: 60_000 }, (_, index) => {
    const time = new Date(Date.UTC(2026, 10, 21) + from + index * 1000).toISOString();
    return `${time} INFO ${name} ${index} ${'.'.repeat(20)}${index % 20_000 === 0 ? ' needle' : ''}`;
  });
const needles = (...logs: string[][]) => logs.flat().filter((line) => line.endsWith(' needle'));

async function setUp(files: Record<string, string>, limits: ConfigInput['limits'] = inSmallSteps) {
  const directory = await temporaryDirectory();
  const path = (name: string) => join(directory, name);
  for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
  const names = [...new Set(Object.keys(files).map((name) => name.replace(/\.1$/, '')))];
  const engine = await startEngine({
    dataDir: path('data'),
    sources: names.map((name) => ({ name, path: path(name), format: 'TEXT' as const })),
    limits: { pollIntervalMs: 50, ...limits },
  });
  const sourceIds = await Promise.all(names.map((name) => sourceId(engine, name)));
  const follow = (last: number, filter: { contains: string } | null = { contains: 'needle' }) =>
    engine.logs.follow(administrator, { sourceIds, last, filter, delivery });
  const resume = (after: string) =>
    engine.logs.follow(administrator, { sourceIds, after, filter: { contains: 'needle' }, delivery });
  return { path, follow, resume };
}

test.each([3, 4, 100])('a tail begins with the newest %i that are wanted, however far back they are', async (last) => {
  const [old, current] = [haystack('old', 0), haystack('current', 60_000_000)];
  const { path, follow } = await setUp({ 'app.log.1': written(old), 'app.log': written(current) });
  const tail = await follow(last);
  const history = await until(tail, caughtUp);
  expect(rawOf(history)).toEqual(needles(old, current).slice(-last));
  appendFileSync(path('app.log'), 'hay\nand a needle\n');
  expect(rawOf(await until(tail, hasLine('and a needle')))).toEqual(['and a needle']);
  await tail.return();
});

test('of several logs a tail begins with the newest over all', async () => {
  const a = haystack('a', 0);
  // Its last is before those of the other, and far from its end.
  const b = haystack('b', 500).map((line, index) => (index <= 20_000 ? line : line.replace(' needle', '')));
  const { follow } = await setUp({ 'a.log': written(a), 'b.log': written(b) });
  const all = needles(a, b).sort();
  for (const last of [1, 3, 100]) {
    const tail = await follow(last);
    expect(rawOf(await until(tail, caughtUp))).toEqual(all.slice(-last));
    await tail.return();
  }
});

test('whoever is cut off while it looks back goes on from what it told last, and gets as much', async () => {
  const [a, b] = [['a needle first', 'a hay', 'a needle'], haystack('b', 0)];
  const { follow, resume } = await setUp({ 'a.log': written(a), 'b.log': written(b) });
  // So that it tells where it is after each step.
  let now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 6000;
    return now;
  });
  onTestFinished(() => clock.mockRestore());
  const tail = await follow(100);
  const told = (await until(tail, caughtUp)).filter(({ kind }) => kind === 'progress');
  await tail.return();
  clock.mockRestore();
  expect(told.length).toBeGreaterThan(1);
  for (const event of told.slice(0, 3)) {
    const again = await resume(cursorOf(event));
    const lines = rawOf(await until(again, caughtUp));
    await again.return();
    expect(lines).toEqual(expect.arrayContaining(['a needle first', 'a needle']));
  }
});

test('a tail begins with as many as were asked for, also where these are more than is read at once', async () => {
  const long = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(100_000)}`);
  const { follow } = await setUp({ 'app.log': written(long) }, {});
  const tail = await follow(80, null);
  expect(rawOf(await until(tail, caughtUp)).map((line) => line.slice(0, 3))).toEqual(
    long.slice(-80).map((line) => line.slice(0, 3)),
  );
  await tail.return();
});

test('where old files go while it looks back, it begins with what is left', async () => {
  const old = haystack('old', 0);
  const { path, follow } = await setUp({ 'app.log.1': written([...old, 'the last needle']) });
  const tail = await follow(100);
  rmSync(path('app.log.1'));
  writeFileSync(path('app.log'), 'a new needle\n');
  expect(rawOf(await until(tail, hasLine('a new needle')))).toEqual(['a new needle']);
  await tail.return();
});
