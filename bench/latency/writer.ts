// Appends lines to a file, each in a write of its own, at a steady rate. Arguments: file, round, lines per second, count.
import { closeSync, openSync, writeSync } from 'node:fs';
import { now, stampedLine } from './stamp.ts';

const [file = '', run = '', rate = '', count = ''] = process.argv.slice(2);
const intervalNs = 1e9 / Number(rate);
// A timer of Node's is good for a millisecond, which is too coarse; a loop would take a core from those measured.
const sleeper = new Int32Array(new SharedArrayBuffer(4));

const fd = openSync(file, 'a');
const start = now();
for (let number = 0; number < Number(count); number++) {
  const aheadNs = number * intervalNs - Number(now() - start);
  if (aheadNs > 0) Atomics.wait(sleeper, 0, 0, aheadNs / 1e6);
  writeSync(fd, stampedLine(run, number));
}
closeSync(fd);
process.disconnect();
