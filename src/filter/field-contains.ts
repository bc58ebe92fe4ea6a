import type { JsonValue } from '../entry.ts';
import type { Condition, Subject } from './condition.ts';
import { printName, printText } from './quote.ts';
import { Substring } from './substring.ts';
import { isEqual, isScalar, valueAt } from './value.ts';

/**
 * A text stands in a field, in any case of letters: `path:/api`. A number, true and false count as a whole, so that
 * `pid:12` is not also 1234. Of a list, one of its items.
 */
export class FieldContains implements Condition {
  readonly needsTime = false;
  readonly needs = 'parsed';
  /** What a format finds may be written differently in the record, with escapes. */
  readonly needles = null;
  readonly #path: string;
  readonly #text: Substring;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = new Substring(text, false);
  }

  matches(subject: Subject): boolean {
    const value = valueAt(subject.parsed, this.#path);
    if (!Array.isArray(value)) return this.#isIn(value);
    for (const item of value) if (this.#isIn(item)) return true;
    return false;
  }

  #isIn(value: JsonValue): boolean {
    if (typeof value === 'string') return this.#text.isIn(value);
    return isScalar(value) && isEqual(value, this.#text.text);
  }

  print(): string {
    return `${printName(this.#path)}:${printText(this.#text.text)}`;
  }

  toJson() {
    return { fields: [{ path: this.#path, contains: this.#text.text }] };
  }
}
