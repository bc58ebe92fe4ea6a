import { All } from './all.ts';
import { Any } from './any.ts';
import type { Condition, Subject } from './condition.ts';
import { everything, nothing } from './everything.ts';
import type { Need } from './need.ts';

/** It does not hold: `-a`. */
export class Not implements Condition {
  readonly needsTime: boolean;
  readonly needs: Need;
  readonly needles = null;
  readonly condition: Condition;

  constructor(condition: Condition) {
    this.condition = condition;
    this.needsTime = condition.needsTime;
    this.needs = condition.needs;
  }

  matches(subject: Subject, time: number | null): boolean {
    return !this.condition.matches(subject, time);
  }

  print(): string {
    const text = this.condition.print();
    return this.condition instanceof All || this.condition instanceof Any ? `-(${text})` : `-${text}`;
  }

  toJson() {
    return { not: this.condition.toJson() };
  }
}

/** The opposite of a condition. */
export function not(condition: Condition): Condition {
  if (condition === everything) return nothing;
  if (condition === nothing) return everything;
  return condition instanceof Not ? condition.condition : new Not(condition);
}
