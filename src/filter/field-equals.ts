import type { JsonObject, JsonValue } from '../entry.ts';
import type { Condition, Subject } from './condition.ts';
import { nothing } from './everything.ts';
import { type Need, needOf } from './need.ts';
import { printList, printName, printScalar } from './quote.ts';
import { isEqual, isScalar, type Scalar, valueAt } from './value.ts';

/** A field is one of these: `status=500`, `method=(GET, HEAD)`. Of a list, one of its items. */
export class FieldEquals implements Condition {
  readonly needsTime = false;
  readonly needs: Need;
  readonly needles = null;
  readonly #path: string;
  readonly #wanted: readonly Scalar[];

  /** @param wanted at least one; see `fieldIn` */
  constructor(path: string, wanted: readonly Scalar[]) {
    this.#path = path;
    this.needs = needOf(path);
    this.#wanted = wanted;
  }

  matches(subject: Subject): boolean {
    const value = valueAt(subject.parsed, this.#path);
    if (!Array.isArray(value)) return this.#isWanted(value);
    for (const item of value) if (this.#isWanted(item)) return true;
    return false;
  }

  #isWanted(value: JsonValue): boolean {
    if (!isScalar(value)) return false;
    for (const wanted of this.#wanted) if (isEqual(value, wanted)) return true;
    return false;
  }

  print(): string {
    return `${printName(this.#path)}=${printList(this.#wanted.map(printScalar))}`;
  }

  toJson(): JsonObject {
    const [first = null, ...others] = this.#wanted;
    const path = this.#path;
    return { fields: [others.length === 0 ? { path, eq: first } : { path, in: [...this.#wanted] }] };
  }
}

/** A field is one of these; of none, nothing. */
export const fieldIn = (path: string, wanted: readonly Scalar[]): Condition =>
  wanted.length === 0 ? nothing : new FieldEquals(path, wanted);
