/** What a window may hold before its oldest items go. */
export interface WindowLimits {
  entries: number;
  bytes: number;
}

interface Held<T> {
  item: T;
  entries: number;
  bytes: number;
  /** Entries ever pushed, this item's included. */
  through: number;
}

/**
 * The most recent items of a live log, shared by all its readers. Items are numbered from 0 and never change; the
 * oldest go when a limit is passed. So memory is bounded by the log, not by the number or the slowness of readers.
 */
export class Window<T> {
  readonly #limits: WindowLimits;
  #held: Held<T>[] = [];
  /** Number of the oldest item held. */
  #first = 0;
  #entries = 0;
  #bytes = 0;
  #through = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** Number that the next item will get. */
  get end(): number {
    return this.#first + this.#held.length;
  }

  /** Number of the oldest item that can still be had. */
  get first(): number {
    return this.#first;
  }

  push(item: T, entries: number, bytes: number): void {
    this.#through += entries;
    this.#held.push({ item, entries, bytes, through: this.#through });
    this.#entries += entries;
    this.#bytes += bytes;
    while (this.#held.length > 1 && (this.#entries > this.#limits.entries || this.#bytes > this.#limits.bytes)) {
      const oldest = this.#held.shift();
      if (oldest === undefined) break;
      this.#entries -= oldest.entries;
      this.#bytes -= oldest.bytes;
      this.#first++;
    }
  }

  /** Entries from item number `index` on. */
  entriesFrom(index: number): number {
    const held = this.#held[index - this.#first];
    return held === undefined ? 0 : this.#through - held.through + held.entries;
  }

  /** Item number `index`; undefined when it is gone or not there yet. */
  at(index: number): T | undefined {
    return this.#held[index - this.#first]?.item;
  }
}
