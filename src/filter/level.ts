import { type JsonObject, type Level, levels } from '../entry.ts';
import type { Condition, Subject } from './condition.ts';
import { nothing } from './everything.ts';
import { printList } from './quote.ts';

/** Its level is one of these: `level=error`, `level>=warn`. */
export class LevelIs implements Condition {
  readonly needsTime = false;
  readonly needs = 'glance';
  readonly needles = null;
  /** Without repetition, least to most severe, UNKNOWN first; at least one. */
  readonly levels: readonly Level[];

  constructor(chosen: readonly Level[]) {
    this.levels = chosen;
  }

  matches(subject: Subject): boolean {
    return this.levels.includes(subject.parsed.level);
  }

  /** The level from which on it is all levels; null when it is not so. */
  get #least(): Level | null {
    const [first] = this.levels;
    const isUpwards = first !== undefined && first !== 'UNKNOWN' && this.levels.length === atLeast(first).length;
    return isUpwards && this.levels.length > 1 ? first : null;
  }

  print(): string {
    if (this.#least !== null) return `level>=${this.#least.toLowerCase()}`;
    return `level=${printList(this.levels.map((level) => level.toLowerCase()))}`;
  }

  toJson(): JsonObject {
    return this.#least === null ? { levels: [...this.levels] } : { minLevel: this.#least };
  }
}

/** This level and those above it; UNKNOWN is below all others, and is only part of what it is asked for itself. */
export const atLeast = (least: Level): readonly Level[] => levels.slice(levels.indexOf(least));

/** One of these levels; of none, nothing. */
export function levelIn(chosen: readonly Level[]): Condition {
  const ordered = levels.filter((level) => chosen.includes(level));
  return ordered.length === 0 ? nothing : new LevelIs(ordered);
}
