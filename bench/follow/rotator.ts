// Rotates files as logrotate does, from a process of its own while they are written to, each as soon as it has a size.
// Arguments: way, bytes, files. Answers any message with the number of rotations so far.
import { closeSync, copyFileSync, existsSync, openSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import type { Rotation } from './stress.ts';

/** Rotated files that are kept where older ones are deleted. */
const kept = 3;

/** Time (ms) between two looks at the sizes: about five lines. */
const lookMs = 2;

const rotations: Record<Rotation, (path: string) => void> = {
  /** dateext with a time: every file is renamed once, and none is deleted. */
  rename(path) {
    const [day = '', time = ''] = new Date().toISOString().split('T');
    renameSync(path, `${path}-${day.replaceAll('-', '')}-${time.replace(/\D/g, '')}`);
    create(path);
  },
  /** Numbered: all are renamed each time, and the oldest is deleted. */
  delete(path) {
    shift(path);
    renameSync(path, `${path}.1`);
    create(path);
  },
  copytruncate(path) {
    shift(path);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  },
};

function shift(path: string): void {
  rmSync(`${path}.${kept}`, { force: true });
  for (let number = kept; number > 1; number--) {
    if (existsSync(`${path}.${number - 1}`)) renameSync(`${path}.${number - 1}`, `${path}.${number}`);
  }
}

const create = (path: string) => closeSync(openSync(path, 'wx'));

const [way = '', bytes = '', ...paths] = process.argv.slice(2);
const rotate = Object.entries(rotations).find(([name]) => name === way)?.[1];
if (rotate === undefined) throw new Error(`There is no way of rotating "${way}".`);

let count = 0;
setInterval(() => {
  for (const path of paths) {
    if (statSync(path).size < Number(bytes)) continue;
    rotate(path);
    count++;
  }
}, lookMs);
process.on('message', () => process.send?.(count));
process.on('disconnect', () => process.exit());
