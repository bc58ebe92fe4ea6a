import { all, boundsOf, isBound } from './all.ts';
import { any } from './any.ts';
import { compare, exists, Incomparable, type Operator } from './comparison.ts';
import { type Compilation, mostDepth } from './compilation.ts';
import type { Condition } from './condition.ts';
import { Contains } from './contains.ts';
import { everything } from './everything.ts';
import { not } from './not.ts';
import { scalarOf } from './quote.ts';
import { QuerySyntaxError, Scanner, type Token } from './scanner.ts';
import type { Scalar } from './value.ts';

/** `timestamp` in the words of a search; only with `:`, for a field may have such a name. */
const aliases: ReadonlyMap<string, Operator> = new Map([
  ['after', '>='],
  ['before', '<'],
]);

const inQuotes = 'To search for such a text, put it in double quotes.';

/**
 * Reads a search; docs/search.md has the grammar. What is wrong with it is told to the compilation.
 * @param depth how deep the filter is that it is part of
 */
export function parseQuery(text: string, compilation: Compilation, path: string[], depth: number): Condition {
  try {
    return new QueryParser(text, compilation, path).query(depth);
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    compilation.problem(path, 'QUERY_SYNTAX', error.message, error);
    return everything;
  }
}

class QueryParser {
  readonly #scanner: Scanner;
  readonly #compilation: Compilation;
  readonly #path: string[];

  constructor(text: string, compilation: Compilation, path: string[]) {
    this.#scanner = new Scanner(text);
    this.#compilation = compilation;
    this.#path = path;
  }

  query(depth: number): Condition {
    this.#scanner.skipSpace();
    if (this.#scanner.isAtEnd) return everything;
    const condition = this.#alternatives(depth);
    if (!this.#scanner.isAtEnd) this.#scanner.fail(`Expected the end, or a ( before this ). ${inQuotes}`);
    return condition;
  }

  #alternatives(depth: number): Condition {
    const conditions = [this.#together(depth)];
    while (this.#scanner.takeKeyword('OR')) conditions.push(this.#together(depth));
    return any(conditions);
  }

  #together(depth: number): Condition {
    const start = this.#scanner.at;
    const conditions = [this.#condition(depth)];
    while (this.#goesOn()) conditions.push(this.#condition(depth));
    this.#checkBounds(conditions, start);
    return all(conditions);
  }

  #goesOn(): boolean {
    this.#scanner.skipSpace();
    if (this.#scanner.takeKeyword('AND')) return true;
    return !this.#scanner.isAtEnd && this.#scanner.next !== ')' && !this.#scanner.isBeforeOr;
  }

  /** Times that are written the wrong way round are a mistake, not a search for nothing. */
  #checkBounds(conditions: readonly Condition[], start: number): void {
    const { from, to } = boundsOf(conditions.filter(isBound));
    if (from === null || to === null || from <= to) return;
    const message = 'The time after which is searched is later than the time before which: exchange the two.';
    this.#compilation.problem(this.#path, 'FROM_AFTER_TO', message, { start, end: this.#scanner.at });
  }

  #condition(depth: number): Condition {
    const scanner = this.#scanner;
    let isNegated = false;
    while (true) {
      scanner.skipSpace();
      if (!scanner.takeKeyword('NOT') && !scanner.take('-')) break;
      isNegated = !isNegated;
    }
    const condition = scanner.take('(') ? this.#group(depth + 1) : this.#single();
    return isNegated ? not(condition) : condition;
  }

  #group(depth: number): Condition {
    const start = this.#scanner.at - 1;
    if (depth > mostDepth) {
      this.#scanner.fail(`Expected at most ${mostDepth} levels of parentheses and filters in each other.`, start);
    }
    const condition = this.#alternatives(depth);
    if (!this.#scanner.take(')')) this.#scanner.fail('Expected a ) that ends what begins here.', start);
    return condition;
  }

  #single(): Condition {
    const scanner = this.#scanner;
    this.#compilation.countCondition(this.#path);
    if (scanner.next === "'") return this.#contains(scanner.quoted("'"), true);
    if (scanner.next === '/') return this.#pattern();
    const name = scanner.next === '"' ? scanner.quoted('"') : scanner.name();
    const operator = name === null ? null : scanner.operator();
    if (name !== null) return operator === null ? this.#contains(name, false) : this.#comparison(name, operator);
    return this.#word();
  }

  #word(): Condition {
    const scanner = this.#scanner;
    if (scanner.takeStar()) return everything;
    if (scanner.isBeforeKeyword) scanner.fail(`Expected something to search for before this. ${inQuotes}`);
    const word = scanner.word('word');
    if (word === null) {
      return scanner.fail('Expected something to search for: a word, "a phrase", /a pattern/ or field:value.');
    }
    if (/^[:=<>]|^!=/.test(word.text)) {
      return scanner.fail(
        `Expected a field before "${word.text}", without a space between. ${inQuotes}`,
        word.start,
        word.end,
      );
    }
    return this.#contains(this.#withoutStar(word), false);
  }

