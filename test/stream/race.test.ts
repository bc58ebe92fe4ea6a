import { appendFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import type { Tail } from '../../src/stream.ts';
import type { TailEvent } from '../../src/tail-event.ts';
import { administrator, sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';

const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' as const };

async function setUp(content: string) {
  const directory = await temporaryDirectory();
  const path = join(directory, 'app.log');
  writeFileSync(path, content);
  const sources = [{ path, name: 'app', format: 'TEXT' as const }];
  const engine = await startEngine({ dataDir: join(directory, 'data'), sources, limits: { pollIntervalMs: 30 } });
  const id = await sourceId(engine, 'app');
  const follow = (start: { after?: string; last?: number } = {}) =>
    engine.logs.follow(administrator, { sourceIds: [id], ...start, delivery });
  const page = async (take: { first: number } | { last: number }) => {
    const source = await engine.sources.find(administrator, { id });
    if (source === null) throw new Error('No source.');
    return (await engine.logs.page(administrator, source, { take })).entries.map(({ record }) => record.raw);
  };
  return { engine, path, id, follow, page };
}

/** Takes events up to a line, or up to having caught up. */
async function upTo(tail: Tail, goal: string | 'caught-up'): Promise<TailEvent[]> {
  const events: TailEvent[] = [];
  for (;;) {
    const { value } = await tail.next();
    if (value === undefined) throw new Error('The tail ended.');
    events.push(value);
    if (value.kind === goal || (value.kind === 'batch' && value.entries.some(({ record }) => record.raw === goal))) {
      return events;
    }
  }
}

const rawOf = (events: TailEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'batch' ? event.entries.map(({ record }) => record.raw) : []));

const cursorOf = (event: TailEvent | undefined): string => {
  if (event === undefined || !('positions' in event)) throw new Error('No positions.');
  return encodeCursor(event.positions);
};

describe('while somebody follows a log', () => {
  test('whose file was compressed away, others still get its history and what is new', async () => {
    const { path, follow } = await setUp('one\ntwo\n');
    const first = await follow({ last: 1 });
    const cursor = cursorOf((await upTo(first, 'caught-up')).at(-1));
    writeFileSync(`${path}.1.gz`, gzipSync('one\ntwo\n'));
    rmSync(path);
    writeFileSync(path, '');
    const second = await follow({ last: 10 });
    expect(rawOf(await upTo(second, 'caught-up'))).toEqual(['one', 'two']);
    const third = await follow({ after: cursor });
    expect((await upTo(third, 'caught-up')).map(({ kind }) => kind)).toEqual(['caught-up']);
    appendFileSync(path, 'three\n');
    for (const tail of [first, second, third]) {
      expect(rawOf(await upTo(tail, 'three'))).toEqual(['three']);
      await tail.return();
    }
  });

  test('an empty file takes nothing from what stands in one that was compressed only now', async () => {
    const { path, follow } = await setUp('');
    writeFileSync(`${path}.1.gz`, gzipSync('one\ntwo\n'));
    // Clocks of file systems may be ahead.
    const soon = new Date(Date.now() + 60_000);
    utimesSync(`${path}.1.gz`, soon, soon);
    const first = await follow({ last: 10 });
    const events = await upTo(first, 'caught-up');
    expect(rawOf(events)).toEqual(['one', 'two']);
    const last = await follow({ last: 1 });
    expect(rawOf(await upTo(last, 'caught-up'))).toEqual(['two']);
    appendFileSync(path, 'three\n');
    const after = await follow({ after: cursorOf(events.at(-1)) });
    for (const tail of [first, last, after]) {
      expect(rawOf(await upTo(tail, 'three'))).toEqual(['three']);
      await tail.return();
    }
  });

  test('a rotation is told before what stands in the new file', async () => {
    const { path, follow } = await setUp('start\n');
    const tail = await follow({ last: 1 });
    await upTo(tail, 'caught-up');
    for (let round = 0; round < 40; round++) {
      renameSync(path, `${path}.1`);
      writeFileSync(path, `${round} a\n`);
      appendFileSync(path, `${round} b\n`);
      const events = await upTo(tail, `${round} b`);
      expect(rawOf(events)).toEqual([`${round} a`, `${round} b`]);
      expect(events[0]).toMatchObject({ kind: 'rotated', possibleLoss: false });
    }
    await tail.return();
  });
});

describe('a log that is just rotated', () => {
  test('is followed in its old file as long as the new one is empty', async () => {
    const { path, follow, page } = await setUp('one\n');
    const first = await follow({ last: 1 });
    const cursor = cursorOf((await upTo(first, 'caught-up')).at(-1));
    await first.return();
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    const tail = await follow({ after: cursor });
    appendFileSync(`${path}.1`, 'two\nhalf');
    expect(rawOf(await upTo(tail, 'two'))).toEqual(['two']);
    expect(await page({ last: 10 })).toEqual(['one', 'two']);
    appendFileSync(`${path}.1`, ' and half\n');
    appendFileSync(path, 'three\n');
    expect(rawOf(await upTo(tail, 'three'))).toEqual(['half and half', 'three']);
    await tail.return();
  });

  test('goes on after what another way of rotating left behind', async () => {
    const { path, follow, page } = await setUp('two\n');
    writeFileSync(`${path}.1`, 'ancient\n');
    writeFileSync(`${path}.2.gz`, gzipSync('older still\n'));
    for (const name of [`${path}.1`, `${path}.2.gz`]) utimesSync(name, 0, 0);
    const tail = await follow({ last: 10 });
    expect(rawOf(await upTo(tail, 'caught-up'))).toEqual(['older still', 'ancient', 'two']);
    renameSync(path, `${path}-20261121`);
    writeFileSync(path, 'three\n');
    expect(rawOf(await upTo(tail, 'three'))).toEqual(['three']);
    expect(await page({ first: 10 })).toEqual(['older still', 'ancient', 'two', 'three']);
    await tail.return();
  });
});

test('pages miss nothing while names shift', async () => {
  const { path, page } = await setUp('49\n');
  for (let age = 1; age < 50; age++) writeFileSync(`${path}.${age}`, `${49 - age}\n`);
  const all = Array.from({ length: 50 }, (_, number) => `${number}`);
  let state: 'shifting' | 'done' = 'shifting';
  const shift = (async () => {
    for (let round = 0; round < 15; round++) {
      for (let age = 49 + round; age >= 1 + round; age--) renameSync(`${path}.${age}`, `${path}.${age + 1}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    state = 'done';
  })();
  while (state === 'shifting') expect(await page({ first: 1000 })).toEqual(all);
  await shift;
});

test('a log that becomes readable is followed from then on, not from its beginning', async () => {
  const { path, follow } = await setUp('');
  rmSync(path);
  symlinkSync(path, path);
  const tail = await follow({ last: 10 });
  expect(rawOf(await upTo(tail, 'caught-up'))).toEqual([]);
  writeFileSync(`${path}-real`, 'written before\n');
  rmSync(path);
  symlinkSync(`${path}-real`, path);
  expect(rawOf(await upTo(tail, 'rotated'))).toEqual([]);
  appendFileSync(`${path}-real`, 'written after\n');
  expect(rawOf(await upTo(tail, 'written after'))).toEqual(['written after']);
  await tail.return();
});
