import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lineOf } from './line.ts';

/** Lines in each file. */
const rotateEvery = 200;
/** Lines written to the old file after it was renamed, and again when there is a new one: its writer has not noticed. */
const late = 5;
/** Pauses between two writes, in ms, and lines in one: 500 lines a second. */
const pauseMs = 20;
const linesAtOnce = 10;

/** A log of numbered lines, written through a handle that is kept open, and rotated every 200 lines. */
export class NumberedLog {
  readonly path: string;
  readonly name: string;
  /** Lines written. */
  count = 0;
  #handle: number;
  /** Numbers after the last line of each rotated file, newest first. */
  #ends: number[] = [];

  constructor(path: string) {
    this.path = path;
    this.name = basename(path);
    this.#handle = openSync(path, 'a');
  }

  /**
   * Writes and rotates until told to end.
   * @param kept rotated files that stay; older ones are deleted
   * @param isRead whether a file whose last line comes before this number was read and left: others are not deleted
   */
  async run(signal: AbortSignal, kept: number, isRead: (end: number) => boolean): Promise<void> {
    while (!signal.aborted) {
      if (this.count % rotateEvery !== 0 || this.count === 0) this.write(linesAtOnce);
      else if (isRead(this.#ends[kept - 1] ?? 0)) await this.#rotate(kept);
      await sleep(pauseMs);
    }
  }

  write(lines: number): void {
    for (let i = 0; i < lines; i++) writeSync(this.#handle, `${lineOf(this.name, this.count++)}\n`);
  }

  /** Writes a last line. */
  end(): void {
    this.write(1);
    closeSync(this.#handle);
  }

  /** Whoever looks may come in between any two steps. */
  async #rotate(kept: number): Promise<void> {
    rmSync(`${this.path}.${kept}`, { force: true });
    for (let age = Math.min(kept - 1, this.#ends.length); age >= 1; age--) {
      renameSync(`${this.path}.${age}`, `${this.path}.${age + 1}`);
    }
    await sleep(Math.random() * 10);
    renameSync(this.path, `${this.path}.1`);
    await sleep(Math.random() * 10);
    this.write(late);
    const renewed = openSync(this.path, 'a');
    await sleep(Math.random() * 10);
    this.write(late);
    this.#ends = [this.count, ...this.#ends].slice(0, kept);
    closeSync(this.#handle);
    this.#handle = renewed;
    this.write(linesAtOnce);
  }
}
