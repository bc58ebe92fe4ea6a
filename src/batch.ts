import type { Position } from './entry.ts';
import type { Entry } from './format/entry.ts';
import type { Portion } from './hub/portion.ts';

/** Where each log of a tail stands: a vector, by source id. */
export type Positions = Map<string, Position>;

/** Whose batch it is: readers of one group, at one place, with one filter, get the same batches. */
export interface Reader {
  /** Ids of their logs, in order. */
  sourceIds: readonly string[];
  /** Which logs, and how entries are put into events. */
  group: string;
}

/**
 * Entries that a tail hands out together. Of live entries all readers that take the same portions, and are then at the
 * same place, get one object: so what is made of it, such as a text to send, can be made once.
 *
 * Nobody gets anything by it that they did not take themselves: it is looked up by the portions, after each reader has
 * taken them from the feeds of the logs that it may read, through its own filter.
 */
export class Batch {
  readonly kind = 'batch';
  readonly portions: readonly Portion[];
  readonly positions: Positions;
  readonly group: string;
  /** When it was put together, by `performance.now`. */
  readonly madeAt = performance.now();
  #entries: Entry[] | undefined;

  private constructor(portions: readonly Portion[], positions: Positions, group: string) {
    this.portions = portions;
    this.positions = positions;
    this.group = group;
  }

  /** @param places where the reader is in its logs, in their order */
  static of(portions: readonly Portion[], places: readonly Position[], { sourceIds, group }: Reader): Batch {
    const [first] = portions;
    const known = first?.batches.find((batch) => batch.group === group && batch.#is(portions, places));
    if (known !== undefined) return known;
    const positions: Positions = new Map();
    for (const [index, id] of sourceIds.entries()) {
      const place = places[index];
      if (place !== undefined) positions.set(id, place);
    }
    const batch = new Batch(portions, positions, group);
    first?.remember(batch);
    return batch;
  }

  /** Whether other readers may get it, too. */
  get isShared(): boolean {
    return this.portions[0]?.isFresh === true;
  }

  get entries(): Entry[] {
    this.#entries ??= this.portions.flatMap(({ entries }) => entries);
    return this.#entries;
  }

  #is(portions: readonly Portion[], places: readonly Position[]): boolean {
    if (portions.length !== this.portions.length) return false;
    for (const [index, portion] of portions.entries()) if (portion !== this.portions[index]) return false;
    let index = 0;
    for (const place of this.positions.values()) if (place !== places[index++]) return false;
    return true;
  }
}
