import type { RE2JS } from 're2js';
import { Moves } from './moves.ts';
import { add, type Places } from './places.ts';

/** An instruction as RE2JS compiles it; `out` and `arg` are where it goes on. */
interface Instruction {
  op: number;
  out: number;
  arg: number;
  matchRune(codePoint: number): boolean;
}

/**
 * The instructions of RE2JS (src/Inst.js of the pinned version), which are those of Go's regexp/syntax; from `rune` to
 * `lastRune` they take a character. Those for look-around do not come here: it is refused before.
 */
const op = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, fail: 5, match: 6, nop: 7, rune: 8, lastRune: 11 };

/** What holds between two characters, as a set of bits: RE2JS, src/Utils.js. */
const between = { lineBegins: 1, lineEnds: 2, textBegins: 4, textEnds: 8, wordBoundary: 16, noWordBoundary: 32 };

/** What assertions can tell of a character: `^`, `$`, `\b` and the like look at one on either side. */
export const kind = { none: 0, newline: 1, word: 2, other: 3 } as const;
export type Kind = (typeof kind)[keyof typeof kind];

const holds = (before: Kind, after: Kind): number =>
  (before === kind.none ? between.textBegins | between.lineBegins : 0) |
  (before === kind.newline ? between.lineBegins : 0) |
  (after === kind.none ? between.textEnds | between.lineEnds : 0) |
  (after === kind.newline ? between.lineEnds : 0) |
  ((before === kind.word) !== (after === kind.word) ? between.wordBoundary : between.noWordBoundary);

/** Characters that an expression does not tell from each other. */
export interface CharacterClass {
  /** In the order they were met. */
  index: number;
  kind: Kind;
  /** The places that take such a character. */
  takenBy: Places;
}

/**
 * A regular expression as its places, the parts that each take one character, after Glushkov ("The abstract theory of
 * automata", 1961): which may come after which, and which characters they take. Worked out when it is first asked for.
 */
export class Program {
  /** Numbers in a set of places. */
  readonly #width: number;
  /** The end of the expression, as a place. */
  readonly end: number;
  /** What all matches begin with. */
  readonly prefix: string;
  readonly #instructions: Instruction[];
  readonly #start: number;
  /** The instruction of each place, and the place of each instruction that takes a character. */
  readonly #places: number[] = [];
  readonly #placeOf = new Map<number, number>();
  readonly #hasAssertions: boolean;
  /** For each pair of kinds. */
  readonly #moves: (Moves | undefined)[] = [];
  readonly #intervalOf: (codePoint: number) => number;
  readonly #classOfInterval = new Map<number, CharacterClass>();
  readonly #classes = new Map<string, CharacterClass>();

  constructor(expression: RE2JS) {
    const { prog, dfa, prefix } = expression.re2();
    const count: number = prog.numInst();
    this.prefix = prefix ?? '';
    this.#instructions = Array.from({ length: count }, (_, at): Instruction => prog.getInst(at));
    this.#start = prog.start;
    this.#intervalOf = (codePoint) => dfa.runeClass(codePoint);
    this.#instructions.forEach((instruction, at) => {
      if (instruction.op < op.rune || instruction.op > op.lastRune) return;
      this.#placeOf.set(at, this.#places.length);
      this.#places.push(at);
    });
    this.end = this.#places.length;
    this.#width = (this.end >> 5) + 1;
    this.#hasAssertions = this.#instructions.some((instruction) => instruction.op === op.emptyWidth);
  }

  /** A set without places. */
  nowhere(): Places {
    return new Int32Array(this.#width);
  }

  /** How matching goes on between characters of these kinds. */
  moves(before: Kind, after: Kind): Moves {
    const pair = this.#hasAssertions ? 4 * before + after : 0;
    const known = this.#moves[pair];
    if (known !== undefined) return known;
    const holding = holds(before, after);
    const following = this.#places.map((at) => this.#closure(this.#instructions[at]?.out ?? 0, holding));
    const moves = new Moves(this.#closure(this.#start, holding), following);
    this.#moves[pair] = moves;
    return moves;
  }

  /** The places that can be reached from an instruction without taking a character. */
  #closure(from: number, holding: number): Places {
    const found = this.nowhere();
    const seen = new Uint8Array(this.#instructions.length);
    const pending = [from];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const instruction = this.#instructions[at];
      if (instruction === undefined || seen[at] === 1) continue;
      seen[at] = 1;
      switch (instruction.op) {
        case op.alt:
        case op.altMatch:
          pending.push(instruction.arg, instruction.out);
          break;
        case op.capture:
        case op.nop:
          pending.push(instruction.out);
          break;
        case op.emptyWidth:
          if ((instruction.arg & ~holding) === 0) pending.push(instruction.out);
          break;
        case op.match:
          add(found, this.end);
          break;
        case op.fail:
          break;
        default:
          add(found, this.#placeOf.get(at) ?? this.end);
      }
    }
    return found;
  }

  /** Only where there is an assertion to tell it to. */
  kindOf(codePoint: number): Kind {
    if (!this.#hasAssertions) return kind.other;
    if (codePoint === 10) return kind.newline;
    return codePoint < 128 && /\w/.test(String.fromCharCode(codePoint)) ? kind.word : kind.other;
  }

  classOf(codePoint: number): CharacterClass {
    const interval = this.#intervalOf(codePoint);
    const known = this.#classOfInterval.get(interval);
    if (known !== undefined) return known;
    const takenBy = this.nowhere();
    this.#places.forEach((at, place) => {
      if (this.#instructions[at]?.matchRune(codePoint) === true) add(takenBy, place);
    });
    const ofKind = this.kindOf(codePoint);
    const key = `${ofKind} ${takenBy.join(' ')}`;
    const found = this.#classes.get(key) ?? { index: this.#classes.size, kind: ofKind, takenBy };
    this.#classes.set(key, found);
    this.#classOfInterval.set(interval, found);
    return found;
  }
}
