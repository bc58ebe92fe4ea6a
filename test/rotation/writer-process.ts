// A daemon that logs: numbered lines to a file it keeps open, and opens again on SIGHUP; then it touches another file,
// for those who must wait for that. Ends with its standard input, and tells how many lines it has written.
// Arguments: file to write, file to touch.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { lineOf } from './line.ts';

const [path = '', reopened = ''] = process.argv.slice(2);
let handle = openSync(path, 'a');
let count = 0;

const timer = setInterval(() => {
  for (let i = 0; i < 10; i++) writeSync(handle, `${lineOf(basename(path), count++)}\n`);
}, 5);

process.on('SIGHUP', () => {
  closeSync(handle);
  handle = openSync(path, 'a');
  writeFileSync(reopened, '');
});

process.stdin.resume().once('end', () => {
  clearInterval(timer);
  closeSync(handle);
  process.stdout.write(`${count}\n`);
});
