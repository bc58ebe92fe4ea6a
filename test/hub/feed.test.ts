import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Window } from '../../src/hub/window.ts';
import type { Tail } from '../../src/stream.ts';
import { administrator, sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';

const openFiles = () => readdirSync('/proc/self/fd').length;

test('a log is followed once for all its readers, and by nobody when nobody reads', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'app.log');
  writeFileSync(path, 'first\n');
  const opened: string[] = [];
  const closed: string[] = [];
  const engine = await startEngine(
    { dataDir: join(directory, 'data'), sources: [{ path, name: 'app', format: 'TEXT' }] },
    { fileOpened: (event) => opened.push(event.path), fileClosed: (event) => closed.push(event.path) },
  );
  const id = await sourceId(engine, 'app');
  // The first watch takes a descriptor that Node keeps for all others, so only later rounds are compared.
  const files: number[] = [];
  const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' as const };
  const follow = () => engine.logs.follow(administrator, { sourceIds: [id], last: 1, delivery });

  for (let round = 0; round < 3; round++) {
    const tails = await Promise.all(Array.from({ length: 20 }, follow));
    appendFileSync(path, `round ${round}\n`);
    await Promise.all(tails.map((tail) => untilLine(tail, `round ${round}`)));
    expect(opened.length - closed.length).toBe(1);
    await Promise.all(tails.map((tail) => tail.return()));
    await vi.waitFor(() => expect(closed.length).toBe(opened.length));
    await vi.waitFor(() => expect(openFiles()).toBeLessThanOrEqual(files[0] ?? Number.POSITIVE_INFINITY));
    files.push(openFiles());
  }
});

test('tails that come and go at once leave nothing behind', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'app.log');
  writeFileSync(path, 'first\n');
  const counts = { opened: 0, closed: 0 };
  const engine = await startEngine(
    { dataDir: join(directory, 'data'), sources: [{ path, name: 'app', format: 'TEXT' }] },
    { fileOpened: () => counts.opened++, fileClosed: () => counts.closed++ },
  );
  const id = await sourceId(engine, 'app');
  const before = openFiles();
  const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' as const };
  for (let i = 0; i < 200; i++) {
    const tail = await engine.logs.follow(administrator, { sourceIds: [id], last: 1, delivery });
    const next = tail.next();
    if (i % 2 === 0) await next;
    await tail.return();
    await next;
  }
  await vi.waitFor(() => expect(counts.closed).toBe(counts.opened));
  await vi.waitFor(() => expect(openFiles()).toBeLessThanOrEqual(before));
});

async function untilLine(tail: Tail, line: string): Promise<void> {
  for (;;) {
    const { value } = await tail.next();
    if (value === undefined) throw new Error('The tail ended.');
    if (value.kind === 'batch' && value.entries.some(({ record }) => record.raw === line)) return;
  }
}

test('a window keeps the newest items within its limits, and always the last one', () => {
  const window = new Window<string>({ entries: 10, bytes: 100 });
  window.push('a', 6, 10);
  window.push('b', 4, 10);
  expect([window.first, window.end, window.at(0), window.at(1)]).toEqual([0, 2, 'a', 'b']);
  expect(window.entriesFrom(1)).toBe(4);
  window.push('c', 1, 10);
  expect([window.first, window.end, window.at(0), window.at(2)]).toEqual([1, 3, undefined, 'c']);
  window.push('d', 1, 1000);
  expect([window.first, window.end, window.at(3), window.at(4)]).toEqual([3, 4, 'd', undefined]);
  expect(window.entriesFrom(4)).toBe(0);
});
