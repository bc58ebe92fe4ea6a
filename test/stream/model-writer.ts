import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** Clocks of file systems go in steps of 4 ms: what is made in the same step is not told apart by its age. */
const clockStepMs = 8;

/** Rotated files that are kept. */
const kept = 60;

/** What stands behind the numbers of lines; some of it is no UTF-8. */
const rests = ['', ' it is', ' \xe9\xe8\xea\xff', '', ' \xe9t\xe9 \xe0 nouveau', ' and a longer text that is alike'];

/** A log as its writer and logrotate see it. Its lines begin with their number, and end with a semicolon. */
export class ModelWriter {
  readonly path: string;
  /** Lines that were written. */
  count = 0;
  /** Lines that are in no file any more, and the first line of the file in which they were. */
  readonly destroyed = new Map<number, { firstOfFile: number }>();
  /** Lines that were copied before their file was emptied. */
  readonly copied = new Set<number>();
  /** Lines that may never come. */
  get uncertain(): number {
    return new Set([...this.destroyed.keys(), ...this.copied]).size;
  }

  /** The first line of the file that is written to. */
  #firstOfCurrent = 0;
  /** The first and last line of each rotated file, newest first. */
  #rotated: { first: number; end: number }[] = [];
  #begun = '';

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, '');
  }

  write(lines: number): void {
    const numbers = Array.from({ length: lines }, () => this.count++);
    const text = numbers.map((number) => `${number}${rests[number % rests.length]};\n`).join('');
    appendFileSync(this.path, text.slice(this.#begun.length), 'latin1');
    this.#begun = '';
  }

  /** A part of the next line: the rest comes with the next write. */
  begin(): void {
    if (this.#begun !== '') return;
    this.#begun = `${this.count}`;
    appendFileSync(this.path, this.#begun);
  }

  async rotate(): Promise<void> {
    if (!existsSync(this.path)) return;
    this.#finish();
    await this.#shift();
    renameSync(this.path, `${this.path}.1`);
    this.#startNew();
  }

  async create(): Promise<void> {
    if (existsSync(this.path)) return;
    await sleep(clockStepMs);
    writeFileSync(this.path, '');
  }

  async copyAndTruncate(): Promise<void> {
    if (!existsSync(this.path)) return;
    this.#finish();
    await this.#shift();
    copyFileSync(this.path, `${this.path}.1`);
    for (let line = this.#firstOfCurrent; line < this.count; line++) this.copied.add(line);
    truncateSync(this.path);
    this.#startNew();
  }

  truncate(): void {
    if (!existsSync(this.path)) return;
    this.#destroy(this.#firstOfCurrent, this.count);
    truncateSync(this.path);
    this.#begun = '';
    this.#firstOfCurrent = this.count;
  }

  async delete(): Promise<void> {
    if (!existsSync(this.path)) return;
    this.#destroy(this.#firstOfCurrent, this.count);
    rmSync(this.path);
    this.#begun = '';
    this.#firstOfCurrent = this.count;
    await sleep(clockStepMs);
  }

  deleteOldest(): void {
    const oldest = this.#rotated.pop();
    if (oldest === undefined) return;
    this.#destroy(oldest.first, oldest.end);
    for (const suffix of ['', '.gz']) rmSync(this.#name(this.#rotated.length + 1, suffix), { force: true });
  }

  /** Compresses the rotated files but the newest `plain`, as gzip does: the old time, and the old file goes last. */
  compress(plain: number): void {
    for (let age = plain + 1; age <= this.#rotated.length; age++) {
      const name = this.#name(age);
      if (!existsSync(name)) continue;
      const { atime, mtime } = statSync(name);
      writeFileSync(`${name}.gz`, gzipSync(readFileSync(name)));
      utimesSync(`${name}.gz`, atime, mtime);
      rmSync(name);
    }
  }

  /** Ends the line that was begun, in the file in which it was: a line over two files is another matter. */
  #finish(): void {
    if (this.#begun !== '') this.write(1);
  }

  async #shift(): Promise<void> {
    for (let age = kept; age >= 1; age--) {
      for (const suffix of ['', '.gz']) {
        if (existsSync(this.#name(age, suffix))) renameSync(this.#name(age, suffix), this.#name(age + 1, suffix));
      }
    }
    await sleep(clockStepMs);
  }

  #startNew(): void {
    this.#rotated.unshift({ first: this.#firstOfCurrent, end: this.count });
    this.#firstOfCurrent = this.count;
  }

  #name(age: number, suffix = ''): string {
    return `${this.path}.${age}${suffix}`;
  }

  #destroy(first: number, end: number): void {
    for (let line = first; line < end; line++) this.destroyed.set(line, { firstOfFile: first });
  }
}
