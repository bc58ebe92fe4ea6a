import type { Needle } from './condition.ts';
import { needleIn, sharpest, together } from './needle.ts';

/** Something in a regular expression that is not supported here, and why. */
export interface Refusal {
  message: string;
  start: number;
  end: number;
}

/** What can be told of a regular expression without compiling it. */
export interface Outline {
  /** About how many instructions it compiles to: repetitions are written out. */
  size: number;
  /** As `Condition.needles`. */
  needles: readonly Needle[] | null;
  refusals: Refusal[];
}

interface Part {
  size: number;
  needles: readonly Needle[] | null;
}

type Atom = { kind: 'literal'; char: string } | ({ kind: 'other' } & Part);

const one: Atom = { kind: 'other', size: 1, needles: null };
const none: Atom = { kind: 'other', size: 0, needles: null };

const backReference =
  'Back-references are not supported: what is needed for them is not linear in time. Write out what may repeat.';
const lookAround =
  'Look-around is not supported: what is needed for it is not linear in time. Combine several conditions, with "-" before what must not match.';
const quotedPart = 'A part in \\Q...\\E is not supported: put a backslash before each special character instead.';

const repeatedFlags =
  'A repetition after flags would repeat what comes before them. Put it there, or the flags at the beginning.';

const rangeIn = /(\\x\{[^}]*\}|\\.|[^\\])-(\\x\{[^}]*\}|\\.|[^\\\]])/gsu;

/** The last character that has another case, about. */
const lastFolded = 0x1e943;

/** When case is ignored, the compiler looks at each character of a range: 1000 of them take as long as a step or more. */
function foldingSteps(first: string, last: string): number {
  return Math.max(0, Math.floor((Math.min(codeOf(last), lastFolded) - codeOf(first)) / 1000));
}

const codeOf = (written: string): number => {
  const hex = /^\\x\{(.*)\}$/.exec(written)?.[1];
  return hex === undefined ? (written.replace(/^\\/, '').codePointAt(0) ?? 0) : Number.parseInt(hex, 16) || 0;
};

/**
 * Looks through a regular expression in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax). What is wrong in
 * it is for the compiler to say; of that any outline is given. Takes time linear in the length of the expression.
 */
export const outlineOf = (expression: string): Outline => new Outliner(expression).outline();

