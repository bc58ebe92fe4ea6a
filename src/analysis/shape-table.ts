import { mine } from './miner.ts';
import { ofItsOwn, shapeOf } from './shape.ts';
import { Vocabulary } from './vocabulary.ts';

/** Most shapes of a table: logs have hundreds, with names in them thousands; so many are mined within a second. */
const maxShapes = 20_000;

/** Most characters of all shapes together, so that long lines take no more than some megabytes. */
const maxCharacters = 4_000_000;

/** What the caller keeps of each shape. */
export interface Owned<Own> {
  create(): Own;
  /** Adds what `from` has to `into`. */
  merge(into: Own, from: Own): void;
}

/**
 * The distinct shapes of a log, with what the caller counts of each. Bounded, whatever the log has: when there are too
 * many, only the words that make up their templates are kept, and if need be fewer. Nothing that was counted is lost.
 */
export class ShapeTable<Own> {
  readonly #owned: Owned<Own>;
  #owns = new Map<string, Own>();
  #characters = 0;
  /** The only words that shapes may have; null while they may have any. */
  #vocabulary: Vocabulary | null = null;
  /** Shapes as they were before the vocabulary, with what they became; a cache. */
  readonly #known = new Map<string, string>();

  constructor(owned: Owned<Own>) {
    this.#owned = owned;
  }

  /** What is counted of messages like this. Valid until the next call. */
  of(message: string): Own {
    const shape = this.#shapeOf(message);
    const own = this.#owns.get(shape);
    if (own !== undefined) return own;
    this.#makeRoom(shape);
    return this.#ownOf(this.#keptOf(shape));
  }

  /** As `of`, but adds nothing: undefined for a message that is like none before. */
  find(message: string): Own | undefined {
    return this.#owns.get(this.#shapeOf(message));
  }

  /** Adds what was counted of a shape elsewhere, such as in another part of the log. */
  add(shape: string, own: Own): void {
    const kept = this.#keptOf(shape);
    if (!this.#owns.has(kept)) this.#makeRoom(kept);
    this.#owned.merge(this.#ownOf(this.#keptOf(kept)), own);
  }

  /** Shapes, with what is counted of each. */
  entries(): IterableIterator<[shape: string, own: Own]> {
    return this.#owns.entries();
  }

  get size(): number {
    return this.#owns.size;
  }

  /** The only words that shapes have; null when there was room for all. */
  get words(): readonly string[] | null {
    return this.#vocabulary?.words ?? null;
  }

  /** Keeps only these words, as another table does whose shapes are to be added. */
  keepOnly(words: readonly string[] | null): void {
    if (words === null) return;
    const other = new Vocabulary(words);
    this.#restrict(this.#vocabulary === null ? other : this.#vocabulary.with(other));
  }

  #shapeOf(message: string): string {
    return this.#keptOf(shapeOf(message));
  }

  #keptOf(shape: string): string {
    if (this.#vocabulary === null) return shape;
    const known = this.#known.get(shape);
    if (known !== undefined) return known;
    const kept = this.#vocabulary.only(shape);
    if (this.#known.size >= maxShapes) this.#known.clear();
    if (shape.length < maxCharacters / maxShapes) this.#known.set(ofItsOwn(shape), kept);
    return kept;
  }

  #ownOf(shape: string): Own {
    const own = this.#owns.get(shape);
    if (own !== undefined) return own;
    const created = this.#owned.create();
    this.#owns.set(ofItsOwn(shape), created);
    this.#characters += shape.length;
    return created;
  }

  #isFull(share: number): boolean {
    return this.#owns.size >= maxShapes * share || this.#characters >= maxCharacters * share;
  }

  #makeRoom(shape: string): void {
    if (this.#owns.size < maxShapes && this.#characters + shape.length <= maxCharacters) return;
    const counted = [...this.#owns.keys()].map((one) => ({ shape: one, count: 1 }));
    // Of templates once: later on they are hardly fewer than the shapes.
    const texts = this.#vocabulary === null ? [...new Set(mine(counted))] : [...this.#owns.keys()];
    let leastTimes = this.#vocabulary === null ? 1 : 2;
    do {
      this.#restrict(Vocabulary.of(texts, leastTimes));
      leastTimes *= 2;
    } while (this.#isFull(0.5));
  }

  #restrict(vocabulary: Vocabulary): void {
    const before = this.#owns;
    this.#owns = new Map();
    this.#characters = 0;
    this.#known.clear();
    this.#vocabulary = vocabulary;
    for (const [shape, own] of before) {
      const kept = vocabulary.only(shape);
      const into = this.#owns.get(kept);
      if (into !== undefined) this.#owned.merge(into, own);
      else {
        this.#owns.set(ofItsOwn(kept), own);
        this.#characters += kept.length;
      }
    }
  }
}
