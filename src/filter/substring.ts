import type { Needle } from './condition.ts';
import { needleIn } from './needle.ts';

/** İ and K (the Kelvin sign), the two whose lower case has ASCII letters in it; see `fold`. */
const becomesAscii = /[\u0130\u212A]/;

/**
 * A text without the difference between upper and lower case: each character in lower case, the final sigma as any
 * other. But İ and the Kelvin sign stay, so that ASCII letters are the other case of ASCII letters only: a search for
 * one in bytes misses nothing.
 */
export function fold(text: string): string {
  const lower = becomesAscii.test(text)
    ? text.replace(/[^\u0130\u212A]+/g, (part) => part.toLowerCase())
    : text.toLowerCase();
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower;
}

/** Whether no other character folds to this one, and it to itself; or it is of ASCII, where bytes are folded too. */
const isTold = (char: string): boolean =>
  char <= '\x7f' || (char.toLowerCase() === char && char.toUpperCase() === char);

/** A text to be found in others, in any case of letters unless `caseSensitive`. */
export class Substring {
  readonly text: string;
  readonly caseSensitive: boolean;
  readonly needle: Needle | null;
  readonly #folded: string;
  /** For a text of ASCII, which it is in most searches, `i` means the same as `fold`, and need not copy what it searches. */
  readonly #ascii: RegExp | null;

  constructor(text: string, caseSensitive: boolean) {
    this.text = text;
    this.caseSensitive = caseSensitive;
    this.#folded = fold(text);
    this.#ascii = /\P{ASCII}/u.test(text) ? null : new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'i');
    this.needle = caseSensitive
      ? needleIn(text, false)
      : needleIn([...this.#folded].map((char) => (isTold(char) ? char : '\n')).join(''), true);
  }

  isIn(text: string): boolean {
    if (this.caseSensitive) return text.includes(this.text);
    return this.#ascii === null ? fold(text).includes(this.#folded) : this.#ascii.test(text);
  }
}
