import type { Condition, Subject } from './condition.ts';
import { everything, nothing } from './everything.ts';
import { together } from './needle.ts';

/** At least one of several holds: `a OR b`. */
export class Any implements Condition {
  readonly needsTime: boolean;
  readonly needsParsed: boolean;
  readonly needles;
  readonly conditions: readonly Condition[];
  readonly #byCost: readonly Condition[];

  /** @param conditions at least two, none of them `Any`; see `any` */
  constructor(conditions: readonly Condition[]) {
    this.conditions = conditions;
    this.#byCost = cheapestFirst(conditions);
    this.needsTime = conditions.some((condition) => condition.needsTime);
    this.needsParsed = conditions.some((condition) => condition.needsParsed);
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

/** What has to parse the record comes last, so that it is seldom parsed. */
export const cheapestFirst = (conditions: readonly Condition[]): readonly Condition[] => [
  ...conditions.filter(({ needsParsed }) => !needsParsed),
  ...conditions.filter(({ needsParsed }) => needsParsed),
];

/** At least one of these; of none, nothing. */
export function any(conditions: readonly Condition[]): Condition {
  const flat = conditions
    .flatMap((condition) => (condition instanceof Any ? condition.conditions : [condition]))
    .filter((condition) => condition !== nothing);
  if (flat.includes(everything)) return everything;
  const [first = nothing, ...others] = flat;
  return others.length === 0 ? first : new Any(flat);
}
