import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import { type Engine, openEngine } from '../../src/engine.ts';
import type { RawRecord } from '../../src/entry.ts';
import { freshDirectory } from '../support/directory.ts';
import { cells, logLines, written } from '../support/encodings.ts';
import { administrator, sourceId, strictEvents } from '../support/engine.ts';
import { readAll } from '../support/history.ts';

const runs = 3;
const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' } as const;

let directory = '';
let engine: Engine;

const nameOf = (cell: string, run: number) => `${cell} ${run}`;
const pathOf = (name: string) => join(directory, `${name.replaceAll(' ', '-')}.log`);

beforeAll(async () => {
  directory = await freshDirectory();
  const names = cells.flatMap(({ name }) => Array.from({ length: runs }, (_, run) => nameOf(name, run)));
  for (const name of names) writeFileSync(pathOf(name), '');
  const sources = names.map((name) => ({ path: pathOf(name), name, format: 'TEXT' as const }));
  engine = await openEngine(defaultConfig({ dataDir: join(directory, 'data'), sources }), strictEvents());
});

afterAll(() => engine.close());

describe.each(cells)('$name', ({ name, spelling, lineEnd }) => {
  test('has the same lines live, from the beginning and from the end', async () => {
    let run = 0;
    const portions = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 });
    const property = fc.asyncProperty(logLines, portions, async (lines, sizes) => {
      const log = nameOf(name, run++);
      const id = await sourceId(engine, log);
      const bytes = written(lines, spelling, lineEnd);
      const tail = await engine.logs.follow(administrator, { sourceIds: [id], delivery });
      const live: RawRecord[] = [];
      for (let at = 0, index = 0; at < bytes.length; index++) {
        const size = sizes[index % sizes.length] ?? 1;
        appendFileSync(pathOf(log), bytes.subarray(at, at + size));
        at += size;
        await turn();
      }
      while (live.length < lines.length) {
        const { value } = await tail.next();
        if (value?.kind === 'batch') live.push(...value.entries.map(({ record }) => record));
      }
      await tail.return();
      const forward = await readAll(engine, id, 'beginning');
      expect(forward.map(({ raw }) => raw)).toEqual(lines);
      expect(live.map(({ raw }) => raw)).toEqual(lines);
      expect(live.map(({ position }) => position)).toEqual(forward.map(({ position }) => position));
      expect(await readAll(engine, id, 'end')).toEqual(forward);
      expect(forward.reduce((sum, { position }) => sum + position.length, 0)).toBe(bytes.length);
    });
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
  });
});
