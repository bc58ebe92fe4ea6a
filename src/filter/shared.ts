import type { Condition, Subject } from './condition.ts';

/**
 * A condition that many readers ask of the same live entries, and that is asked once for all of them. What two print
 * alike is one condition: as a search, either would be read as the other.
 *
 * Only of those that need no time: when an entry happened that does not say it depends on where a reader began.
 */
export class SharedFilter {
  readonly key: string;
  readonly #condition: Condition;

  constructor(condition: Condition) {
    this.key = condition.print();
    this.#condition = condition;
  }

  has(entry: Subject): boolean {
    return this.#condition.matches(entry, null);
  }
}
