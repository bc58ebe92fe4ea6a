import type { Condition, Subject } from './condition.ts';
import { everything, nothing } from './everything.ts';
import { cheapestFirst, most, type Need } from './need.ts';
import { together } from './needle.ts';

/** At least one of several holds: `a OR b`. */
export class Any implements Condition {
  readonly needsTime: boolean;
  readonly needs: Need;
  readonly needles;
  readonly conditions: readonly Condition[];
  readonly #byCost: readonly Condition[];

  /** @param conditions at least two, none of them `Any`; see `any` */
  constructor(conditions: readonly Condition[]) {
    this.conditions = conditions;
    this.#byCost = cheapestFirst(conditions);
    this.needsTime = conditions.some((condition) => condition.needsTime);
    this.needs = most(conditions);
    this.needles = together(conditions.map((condition) => condition.needles));
  }

  matches(subject: Subject, time: number | null): boolean {
    for (const condition of this.#byCost) if (condition.matches(subject, time)) return true;
    return false;
  }

  print(): string {
    return this.conditions.map((condition) => condition.print()).join(' OR ');
  }

  toJson() {
    return { or: this.conditions.map((condition) => condition.toJson()) };
  }
}

/** At least one of these; of none, nothing. */
export function any(conditions: readonly Condition[]): Condition {
  const flat = conditions
    .flatMap((condition) => (condition instanceof Any ? condition.conditions : [condition]))
    .filter((condition) => condition !== nothing);
  if (flat.includes(everything)) return everything;
  const [first = nothing, ...others] = flat;
  return others.length === 0 ? first : new Any(flat);
}
