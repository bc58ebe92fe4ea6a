import { ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { defaultConfig } from '../../src/config.ts';
import { openEngine } from '../../src/engine.ts';
import { administrator, sourceId, strictEvents } from '../support/engine.ts';
import { readAll } from '../support/history.ts';

// Follows and reads a log in which a line of so many MiB is written, or that goes on after a hole as large. Tells by how
// many bytes memory grew at most, and the last line as it was read live, forwards and backwards.
const [, , directory = '', what, mebibytes] = process.argv;
const mebibyte = 1024 * 1024;
const path = join(directory, 'app.log');
const line = `${'an ordinary line '.repeat(8)}\n`;

writeFileSync(path, '');
const config = { dataDir: join(directory, 'data'), sources: [{ path, name: 'app', format: 'TEXT' as const }] };
const engine = await openEngine(defaultConfig(config), strictEvents());
const id = await sourceId(engine, 'app');
const delivery = { maxBatch: 100, maxLatencyMs: 0, onLag: 'PAUSE' } as const;
const tail = await engine.logs.follow(administrator, { sourceIds: [id], delivery });

let most = 0;
const look = () => {
  most = Math.max(most, process.memoryUsage.rss());
};

async function live(last: string): Promise<string> {
  for (;;) {
    const { value } = await tail.next();
    look();
    if (value === undefined) throw new Error('The tail ended.');
    const raw = value.kind === 'batch' ? (value.entries.at(-1)?.record.raw ?? '') : '';
    if (raw === last) return raw;
  }
}

async function read(from: 'beginning' | 'end'): Promise<string[]> {
  const records = await readAll(engine, id, from, 100);
  look();
  return records.slice(-2).map(({ raw }) => raw.slice(0, 10));
}

const file = openSync(path, 'r+');
let written = 0;
async function write(bytes: Buffer): Promise<void> {
  written += writeSync(file, bytes, 0, bytes.length, written);
  await turn();
  look();
}

for (let i = 0; i < 20; i++) await write(Buffer.from(line.repeat(500)));
await write(Buffer.from('warm\n'));
await live('warm');
for (let i = 0; i < 3; i++) await read(i % 2 === 0 ? 'beginning' : 'end');
const least = process.memoryUsage.rss();
most = least;
const sampling = setInterval(look, 1);

const began = performance.now();
if (what === 'line') {
  const portion = Buffer.alloc(mebibyte, 'x');
  for (let i = 0; i < Number(mebibytes); i++) await write(portion);
  await write(Buffer.from('\nnext\n'));
} else {
  ftruncateSync(file, 0);
  written = Number(mebibytes) * mebibyte;
  await write(Buffer.from('next\nlast\n'));
}
const last = await live(what === 'line' ? 'next' : 'last');
const liveAt = performance.now();
const forward = await read('beginning');
const forwardAt = performance.now();
const backward = await read('end');
const ms = [liveAt - began, forwardAt - liveAt, performance.now() - forwardAt].map(Math.round);
clearInterval(sampling);
await tail.return();
await engine.close();
process.stdout.write(JSON.stringify({ growth: most - least, last, forward, backward, ms }));
