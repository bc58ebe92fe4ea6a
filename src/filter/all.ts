import { Any } from './any.ts';
import type { Condition, Subject } from './condition.ts';
import { everything, nothing } from './everything.ts';
import { cheapestFirst, most, type Need } from './need.ts';
import { sharpest } from './needle.ts';
import { Since, Until } from './time.ts';

/** Every one of several holds: `a b`. */
export class All implements Condition {
  readonly needsTime: boolean;
  readonly needs: Need;
  readonly needles;
  readonly conditions: readonly Condition[];
  readonly #byCost: readonly Condition[];

  /** @param conditions at least two, none of them `All`; see `all` */
  constructor(conditions: readonly Condition[]) {
    this.conditions = conditions;
    this.#byCost = cheapestFirst(conditions);
    this.needsTime = conditions.some((condition) => condition.needsTime);
    this.needs = most(conditions);
    this.needles = sharpest(conditions.map((condition) => condition.needles));
  }

  matches(subject: Subject, time: number | null): boolean {
    for (const condition of this.#byCost) if (!condition.matches(subject, time)) return false;
    return true;
  }

  print(): string {
    return this.conditions
      .map((condition) => (condition instanceof Any ? `(${condition.print()})` : condition.print()))
      .join(' ');
  }

  toJson() {
    return { and: this.conditions.map((condition) => condition.toJson()) };
  }
}

/** What has to hold together; one condition is one part. */
export const partsOf = (condition: Condition): readonly Condition[] =>
  condition instanceof All ? condition.conditions : [condition];

/** All of these; of none, everything. Several bounds in time become the narrowest. */
export function all(conditions: readonly Condition[]): Condition {
  const flat = conditions.flatMap(partsOf).filter((condition) => condition !== everything);
  if (flat.includes(nothing)) return nothing;
  const { from, to } = boundsOf(flat);
  if (from !== null && to !== null && from >= to) return nothing;
  const [first = everything, ...others] = [
    ...flat.filter((condition) => !isBound(condition)),
    ...(from === null ? [] : [new Since(from)]),
    ...(to === null ? [] : [new Until(to)]),
  ];
  return others.length === 0 ? first : new All([first, ...others]);
}

/** A stretch of time, in ms since 1970, UTC: `from` is part of it, `to` is not. Null: without end on that side. */
export interface Bounds {
  from: number | null;
  to: number | null;
}

export const isBound = (condition: Condition): condition is Since | Until =>
  condition instanceof Since || condition instanceof Until;

/** What conditions that hold together say of the time. */
export function boundsOf(conditions: readonly Condition[]): Bounds {
  const bounds: Bounds = { from: null, to: null };
  for (const condition of conditions) {
    if (condition instanceof Since) bounds.from = Math.max(bounds.from ?? condition.time, condition.time);
    if (condition instanceof Until) bounds.to = Math.min(bounds.to ?? condition.time, condition.time);
  }
  return bounds;
}
