import type { JsonObject } from '../entry.ts';
import type { Condition, Subject } from './condition.ts';
import { printExact, printWord } from './quote.ts';
import { Substring } from './substring.ts';

/** The text stands in the record as written: `timeout`, `"connection refused"`, in this very case `'OutOfMemory'`. */
export class Contains implements Condition {
  readonly needsTime = false;
  readonly needs = 'raw';
  readonly needles;
  readonly #text: Substring;

  constructor(text: string, caseSensitive: boolean) {
    this.#text = new Substring(text, caseSensitive);
    this.needles = this.#text.needle === null ? null : [this.#text.needle];
  }

  matches(subject: Subject): boolean {
    return this.#text.isIn(subject.raw);
  }

  print(): string {
    return this.#text.caseSensitive ? printExact(this.#text.text) : printWord(this.#text.text);
  }

  toJson(): JsonObject {
    const contains = this.#text.text;
    return this.#text.caseSensitive ? { contains, caseSensitive: true } : { contains };
  }
}
