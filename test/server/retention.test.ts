import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import { openDatabase } from '../../src/db/client.ts';
import type { Engine } from '../../src/engine.ts';
import type { Source } from '../../src/source/source.ts';
import { administrator, startEngine, temporaryDirectory } from '../support/engine.ts';

const day = 24 * 3600;
const now = Math.floor(Date.now() / 1000);

/** An engine whose streams are in small files, and a person in its name the administrator of the tests acts. */
async function prepare(): Promise<{ engine: Engine; directoryOf(source: Source): string }> {
  const dataDir = join(await temporaryDirectory(), 'data');
  const engine = await startEngine({ dataDir, sources: [], limits: { streamSegmentBytes: 1000 } });
  const { client, close } = await openDatabase(engine.config.databaseUrl);
  if (administrator.kind !== 'user') throw new Error('The administrator is somebody.');
  await client.user.create({ data: { id: administrator.userId, username: 'tester', role: 'ADMIN' } });
  await close();
  return { engine, directoryOf: ({ id }) => join(dataDir, 'streams', id) };
}

const write = async (engine: Engine, { id }: Source, from: number, count: number) => {
  for (let number = from; number < from + count; number++) {
    const records = [{ message: `number ${number} ${'x'.repeat(300)}` }];
    await engine.streams.write(administrator, id, 'SYSTEM_LOG', { records, key: null, path: ['entries'] });
  }
};

const numbers = async (engine: Engine, source: Source): Promise<number[]> => {
  const { entries } = await engine.logs.page(administrator, source, { take: { first: 100 } });
  return entries.map(({ parsed }) => Number(parsed.message.split(' ')[1]));
};

test('what a stream is no longer to keep is removed a file at a time, the oldest first, and a reader is told', async () => {
  const { engine, directoryOf } = await prepare();
  const retention = { maxAgeDays: 7, maxBytes: null };
  const source = await engine.streams.create(administrator, { name: 'aged', format: 'SYSTEM_LOG', retention });
  await write(engine, source, 0, 20);
  const names = readdirSync(directoryOf(source))
    .filter((name) => name !== 'stream.jsonl')
    .sort();
  expect(names.length).toBeGreaterThan(5);
  const page = await engine.logs.page(administrator, source, { take: { first: 1 } });
  const after = encodeCursor([[source.id, page.end]]);
  for (const name of names.slice(0, 3)) utimesSync(join(directoryOf(source), name), now - 8 * day, now - 8 * day);
  await engine.streams.upkeep();
  expect(readdirSync(directoryOf(source)).sort()).toEqual([...names.slice(3), 'stream.jsonl'].sort());
  const left = await numbers(engine, source);
  expect(left).toEqual(Array.from({ length: left.length }, (_, index) => 20 - left.length + index));
  const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' as const };
  const tail = await engine.logs.follow(administrator, { sourceIds: [source.id], after, delivery });
  expect((await tail.next()).value).toMatchObject({ kind: 'gap', reason: 'RETENTION' });
  expect((await tail.next()).value).toMatchObject({ kind: 'batch' });
  await tail.return();
});

test('beyond the bytes that it may take, the oldest files go, but for the one that is written to', async () => {
  const { engine, directoryOf } = await prepare();
  const retention = { maxAgeDays: null, maxBytes: 2n ** 20n };
  const source = await engine.streams.create(administrator, { name: 'sized', format: 'SYSTEM_LOG', retention });
  await write(engine, source, 0, 6);
  await engine.streams.upkeep();
  expect(await numbers(engine, source)).toEqual([0, 1, 2, 3, 4, 5]);
  await engine.owned.update(administrator, source.id, { retention: { maxAgeDays: 1, maxBytes: null } });
  for (const name of readdirSync(directoryOf(source))) {
    utimesSync(join(directoryOf(source), name), now - 3 * day, now - 3 * day);
  }
  await engine.streams.upkeep();
  expect(readdirSync(directoryOf(source))).toEqual(['stream.jsonl']);
});

test('what was written more than a day ago is compressed, and stays in the log', async () => {
  const { engine, directoryOf } = await prepare();
  const retention = { maxAgeDays: null, maxBytes: null };
  const source = await engine.streams.create(administrator, { name: 'packed', format: 'SYSTEM_LOG', retention });
  await write(engine, source, 0, 10);
  const before = await numbers(engine, source);
  const names = readdirSync(directoryOf(source))
    .filter((name) => name !== 'stream.jsonl')
    .sort();
  const [first = '', second = ''] = names;
  for (const name of [first, second]) utimesSync(join(directoryOf(source), name), now - 2 * day, now - 2 * day);
  await engine.streams.upkeep();
  for (const name of [first, second]) {
    expect(existsSync(join(directoryOf(source), name))).toBe(false);
    expect(existsSync(join(directoryOf(source), `${name}.gz`))).toBe(true);
  }
  expect(await numbers(engine, source)).toEqual(before);
});
