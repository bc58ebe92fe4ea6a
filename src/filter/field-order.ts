import type { JsonValue } from '../entry.ts';
import type { Condition, Subject } from './condition.ts';
import { type Need, needOf } from './need.ts';
import { printName } from './quote.ts';
import { asNumber, valueAt } from './value.ts';

/** How two numbers may stand to each other. */
export type Order = '>' | '>=' | '<' | '<=';

const names = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' } as const;

const holds = (order: Order, value: number, bound: number): boolean => {
  if (order === '>') return value > bound;
  if (order === '>=') return value >= bound;
  return order === '<' ? value < bound : value <= bound;
};

/** A field is a number, or text that is one, on this side of a bound: `status>=500`. Of a list, one of its items. */
export class FieldOrder implements Condition {
  readonly needsTime = false;
  readonly needs: Need;
  readonly needles = null;
  readonly #path: string;
  readonly #order: Order;
  readonly #bound: number;

  constructor(path: string, order: Order, bound: number) {
    this.#path = path;
    this.needs = needOf(path);
    this.#order = order;
    this.#bound = bound;
  }

  matches(subject: Subject): boolean {
    const value = valueAt(subject.parsed, this.#path);
    if (!Array.isArray(value)) return this.#isBeyond(value);
    for (const item of value) if (this.#isBeyond(item)) return true;
    return false;
  }

  #isBeyond(value: JsonValue): boolean {
    const number = asNumber(value);
    return number !== null && holds(this.#order, number, this.#bound);
  }

  print(): string {
    return `${printName(this.#path)}${this.#order}${this.#bound}`;
  }

  toJson() {
    return { fields: [{ path: this.#path, [names[this.#order]]: this.#bound }] };
  }
}
