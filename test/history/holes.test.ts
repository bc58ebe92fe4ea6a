import { execFile } from 'node:child_process';
import { appendFileSync, closeSync, ftruncateSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import type { Engine } from '../../src/engine.ts';
import { stretchBytes } from '../../src/file/stretch.ts';
import { administrator, sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';
import { readEntries } from '../support/entries.ts';
import { readAll } from '../support/history.ts';
import { startTestServer } from '../support/server.ts';
import { follow } from '../support/tail.ts';

const mebibyte = 1024 * 1024;
const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' } as const;

async function logAt(
  path: string,
  limits: { scanBytesPerPage?: number } = {},
): Promise<{ engine: Engine; id: string }> {
  const dataDir = join(await temporaryDirectory(), 'data');
  const engine = await startEngine({ dataDir, sources: [{ path, name: 'app', format: 'TEXT' }], limits });
  return { engine, id: await sourceId(engine, 'app') };
}

/** The lines of a tail of what is new, once `write` was called. */
async function live(engine: Engine, id: string, count: number, write: () => void): Promise<string[]> {
  const tail = await engine.logs.follow(administrator, { sourceIds: [id], delivery });
  const lines: string[] = [];
  for (let written = false; lines.length < count; ) {
    const { value } = await tail.next();
    if (value?.kind === 'batch') lines.push(...value.entries.map(({ record }) => record.raw));
    if (!written) write();
    written = true;
  }
  await tail.return();
  return lines;
}

/** What a file is made of: some lines, and then one that is long or has a hole, and goes on with the next part. */
interface Part {
  lines: number;
  filling: 'x' | 'nothing';
  mebibytes: number;
}

const part: fc.Arbitrary<Part> = fc.record({
  lines: fc.integer({ min: 0, max: 4 }),
  filling: fc.constantFrom('x', 'nothing'),
  mebibytes: fc.constantFrom(0, 1, 15, 16, 17, 33),
});

/** Writes them; holes are not written. Returns the ordinary lines. */
function write(path: string, parts: Part[]): string[] {
  writeFileSync(path, '');
  const file = openSync(path, 'r+');
  const all: string[] = [];
  let size = 0;
  for (const { lines, filling, mebibytes } of parts) {
    const some = Array.from({ length: lines }, (_, index) => `line ${all.length + index}`);
    all.push(...some);
    if (lines > 0) size += writeSync(file, `\n${some.map((line) => `${line}\n`).join('')}`, size);
    if (filling === 'x') writeSync(file, Buffer.alloc(mebibytes * mebibyte, 'x'), 0, null, size);
    size += mebibytes * mebibyte;
    ftruncateSync(file, size);
  }
  closeSync(file);
  return all;
}

describe('long lines and holes', () => {
  test('are the same from either side, and the lines around them whole', { timeout: 120_000 }, async () => {
    const path = join(await temporaryDirectory(), 'app.log');
    writeFileSync(path, '');
    const { engine, id } = await logAt(path, { scanBytesPerPage: mebibyte });
    const property = fc.asyncProperty(fc.array(part, { minLength: 2, maxLength: 5 }), async (parts) => {
      const lines = write(path, parts);
      const forward = await readAll(engine, id, 'beginning');
      expect(await readAll(engine, id, 'end')).toEqual(forward);
      expect(forward.filter(({ raw }) => raw.startsWith('line')).map(({ raw }) => raw)).toEqual(lines);
    });
    await fc.assert(property, { numRuns: 15 });
  });

  test('that are not over yet end a page unfinished, at a place from which one can go on', async () => {
    const path = join(await temporaryDirectory(), 'lastlog');
    writeFileSync(path, '');
    // Reading it all would take minutes.
    truncateSync(path, 2 ** 40);
    const { engine, id } = await logAt(path);
    const source = await engine.sources.find(administrator, { id });
    if (source === null) throw new Error('There is no source.');
    const last = await engine.logs.page(administrator, source, { take: { last: 10 } });
    expect(last).toMatchObject({ entries: [], hasPrevious: true, scan: { complete: false } });
    const { scanBytesPerPage } = engine.config.limits;
    expect(last.scan.scannedBytes).toBeLessThanOrEqual(scanBytesPerPage + 2 * stretchBytes);
    const before = encodeCursor([[id, last.start]]);
    const next = await engine.logs.page(administrator, source, { before, take: { last: 10 } });
    expect(next.start.offset).toBeLessThan(last.start.offset);
    const first = await engine.logs.page(administrator, source, { take: { first: 10 } });
    expect(first).toMatchObject({ entries: [], hasNext: true, scan: { complete: false } });
    expect(first.end.offset).toBeGreaterThanOrEqual(scanBytesPerPage);
    expect(await live(engine, id, 2, () => appendFileSync(path, 'new\nnewer\n'))).toEqual(['new', 'newer']);
  });

  test('that end after a tail has begun do not keep the next lines from it', async () => {
    const path = join(await temporaryDirectory(), 'app.log');
    writeFileSync(path, Buffer.alloc(2 * stretchBytes + 10, 'x'));
    const { engine, id } = await logAt(path);
    expect(await live(engine, id, 2, () => appendFileSync(path, 'x\nnew\nnewer\n'))).toEqual(['new', 'newer']);
  });

  test.each(['line', 'hole'])('cost little memory: a %s of 1 GiB', { timeout: 120_000 }, async (what) => {
    const directory = await temporaryDirectory();
    const program = fileURLToPath(new URL('./memory-process.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      program,
      directory,
      what,
      '1024',
    ]);
    const { growth, last, forward, backward } = JSON.parse(stdout);
    const expected = what === 'line' ? ['xxxxxxxxxx', 'next'] : ['next', 'last'];
    expect({ last, forward, backward }).toEqual({ last: expected[1], forward: expected, backward: expected });
    expect(growth).toBeLessThan(32 * mebibyte);
  });
});

test('NULs inside a line reach clients as they are', async () => {
  const server = await startTestServer({ files: { 'app.log': '\0\0a\0b\n' } });
  const { nodes } = await readEntries(server, 'app.log');
  expect(nodes.map(({ raw }) => raw)).toEqual(['a\0b']);
  const socket = await server.socket();
  const tail = await follow(socket, await server.sourceId('app.log'));
  await server.append('app.log', 'c\0\0d\n');
  expect(await tail.lines(1)).toEqual(['c\0\0d']);
});
