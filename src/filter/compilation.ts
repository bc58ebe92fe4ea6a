import type { InputProblem } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Condition } from './condition.ts';
import { everything } from './everything.ts';
import { patternOf } from './pattern.ts';

/** What one filter may use up. */
export type FilterLimits = Pick<Limits, 'maxFilterLength' | 'maxFilterConditions' | 'maxPatternSize'>;

/** Filters and parentheses in each other. Whoever reads, prints or asks them recurses; people write two or three. */
export const mostDepth = 30;

/** Longest text to search for, in UTF-16 units: finding it takes time in proportion to its length at worst. */
const longestText = 1000;

/** More problems than anybody reads; a request may have room for many thousands. */
const mostProblems = 100;

/** What is wrong with a filter so far, and what it has used up. */
export class Compilation {
  readonly problems: InputProblem[] = [];
  readonly limits: FilterLimits;
  #conditions = 0;
  #patternSize = 0;
  #queryLength = 0;

  constructor(limits: FilterLimits) {
    this.limits = limits;
  }

  problem(path: string[], code: string, message: string, span?: { start: number; end: number }): void {
    if (this.problems.length === mostProblems) return;
    const place = span === undefined ? {} : { start: span.start, end: span.end };
    this.problems.push({ path, message, code, ...place });
  }

  countCondition(path: string[]): void {
    const most = this.limits.maxFilterConditions;
    // Said once: all that follow are too many as well.
    if (++this.#conditions !== most + 1) return;
    this.problem(path, 'TOO_MANY', `A filter may have at most ${most} conditions; use fewer.`);
  }

  /** Whether there are too many conditions already: then the rest is not looked at. */
  get isOverfull(): boolean {
    return this.#conditions > this.limits.maxFilterConditions;
  }

  /** Whether a search, with those before it, is short enough to be read. */
  takesQuery(text: string, path: string[]): boolean {
    this.#queryLength += text.length;
    const most = this.limits.maxFilterLength;
    if (this.#queryLength <= most) return true;
    const message = `The text of a search may have at most ${most} characters, and has ${this.#queryLength}.`;
    this.problem(path, 'TOO_LONG', message);
    return false;
  }

  checkText(text: string, path: string[], span?: { start: number; end: number }): void {
    if (text.length > longestText) {
      const message = `This text has ${text.length} characters; search for at most ${longestText}.`;
      this.problem(path, 'TOO_LONG', message, span);
    }
    if (/\p{Cs}/u.test(text)) {
      this.problem(path, 'NOT_UNICODE', 'This text has half of a surrogate pair in it: send whole characters.', span);
    }
  }

  /** @param placeOf where a place in the pattern is in the text that it is part of */
  pattern(text: string, path: string[], placeOf = (at: number): number => at): Condition {
    if (text === '' || text === '(?i)') return everything;
    const problemCount = this.problems.length;
    if (/\p{Cs}/u.test(text)) this.checkText(text.slice(0, longestText), path);
    if (this.problems.length > problemCount) return everything;
    const { size, pattern, problems } = patternOf(text, this.limits.maxPatternSize - this.#patternSize);
    // Also what is refused took its time.
    this.#patternSize += size;
    for (const { code, message, start, end } of problems) {
      this.problem(path, code, message, { start: placeOf(start), end: placeOf(end) });
    }
    return pattern ?? everything;
  }
}
