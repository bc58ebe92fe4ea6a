import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Size of the file after which it is rotated, and how many old ones are kept: at most 96 MiB together. */
const rotateBytes = 16 * 1024 * 1024;
const keep = 5;

/** A file of lines that cannot outgrow the disk: `path`, then `path.1` and so on, the higher the older. */
export class LogFile {
  readonly #path: string;
  #descriptor: number;
  #bytes: number;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#descriptor = openSync(path, 'a', 0o640);
    this.#bytes = statSync(path).size;
  }

  /** Appends one line, its line end included; it is with the operating system when this returns. */
  write(line: string): void {
    if (this.#bytes >= rotateBytes) this.#rotate();
    this.#bytes += writeSync(this.#descriptor, line);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    rmSync(`${this.#path}.${keep}`, { force: true });
    for (let age = keep - 1; age >= 0; age--) {
      const from = age === 0 ? this.#path : `${this.#path}.${age}`;
      if (statSync(from, { throwIfNoEntry: false })) renameSync(from, `${this.#path}.${age + 1}`);
    }
    this.#descriptor = openSync(this.#path, 'a', 0o640);
    this.#bytes = 0;
  }
}
