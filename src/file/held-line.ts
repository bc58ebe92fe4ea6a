import type { Encoding } from './encoding.ts';
import { isBlank } from './stretch.ts';

/** Bytes of memory kept from one line to the next. */
const spareBytes = 64 * 1024;

const nul = 0;

/**
 * What is kept of a line while its end has not come: up to `limit` bytes, without the NULs that it begins with, however
 * small or many the portions are.
 */
export class HeldLine {
  readonly #limit: number;
  #buffer = Buffer.alloc(0);
  #kept = 0;
  /** Bytes of the line so far, kept or not; add to it what is not to be kept. */
  length = 0;
  /** NULs that it begins with. */
  #skipped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The bytes that are kept; valid until the next call of `add`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#kept);
  }

  /** Whether `bytes` is all there is of the line, but for the NULs. */
  get isWhole(): boolean {
    return this.#skipped + this.#kept === this.length;
  }

  add(bytes: Buffer, encoding: Encoding): void {
    this.length += bytes.length;
    const start = this.#kept === 0 ? textStart(bytes, 0, bytes.length, encoding) : 0;
    this.#skipped += start;
    const some = bytes.subarray(start, start + this.#limit - this.#kept);
    const kept = this.#kept + some.length;
    if (kept > this.#buffer.length) {
      const size = Math.min(this.#limit, Math.max(kept, 2 * this.#buffer.length));
      const larger = Buffer.allocUnsafe(size);
      this.#buffer.copy(larger, 0, 0, this.#kept);
      this.#buffer = larger;
    }
    some.copy(this.#buffer, this.#kept);
    this.#kept = kept;
  }

  clear(): void {
    if (this.#buffer.length > spareBytes) this.#buffer = Buffer.alloc(0);
    this.#kept = 0;
    this.#skipped = 0;
    this.length = 0;
  }
}

/** Index after the NULs that `bytes[start, end)` begins with. */
export function textStart(bytes: Buffer, start: number, end: number, encoding: Encoding): number {
  if (bytes[start] !== nul && encoding.unit === 1) return start;
  if (isBlank(bytes.subarray(start, end))) return end;
  let at = start;
  while (encoding.isAt(bytes, at, nul)) at += encoding.unit;
  return at;
}
