// Appends lines to the files in turns, at a steady rate, each in a write of its own. Like Python's WatchedFileHandler it
// looks before each write whether the name still leads to the open file: so a line may land in a file that was just
// renamed away. Arguments: lines per second and file, files. A message says what to write; the answer, what was written.
import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { now, stampedLine } from '../latency/stamp.ts';
import { roundOf } from './line.ts';
import type { Writing, Written } from './stress.ts';

const [rate = '', ...paths] = process.argv.slice(2);
const files = paths.map((path) => ({ path, name: basename(path, '.log'), ...open(path) }));
const intervalNs = 1e9 / (Number(rate) * files.length);
// A timer of Node's is good for a millisecond, which is too coarse; a loop would take a core from those measured.
const sleeper = new Int32Array(new SharedArrayBuffer(4));

process.on('message', ({ stretch, count }: Writing) => {
  const written: Written = { bytes: 0, seconds: 0 };
  const start = now();
  for (let line = 0; line < count * files.length; line++) {
    const aheadNs = line * intervalNs - Number(now() - start);
    if (aheadNs > 0) Atomics.wait(sleeper, 0, 0, aheadNs / 1e6);
    const file = files[line % files.length];
    if (file === undefined) continue;
    const inode = statSync(file.path, { throwIfNoEntry: false })?.ino;
    if (inode !== undefined && inode !== file.inode) {
      closeSync(file.fd);
      Object.assign(file, open(file.path));
    }
    written.bytes += writeSync(file.fd, stampedLine(roundOf(file.name, stretch), Math.floor(line / files.length)));
  }
  written.seconds = Number(now() - start) / 1e9;
  process.send?.(written);
});

function open(path: string): { fd: number; inode: number } {
  const fd = openSync(path, 'a');
  return { fd, inode: fstatSync(fd).ino };
}
