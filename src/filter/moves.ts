import { add, firstIn, has, isEmpty, type Places, remove, subtract, unite } from './places.ts';

/** Places that lead to the same others, besides to themselves and to the place right after each. */
interface Jump {
  from: Places;
  to: Places;
}

/**
 * Where matching goes from the places of an expression. Most lead to the place right after them or to themselves, which
 * is one shift for all of them (Baeza-Yates and Gonnet, "A new approach to text searching", 1992); the others are jumps,
 * taken together where they lead to the same places, as those out of a repetition do.
 */
export class Moves {
  /** The end of the expression, as a place. */
  readonly #end: number;
  /** The places where a match may begin. */
  readonly #first: Places;
  /** Those that lead to the place after them. */
  readonly #onward: Places;
  /** Those that lead to themselves: repetitions of one character. */
  readonly #staying: Places;
  /** Those with a jump, and which it is. */
  readonly #jumping: Places;
  readonly #jumpOf: (Jump | undefined)[];
  /** Those of which the jump is still to be taken. */
  readonly #left: Places;
  /** How many different jumps there are: at most so many are taken for a character. */
  readonly jumps: number;

  /** @param following the places that may come after each; the end of the expression is the place after the last */
  constructor(first: Places, following: readonly Places[]) {
    this.#end = following.length;
    this.#first = first;
    this.#onward = new Int32Array(first.length);
    this.#staying = new Int32Array(first.length);
    this.#jumping = new Int32Array(first.length);
    this.#left = new Int32Array(first.length);
    const known = new Map<string, Jump>();
    this.#jumpOf = following.map((places, place) => {
      if (has(places, place + 1)) add(this.#onward, place);
      if (has(places, place)) add(this.#staying, place);
      const to = places.slice();
      remove(to, place);
      remove(to, place + 1);
      if (isEmpty(to)) return undefined;
      const key = to.join(' ');
      const jump = known.get(key) ?? { from: new Int32Array(first.length), to };
      known.set(key, jump);
      add(jump.from, place);
      add(this.#jumping, place);
      return jump;
    });
    this.jumps = known.size;
  }

  /**
   * Puts the places that take the next character into `taking`, of those that may come after the given ones, or where a
   * match begins; and tells whether a match ends before it.
   *
   * @param takenBy the places that take such a character at all
   */
  follow(places: Places, takenBy: Places, taking: Places): boolean {
    const left = this.#left;
    let carried = 0;
    let jumping = 0;
    for (let at = 0; at < places.length; at++) {
      const number = places[at] ?? 0;
      const onward = number & (this.#onward[at] ?? 0);
      const staying = number & (this.#staying[at] ?? 0);
      taking[at] = (this.#first[at] ?? 0) | (onward << 1) | carried | staying;
      carried = onward >>> 31;
      const jumps = number & (this.#jumping[at] ?? 0);
      left[at] = jumps;
      jumping |= jumps;
    }
    if (jumping !== 0) this.#jump(taking);
    const isFound = has(taking, this.#end);
    for (let at = 0; at < taking.length; at++) taking[at] = (taking[at] ?? 0) & (takenBy[at] ?? 0);
    return isFound;
  }

  /** Takes the jumps that are left. */
  #jump(reached: Places): void {
    const left = this.#left;
    for (let at = 0; at < left.length; at++) {
      while (left[at] !== 0) {
        const jump = this.#jumpOf[firstIn(left, at)];
        if (jump === undefined) break;
        unite(reached, jump.to);
        subtract(left, jump.from);
      }
    }
  }
}