class Outliner {
  readonly #text: string;
  /** Whether some of it ignores case; then all literals are taken so. */
  readonly #folded: boolean;
  readonly #refusals: Refusal[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#folded = /\(\?[a-zA-Z]*i/.test(text);
  }

  outline(): Outline {
    let { size, needles } = this.#alternatives();
    while (this.#at < this.#text.length) {
      // A parenthesis that closes nothing; the compiler says so.
      this.#at++;
      const rest = this.#alternatives();
      size += rest.size;
      needles = null;
    }
    return { size, needles, refusals: this.#refusals };
  }

  #alternatives(): Part {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    const size = parts.reduce((sum, part) => sum + part.size, parts.length - 1);
    return { size, needles: together(parts.map((part) => part.needles)) };
  }

  #sequence(): Part {
    const found: (readonly Needle[] | null)[] = [];
    let size = 0;
    let run = '';
    const endRun = () => {
      const needle = needleIn(run, this.#folded);
      if (needle !== null) found.push([needle]);
      run = '';
    };
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')') {
      const atom = this.#atom();
      const { min, copies, branches, isOnce } = this.#repetition();
      size += copies * (atom.kind === 'literal' ? 1 : atom.size) + branches;
      if (atom.kind === 'literal' && min > 0) run += this.#told(atom.char);
      if (atom.kind === 'other' && min > 0) found.push(atom.needles);
      if (atom.kind === 'other' || !isOnce) endRun();
    }
    endRun();
    return { size, needles: sharpest(found) };
  }

  /**
   * A literal as bytes tell it; a line end, at which a needle ends, where they cannot. When case is ignored, RE2 takes
   * the Kelvin sign for a k and ſ for an s, and letters outside of ASCII in both cases.
   */
  #told(char: string): string {
    if (/\p{Cs}/u.test(char)) return '\n';
    if (!this.#folded) return char;
    return /\P{ASCII}|[KSks]/u.test(char) ? '\n' : char.toLowerCase();
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Steps over what matches here, which must be a sticky pattern. */
  #skip(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #refuse(message: string, start: number): void {
    this.#refusals.push({ message, start, end: this.#at });
  }

  #atom(): Atom {
    const start = this.#at;
    const char = String.fromCodePoint(this.#text.codePointAt(start) ?? 0);
    this.#at += char.length;
    if (char === '\\') return this.#escape(start);
    if (char === '[') return this.#charClass();
    if (char === '(') return this.#group(start);
    return char === '.' || char === '^' || char === '$' ? one : { kind: 'literal', char };
  }

  #escape(start: number): Atom {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += char.length;
    if (/[1-9]/.test(char)) {
      // Two octal digits are a character.
      if (char <= '7' && this.#skip(/[0-7]{1,2}/y) !== null) return one;
      this.#refuse(backReference, start);
    } else if (char === 'k') {
      this.#skip(/<[^>]*>/y);
      this.#refuse(backReference, start);
    } else if (char === 'Q') this.#refuse(quotedPart, start);
    else if (char === '0') this.#skip(/[0-7]{1,2}/y);
    else if (char === 'x') this.#skip(/\{[^}]*\}|[0-9A-Fa-f]{2}/y);
    else if (char === 'p' || char === 'P') this.#skip(/\^?\{[^}]*\}|./uy);
    else if (!/[A-Za-z]/.test(char)) return { kind: 'literal', char };
    return one;
  }

  #charClass(): Atom {
    const start = this.#at;
    this.#skip(/\^?\]?/y);
    this.#skip(/(?:\[:[^\]:]*:\]|\\.|[^\]\\])*\]?/sy);
    const text = this.#text.slice(start, this.#at);
    const unicode = text.match(/\\[pP]/g)?.length ?? 0;
    const ranges = this.#folded ? [...text.matchAll(rangeIn)] : [];
    const size = ranges.reduce((sum, [, first = '', last = '']) => sum + foldingSteps(first, last), 1 + unicode);
    return { kind: 'other', size, needles: null };
  }

  #group(start: number): Atom {
    if (this.#skip(/\?<?[=!]/y) !== null) this.#refuse(lookAround, start);
    else if (this.#skip(/\?P=[^)]*/y) !== null) this.#refuse(backReference, start);
    else if (this.#skip(/\?[a-zA-Z-]*\)/y) !== null) {
      if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(this.#text.slice(this.#at, this.#at + 32)))
        this.#refuse(repeatedFlags, start);
      return none;
    } else this.#skip(/\?(?:P?<[^>]*>|[a-zA-Z-]*:)/y);
    const { size, needles } = this.#alternatives();
    this.#take(')');
    return { kind: 'other', size: size + 2, needles };
  }

  /** How often at least, how many copies it compiles to, and how many branches between them. */
  #repetition(): { min: number; copies: number; branches: number; isOnce: boolean } {
    const found = this.#skip(/(?:[*+?]|\{(?<min>\d{1,9})(?<more>,(?<max>\d{0,9}))?\})\??/y);
    if (found === null) return { min: 1, copies: 1, branches: 0, isOnce: true };
    const { min, more, max = '' } = found.groups ?? {};
    if (min === undefined) {
      return { min: found[0].startsWith('+') ? 1 : 0, copies: 1, branches: 1, isOnce: false };
    }
    const least = Number(min);
    const most = more === undefined ? least : Number(max);
    const copies = Math.max(least, most, 1);
    return { min: least, copies, branches: max === '' ? 1 : copies - least, isOnce: false };
  }
}
