import type { Entry } from './format/entry.ts';
import { Portion } from './hub/portion.ts';
import type { LaneEvent } from './lane-event.ts';

/** Events that a lane has made ready, in order. */
export class LaneQueue {
  #events: LaneEvent[] = [];
  /** Those before this one were taken. */
  #taken = 0;
  /** How many entries there are in them. */
  #entries = 0;

  get isEmpty(): boolean {
    return this.#taken === this.#events.length;
  }

  get entries(): number {
    return this.#entries;
  }

  push(event: LaneEvent): void {
    this.#entries += countOf(event);
    this.#events.push(event);
  }

  peek(): LaneEvent | null {
    return this.#events[this.#taken] ?? null;
  }

  shift(): LaneEvent | null {
    const event = this.#events[this.#taken++] ?? null;
    if (event !== null) this.#entries -= countOf(event);
    if (this.#taken >= this.#events.length) {
      this.#events = [];
      this.#taken = 0;
    }
    return event;
  }

  /** Makes two events of the first if it has more than so many entries. */
  split(most: number): void {
    const event = this.peek();
    if (event?.kind === 'entries' && event.portion.entries.length > most) this.#replace(event.portion.split(most));
  }

  /** Makes an event of each entry of the first. */
  part(): void {
    const event = this.peek();
    if (event?.kind !== 'entries' || event.portion.entries.length === 1) return;
    const { portion } = event;
    const last = portion.entries.at(-1);
    const placeOf = (entry: Entry) => (entry === last ? portion.position : portion.placeOf(entry));
    this.#replace(portion.entries.map((entry) => new Portion([entry], placeOf(entry), 'stale')));
  }

  #replace(parts: Portion[]): void {
    this.#events.splice(this.#taken, 1, ...parts.map((portion) => ({ kind: 'entries', portion }) as const));
  }
}

const countOf = (event: LaneEvent): number => (event.kind === 'entries' ? event.portion.entries.length : 0);
