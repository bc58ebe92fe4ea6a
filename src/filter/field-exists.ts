import type { Condition, Subject } from './condition.ts';
import { printName } from './quote.ts';
import { valueAt } from './value.ts';

/** A field is there, and not null: `user:*`. */
export class FieldExists implements Condition {
  readonly needsTime = false;
  readonly needs = 'parsed';
  readonly needles = null;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  matches(subject: Subject): boolean {
    return valueAt(subject.parsed, this.#path) !== null;
  }

  print(): string {
    return `${printName(this.#path)}:*`;
  }

  toJson() {
    return { fields: [{ path: this.#path, exists: true }] };
  }
}
