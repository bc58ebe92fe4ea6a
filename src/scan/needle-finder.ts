import type { Needle } from '../filter/condition.ts';
import { needleModule } from './needle-module.ts';

/** Bytes of text looked at to tell which bytes of a needle are rare in it. */
const sampleBytes = 16_384;

/** The second rare byte is not farther from the first, which bounds the time it takes to choose it. */
const reach = 16;

/**
 * Of several needles each is looked for in a stretch before the next stretch is looked at. The first is about a line,
 * so that frequent ones cost little, and each is twice as long as the one before.
 */
const firstStretch = 256;
const longestStretch = 65_536;

/** What needle.wat may read behind the text. */
const overrun = 128;
const pageBytes = 65_536;

/** A needle as needle.wat wants it. */
interface Laid {
  address: number;
  /** Bytes, and by how each byte of the text may differ: see needle.wat. */
  text: Buffer;
  folds: Buffer;
}

/** What needle.wat exports; the types of WebAssembly say no more than that it is a function. */
interface Exports {
  find(needle: number, from: number, to: number): number;
}

const compiled = new WebAssembly.Module(Buffer.from(needleModule, 'base64'));

/** Memory of finders that are done: it is collected late, and a search takes one finder after the other. */
const spare: WebAssembly.Memory[] = [];

function memoryOf(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / pageBytes);
  const memory = spare.pop();
  if (memory === undefined) return new WebAssembly.Memory({ initial: pages });
  const missing = pages - memory.buffer.byteLength / pageBytes;
  if (missing > 0) memory.grow(missing);
  return memory;
}

/**
 * Finds needles in bytes, about as fast as memory gives them. Read the bytes into `block`; whatever is found is an index
 * in it. Several needles cost the sum of each. The worst text, which nearly has the needle everywhere, costs a
 * comparison of the whole needle, 16 bytes at a time, for each of its bytes.
 *
 * Making a finder takes a fraction of a millisecond: one for each scan is right, one for each block is not.
 */
export class NeedleFinder {
  /** Where the bytes to look at belong. */
  readonly block: Buffer<ArrayBuffer>;
  readonly #whole: WebAssembly.Memory;
  readonly #memory: DataView;
  readonly #base: number;
  readonly #needles: Laid[] = [];
  readonly #find: Exports['find'];
  #sampled = false;

  /**
   * @param needles each of at least one byte
   * @param blockBytes length of `block`; 256 KiB to 1 MiB stay in the processor's cache between reading and looking
   */
  constructor(needles: readonly Needle[], blockBytes: number) {
    let end = 0;
    for (const { text, folded } of needles) {
      if (text === '') throw new RangeError('A needle needs at least one byte.');
      const bytes = Buffer.from(text);
      const folds = Buffer.from(bytes.map((byte) => (folded && isLowerCase(byte) ? 0x20 : 0)));
      this.#needles.push({ address: end, text: bytes, folds });
      end += 16 + 2 * filledUp(bytes.length);
    }
    this.#base = Math.ceil(end / 64) * 64;
    const memory = memoryOf(this.#base + blockBytes + overrun);
    this.#whole = memory;
    this.block = Buffer.from(memory.buffer, this.#base, blockBytes);
    this.#memory = new DataView(memory.buffer);
    for (const needle of this.#needles) this.#lay(needle, 0, needle.text.length - 1);
    this.#find = new WebAssembly.Instance(compiled, { scan: { memory } }).exports.find as Exports['find'];
  }

  /** Nothing of it is used any more: another finder takes its memory. */
  release(): void {
    spare.push(this.#whole);
  }

  /** Index of the first occurrence of any needle that lies in `block[from, to)`; -1 when there is none. */
  find(from: number, to: number): number {
    if (!this.#sampled && to - from >= sampleBytes) this.#sample(this.block.subarray(from, from + sampleBytes));
    const base = this.#base;
    let stretch = firstStretch;
    for (let start = from; start < to; start += stretch, stretch = Math.min(2 * stretch, longestStretch)) {
      let found = -1;
      let end = start + stretch;
      for (const { address, text } of this.#needles) {
        const at = this.#find(address, base + start, base + Math.min(end, to - text.length + 1));
        if (at === -1) continue;
        found = at - base;
        // The other needles count only before it.
        end = found;
      }
      if (found !== -1) return found;
    }
    return -1;
  }

  /** Chooses the rare bytes: the one that is rarest in the text, and the one that is rarest where the first one is. */
  #sample(text: Buffer): void {
    this.#sampled = true;
    const counts = new Uint32Array(256);
    for (const byte of text) counts[byte] = (counts[byte] ?? 0) + 1;
    for (const needle of this.#needles) {
      const occurrences = Array.from(needle.text, (byte, at) => {
        const fold = needle.folds[at] ?? 0;
        return (counts[byte] ?? 0) + (fold === 0 ? 0 : (counts[byte ^ fold] ?? 0));
      });
      const first = occurrences.indexOf(Math.min(...occurrences));
      const nearby = Math.max(0, first - reach);
      const together = new Array<number>(Math.min(needle.text.length, first + reach) - nearby).fill(0);
      // A byte is always where it is itself.
      together[first - nearby] = text.length + 1;
      for (let place = 0; place + first < text.length; place++) {
        if (!agrees(text, place, needle, first)) continue;
        for (let index = 0; index < together.length; index++) {
          if (agrees(text, place, needle, nearby + index)) together[index] = (together[index] ?? 0) + 1;
        }
      }
      this.#lay(needle, first, nearby + together.indexOf(Math.min(...together)));
    }
  }

  #lay({ address, text, folds }: Laid, first: number, second: number): void {
    const filled = filledUp(text.length);
    this.#memory.setInt32(address, filled, true);
    this.#memory.setInt32(address + 4, first, true);
    this.#memory.setInt32(address + 8, second, true);
    const bytes = new Uint8Array(this.#memory.buffer, address + 12, 4 + 2 * filled).fill(0xff);
    bytes.set([text[first] ?? 0, folds[first] ?? 0, text[second] ?? 0, folds[second] ?? 0]);
    for (let at = 0; at < text.length; at += 16) {
      bytes.set(text.subarray(at, at + 16), 4 + 2 * at);
      bytes.set(folds.subarray(at, at + 16), 4 + 2 * at + 16);
    }
  }
}

const isLowerCase = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;

const filledUp = (length: number): number => Math.ceil(length / 16) * 16;

/** Whether the text agrees with the needle's byte `at` when the needle is at `place`. */
const agrees = (text: Buffer, place: number, needle: Laid, at: number): boolean =>
  ((text[place + at] ?? 0) | (needle.folds[at] ?? 0)) === needle.text[at];
