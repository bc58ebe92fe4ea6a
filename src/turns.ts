import type { Portion } from './hub/portion.ts';
import type { Lane } from './lane.ts';

/** Between the lanes of a tail: whose event comes next. */
export class Turns {
  /** The first has its turn. */
  #lanes: Lane[];

  constructor(lanes: readonly Lane[]) {
    this.#lanes = [...lanes];
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes.values();
  }

  /**
   * The lane whose event comes next; null when there is none, or one is behind and has none to compare.
   *
   * @param order by the time of events, or by turns
   * @param wanted what comes next if that can be
   */
  next(order: 'time' | 'turn', wanted?: Portion): Lane | null {
    if (this.#lanes.some((lane) => lane.peek() === null && !lane.isLive)) return null;
    const ready = this.#lanes.filter((lane) => lane.peek() !== null);
    if (wanted !== undefined) {
      const next = ready.find((lane) => lane.isNext(wanted));
      if (next !== undefined) return next;
    }
    if (ready.length <= 1 || order === 'turn') return ready[0] ?? null;
    return ready.reduce((earliest, lane) => (lane.time < earliest.time ? lane : earliest));
  }

  /** The other logs come first next time, so that a busy one cannot starve them. */
  pass(): void {
    if (this.#lanes.length > 1) this.#lanes.push(...this.#lanes.splice(0, 1));
  }
}
