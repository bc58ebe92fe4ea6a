import { isEmpty, type Places } from './places.ts';
import { type CharacterClass, type Kind, kind, type Program } from './program.ts';

/**
 * Room for what has been met, in numbers of 8 bytes: 128 KiB for each expression of a filter, on each thread. A few
 * hundred states; ordinary expressions have less than a hundred.
 */
const room = 16 * 1024;

/** About what a state takes, besides its places and where it leads to. */
const stateRoom = 32;

/** Where matching can be: the places that took the last character, and of which kind that was. */
interface State {
  places: Places;
  before: Kind;
  /** Whether it is nowhere, and can go on where the beginning of all matches stands next. */
  isIdle: boolean;
  /** Where it leads to, by the class of the next character. */
  next: (State | null)[];
  /** Kept to be found again; else there is no room for it. */
  isKept: boolean;
}

const none: Places = new Int32Array(0);

/** The state in which a match has been found. */
const found: State = { places: none, before: kind.none, isIdle: false, next: [], isKept: true };

/**
 * Whether an expression finds something in a text: all places are followed at once, as sets of bits, and the sets that
 * were met are remembered, so that a character mostly takes one look. Where too many are met for that (`a.{60}` has
 * 2^60), a character takes a shift and the jumps of its places.
 */
export class Automaton {
  readonly #program: Program;
  readonly #start: State;
  /** The class of the first 256 characters. */
  readonly #latin: (CharacterClass | null)[] = Array.from({ length: 256 }, () => null);
  readonly #states = new Map<string, State>();
  /** Where the places that take the next character are put together. */
  #taking: Places;
  /** The state for which there is no room. */
  readonly #passed: State;
  #room = room;

  constructor(program: Program) {
    this.#program = program;
    this.#taking = program.nowhere();
    this.#passed = { places: program.nowhere(), before: kind.none, isIdle: false, next: [], isKept: false };
    this.#start = {
      places: program.nowhere(),
      before: kind.none,
      isIdle: program.prefix !== '',
      next: [],
      isKept: true,
    };
  }

  /** How many states are remembered. */
  get size(): number {
    return this.#states.size;
  }

  test(text: string): boolean {
    if (this.#room <= 0) this.#forget();
    const { prefix } = this.#program;
    let state = this.#start;
    for (let at = 0; ; at++) {
      if (state.isIdle) {
        const begin = text.indexOf(prefix, at);
        if (begin < 0) return false;
        if (begin > at) state = this.#stateAfter(text.charCodeAt(begin - 1));
        at = begin;
      }
      if (at >= text.length) break;
      let code = text.charCodeAt(at);
      if (code >= 0xd800 && code < 0xdc00) {
        code = text.codePointAt(at) ?? code;
        if (code > 0xffff) at++;
      }
      const next = this.#classOf(code);
      state = state.next[next.index] ?? this.#step(state, next);
      if (state === found) return true;
    }
    return this.#program.moves(state.before, kind.none).follow(state.places, none, this.#taking);
  }

  /** Where matching begins after a character. */
  #stateAfter(code: number): State {
    return this.#stateOf(this.#program.nowhere(), this.#program.kindOf(code));
  }

  #classOf(code: number): CharacterClass {
    if (code > 255) return this.#program.classOf(code);
    const known = this.#latin[code];
    if (known) return known;
    const met = this.#program.classOf(code);
    this.#latin[code] = met;
    return met;
  }

  #forget(): void {
    this.#states.clear();
    this.#start.next = [];
    this.#room = room;
  }

  #step(state: State, next: CharacterClass): State {
    const taking = this.#taking;
    const isFound = this.#program.moves(state.before, next.kind).follow(state.places, next.takenBy, taking);
    const to = isFound ? found : this.#stateOf(taking, next.kind);
    if (state.isKept && to.isKept && this.#room > 0) {
      this.#room -= Math.max(0, next.index + 1 - state.next.length);
      while (state.next.length <= next.index) state.next.push(null);
      state.next[next.index] = to;
    }
    return to;
  }

  #stateOf(places: Places, before: Kind): State {
    if (this.#room <= 0) return this.#passing(places, before);
    let key = String.fromCharCode(before);
    for (const number of places) key += String.fromCharCode(number & 0xffff, number >>> 16);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state: State = { places: places.slice(), before, isIdle: this.#isIdle(places), next: [], isKept: true };
    this.#states.set(key, state);
    this.#room -= stateRoom + places.length;
    return state;
  }

  #isIdle(places: Places): boolean {
    return this.#program.prefix !== '' && isEmpty(places);
  }

  /** A state that is not remembered, and gone after the next step. */
  #passing(places: Places, before: Kind): State {
    this.#taking = this.#passed.places;
    this.#passed.places = places;
    this.#passed.before = before;
    this.#passed.isIdle = this.#isIdle(places);
    return this.#passed;
  }
}
