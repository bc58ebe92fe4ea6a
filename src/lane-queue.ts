import type { LaneEvent } from './lane-event.ts';

/** Events that a lane has made ready, in order. */
export class LaneQueue {
  #events: LaneEvent[] = [];
  /** Those before this one were taken. */
  #taken = 0;

  get isEmpty(): boolean {
    return this.#taken === this.#events.length;
  }

  get size(): number {
    return this.#events.length - this.#taken;
  }

  push(event: LaneEvent): void {
    this.#events.push(event);
  }

  peek(): LaneEvent | null {
    return this.#events[this.#taken] ?? null;
  }

  shift(): LaneEvent | null {
    const event = this.#events[this.#taken++] ?? null;
    if (this.#taken >= this.#events.length) {
      this.#events = [];
      this.#taken = 0;
    }
    return event;
  }
}