  /** Words are found as parts of others, so a star is a mistake, or part of the text. */
  #withoutStar(word: Token): Token {
    if (!word.text.includes('*')) return word;
    const message =
      'Expected no "*": words and values after ":" are found as parts already. To search for a star, use double quotes.';
    return this.#scanner.fail(message, word.start, word.end);
  }

  #contains({ text, start, end }: Token, caseSensitive: boolean): Condition {
    this.#compilation.checkText(text, this.#path, { start, end });
    return text === '' ? everything : new Contains(text, caseSensitive);
  }

  #pattern(): Condition {
    const { text, start, isFolded } = this.#scanner.pattern();
    const prefix = isFolded ? '(?i)' : '';
    return this.#compilation.pattern(prefix + unescaped(text), this.#path, (at) => {
      return start + 1 + placeIn(text, Math.max(at - prefix.length, 0));
    });
  }

  #comparison(name: Token, operator: Operator): Condition {
    const isQuoted = this.#scanner.text[name.start] === '"';
    const alias = isQuoted || operator !== ':' ? undefined : aliases.get(name.text);
    const field = alias === undefined ? name.text : 'timestamp';
    this.#compilation.checkText(field, this.#path, name);
    const found = this.#compared(field, alias ?? operator);
    if (!(found instanceof Incomparable)) return found;
    this.#compilation.problem(this.#path, found.code, found.message, { start: name.start, end: this.#scanner.at });
    return everything;
  }

  #compared(field: string, operator: Operator): Condition | Incomparable {
    if (operator === ':' && this.#scanner.takeStar()) return exists(field);
    if (!this.#scanner.take('(')) return compare(field, operator, [this.#value(operator, 'word')]);
    if (operator !== ':' && operator !== '=' && operator !== '!=') {
      this.#scanner.fail(`Expected one value after "${operator}", not a list.`, this.#scanner.at - 1);
    }
    return compare(field, operator, this.#list(operator));
  }

  /** The values of a list, up to the parenthesis that ends it; commas and OR between them may be left out. */
  #list(operator: Operator): Scalar[] {
    const scanner = this.#scanner;
    const start = scanner.at - 1;
    const values: Scalar[] = [];
    while (true) {
      scanner.skipSpace();
      if (scanner.take(')')) return values;
      if (scanner.isAtEnd) scanner.fail('Expected a ) that ends the list which begins here.', start);
      if (scanner.take(',') || scanner.takeKeyword('OR')) continue;
      if (values.length > 0) this.#compilation.countCondition(this.#path);
      values.push(this.#value(operator, 'item'));
    }
  }

  #value(operator: Operator, kind: 'word' | 'item'): Scalar {
    const scanner = this.#scanner;
    if (scanner.next === "'") {
      scanner.fail('Expected a value in double quotes: "=" compares as written, ":" finds a part in any case.');
    }
    const token = scanner.next === '"' ? scanner.quoted('"') : this.#plainValue(operator, kind);
    this.#compilation.checkText(token.text, this.#path, token);
    const isPlain = scanner.text[token.start] !== '"';
    return isPlain && operator !== ':' ? scalarOf(token.text) : token.text;
  }

  #plainValue(operator: Operator, kind: 'word' | 'item'): Token {
    const word = this.#scanner.word(kind);
    if (word === null || /^[:=<>!]/.test(word.text)) {
      return this.#scanner.fail(`Expected a value right after "${operator}". ${inQuotes}`, word?.start, word?.end);
    }
    return operator === ':' ? this.#withoutStar(word) : word;
  }
}

/** A pattern without what its slashes are escaped with. */
const unescaped = (pattern: string): string => pattern.replace(/\\./gs, (pair) => (pair === '\\/' ? '/' : pair));

/** Where a place in an unescaped pattern is in the pattern as written. */
function placeIn(written: string, place: number): number {
  let index = 0;
  for (let at = 0; at < place; at++) {
    if (written.startsWith('\\/', index)) index += 2;
    else if (written[index] === '\\' && at + 1 < place) {
      index += 2;
      at++;
    } else index++;
  }
  return index;
}
