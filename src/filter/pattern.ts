import { RE2JS, RE2JSSyntaxException } from 're2js';
import { Automaton } from './automaton.ts';
import type { Condition, Needle, Subject } from './condition.ts';
import { outlineOf } from './expression.ts';
import { Program } from './program.ts';

/** Longest regular expression, in UTF-16 units: people write shorter ones, and compiling takes time that grows with it. */
const maxLength = 1000;

/** A regular expression that cannot be used, and where it goes wrong. */
export interface PatternProblem {
  code: string;
  message: string;
  start: number;
  end: number;
}

const ignoringCase = '(?i)';

/**
 * A regular expression finds something in the record as written: `/timeout after \d+ ms/`, `/refused/i`.
 *
 * By RE2, in time linear in the length of the record: no back-references, no look-around. `.` is any character but a
 * newline; `^` and `$` are the ends of any line of the record, `\A` and `\z` those of the whole; \d, \w, \s and \b know
 * ASCII only, `\pL` and the like know Unicode.
 */
export class Pattern implements Condition {
  readonly needsTime = false;
  readonly needs = 'raw';
  readonly needles: readonly Needle[] | null;
  readonly #text: string;
  readonly #automaton: Automaton;
  /** One of these stands in all that matches, where that can be said: it takes less time to look for them. */
  readonly #literals: readonly string[] | null;

  constructor(text: string, automaton: Automaton, needles: readonly Needle[] | null) {
    this.#text = text;
    this.#automaton = automaton;
    this.needles = needles;
    const isExact = needles?.every(({ folded }) => !folded) ?? false;
    this.#literals = isExact ? (needles?.map((needle) => needle.text) ?? null) : null;
  }

  matches({ raw }: Subject): boolean {
    if (this.#literals !== null && !this.#literals.some((literal) => raw.includes(literal))) return false;
    return this.#automaton.test(raw);
  }

  print(): string {
    const isFolded = this.#text.startsWith(ignoringCase);
    return printPattern(isFolded ? this.#text.slice(ignoringCase.length) : this.#text) + (isFolded ? 'i' : '');
  }

  toJson() {
    return { matches: this.#text };
  }
}

/** Between slashes; those within are escaped, which means the same. */
const printPattern = (text: string): string => `/${text.replace(/\\.|\//gs, (part) => (part === '/' ? '\\/' : part))}/`;

/** A regular expression, compiled, or everything that is wrong with it. */
export interface CompiledPattern {
  pattern: Pattern | null;
  problems: PatternProblem[];
  /** About how many steps it is, or would be, compiled to; 0 when that was not tried. */
  size: number;
}

/** @param mostSize the most steps it may be compiled to */
export function patternOf(text: string, mostSize: number): CompiledPattern {
  const refused = (problems: PatternProblem[], triedSize = 0) => ({ pattern: null, problems, size: triedSize });
  const whole = { start: 0, end: text.length };
  if (text.length > maxLength) {
    const message = `This regular expression has ${text.length} characters; use at most ${maxLength}, or several conditions.`;
    return refused([{ code: 'TOO_LONG', message, ...whole }]);
  }
  const { size, needles, refusals } = outlineOf(text);
  if (refusals.length > 0) return refused(refusals.map((refusal) => ({ code: 'PATTERN_UNSUPPORTED', ...refusal })));
  // Before it is compiled: that writes out what is repeated.
  if (size > mostSize) {
    const message = `The regular expressions of this filter are too large (about ${size} steps, and ${mostSize} are left of the limit); use smaller repetitions.`;
    return refused([{ code: 'PATTERN_TOO_LARGE', message, ...whole }]);
  }
  try {
    const automaton = new Automaton(new Program(RE2JS.compile(text, RE2JS.MULTILINE)));
    return { pattern: new Pattern(text, automaton, needles), problems: [], size };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return refused([syntaxProblem(text, error)], size);
  }
}

function syntaxProblem(text: string, { error, input: written }: RE2JSSyntaxException): PatternProblem {
  // Flags are put before the text.
  const input = written?.startsWith('(?m)') ? written.slice('(?m)'.length) : written;
  const at = input === null ? -1 : text.indexOf(input);
  // The compiler says what it stumbled over, but not where: a part that is there twice tells nothing.
  const isKnown = input !== null && at >= 0 && text.indexOf(input, at + 1) < 0;
  const span = isKnown ? { start: at, end: at + input.length } : { start: 0, end: text.length };
  const found = input === null || input === text ? '' : ` at "${input}"`;
  const message = `Not a regular expression: ${error}${found}. Put a backslash before a character that means itself.`;
  return { code: 'PATTERN_SYNTAX', message, ...span };
}
