import type { Batch } from '../batch.ts';
import { havingLeft, type Position } from '../entry.ts';
import type { SharedFilter } from '../filter/shared.ts';
import type { Entry } from '../format/entry.ts';

/** What readers have made of a portion, so that others like them need not make it again. */
interface Made {
  /** By the key of the filter. */
  filtered: Map<string, Portion>;
  /** By how many entries are in the first of two parts. */
  parts: Map<number, [Portion, Portion]>;
  /** Those that begin with it. */
  batches: Batch[];
}

/** More kinds of readers than that are rarely at one place; what is beyond works for itself. */
const mostBatches = 100;

/**
 * Entries that stand one after the other in a log, or those of them that a filter leaves. Readers of a live log share
 * its portions: each of them takes them from the feed by itself, and what it gets for the same filter is the same object.
 *
 * Only a fresh one, which many readers are about to take, remembers what was made of it; so memory does not grow with
 * the number of filters, nor with readers that are slow.
 */
export class Portion {
  readonly entries: Entry[];
  /** Where a reader is that has seen it. */
  readonly position: Position;
  #made: Made | null;
  #bytes: number | undefined;

  constructor(entries: Entry[], position: Position, age: 'fresh' | 'stale') {
    this.entries = entries;
    this.position = position;
    this.#made = age === 'fresh' ? { filtered: new Map(), parts: new Map(), batches: [] } : null;
  }

  get isFresh(): boolean {
    return this.#made !== null;
  }

  /** Bytes that its entries take in the log. */
  get bytes(): number {
    this.#bytes ??= this.entries.reduce((sum, { record }) => sum + record.position.length, 0);
    return this.#bytes;
  }

  /** What a filter leaves of it: itself, if that is everything. */
  where(filter: SharedFilter): Portion {
    const known = this.#made?.filtered.get(filter.key);
    if (known !== undefined) return known;
    const left = this.entries.filter((entry) => filter.has(entry));
    const filtered = left.length === this.entries.length ? this : this.#like(left, this.position);
    this.#made?.filtered.set(filter.key, filtered);
    return filtered;
  }

  /** Its first `count` entries, of more, and the rest. */
  split(count: number): [Portion, Portion] {
    const known = this.#made?.parts.get(count);
    if (known !== undefined) return known;
    const first = this.entries.slice(0, count);
    const last = first.at(-1);
    const place = last === undefined ? this.position : this.placeOf(last);
    const parts: [Portion, Portion] = [this.#like(first, place), this.#like(this.entries.slice(count), this.position)];
    this.#made?.parts.set(count, parts);
    return parts;
  }

  /** Where a reader is that has seen one of its entries, and not the next. */
  placeOf({ record }: Entry): Position {
    return havingLeft(record.position, this.position.left ?? null);
  }

  /** The batches that begin with it. */
  get batches(): readonly Batch[] {
    return this.#made?.batches ?? [];
  }

  remember(batch: Batch): void {
    if (this.#made !== null && this.#made.batches.length < mostBatches) this.#made.batches.push(batch);
  }

  /** It is not fresh any more, and neither is what was made of it; of its entries only the text is kept. */
  forget(): void {
    for (const entry of this.entries) entry.forget();
    this.#forgetMade();
  }

  #forgetMade(): void {
    const made = this.#made;
    this.#made = null;
    for (const portion of made?.filtered.values() ?? []) portion.#forgetMade();
    for (const parts of made?.parts.values() ?? []) for (const part of parts) part.#forgetMade();
  }

  #like(entries: Entry[], position: Position): Portion {
    return new Portion(entries, position, this.isFresh ? 'fresh' : 'stale');
  }
}
