import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

// Appends each line of a file to another with a write of its own, and tells how long that took, in ms.
const [, , from = '', to = ''] = process.argv;
const lines = readFileSync(from, 'utf8')
  .split('\n')
  .slice(0, -1)
  .map((line) => `${line}\n`);
process.on('message', () => {
  const fd = openSync(to, 'w');
  const started = performance.now();
  for (const line of lines) writeSync(fd, line);
  const ms = performance.now() - started;
  closeSync(fd);
  process.send?.(ms);
});
process.send?.('ready');
