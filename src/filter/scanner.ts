/** A search that cannot be read, with what was expected there. */
export class QuerySyntaxError extends Error {
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

/** A piece of a search, and where it stands; UTF-16 units. */
export interface Token {
  text: string;
  start: number;
  end: number;
}

type Keyword = 'AND' | 'OR' | 'NOT';

const operators = ['!=', '>=', '<=', ':', '=', '<', '>'] as const;
const operatorAt = /!=|>=|<=|[:=<>]/y;
const nameAt = /[\p{L}_@$](?:[\p{L}\p{N}_.@$-]*[\p{L}\p{N}_$])?/uy;
const wordAt = /[^\s"()]+/y;
const itemAt = /[^\s"(),]+/y;
const keywordAt = /(?:AND|OR|NOT)(?=[\s(),"]|$)/y;
const starAt = /\*(?=[\s)]|$)/y;

/** Walks through the text of a search, from token to token. What a character means depends on what is expected. */
export class Scanner {
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.text.length;
  }

  /** The next character; an empty text at the end. */
  get next(): string {
    return this.text.charAt(this.#at);
  }

  skipSpace(): void {
    this.#read(/\s+/y);
  }

  take(text: string): boolean {
    if (!this.text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  takeKeyword(word: Keyword): boolean {
    return this.#keyword === word && this.take(word);
  }

  get isBeforeKeyword(): boolean {
    return this.#keyword !== null;
  }

  get isBeforeOr(): boolean {
    return this.#keyword === 'OR';
  }

  get #keyword(): string | null {
    keywordAt.lastIndex = this.#at;
    return keywordAt.exec(this.text)?.[0] ?? null;
  }

  /** A star that stands for anything. */
  takeStar(): boolean {
    return this.#read(starAt) !== null;
  }

  /** A word of a search, or a value; `item`: of a list, so that it ends before a comma. */
  word(kind: 'word' | 'item'): Token | null {
    return this.#read(kind === 'word' ? wordAt : itemAt);
  }

  operator(): (typeof operators)[number] | null {
    return operators.find((operator) => this.take(operator)) ?? null;
  }

  /** The name of a field, if an operator comes after it; `http://` and `std::` begin a word. */
  name(): Token | null {
    const start = this.#at;
    const name = this.#read(nameAt);
    operatorAt.lastIndex = this.#at;
    if (name !== null && operatorAt.test(this.text) && !/^:(?:\/\/|:)/.test(this.text.slice(this.#at, this.#at + 3))) {
      return name;
    }
    this.#at = start;
    return null;
  }

  /** A text in quotes; a backslash stands for itself but before the quote and before another one. */
  quoted(quote: '"' | "'"): Token {
    const start = this.#at;
    const found = this.#read(quote === '"' ? /"(?:\\.|[^"\\])*"/sy : /'(?:\\.|[^'\\])*'/sy);
    if (found === null) this.fail(`Expected a ${quote} that ends the text which begins here.`, start, this.text.length);
    const text = found.text.slice(1, -1).replace(/\\./gs, (pair) => {
      return pair === '\\\\' || pair === `\\${quote}` ? pair.slice(1) : pair;
    });
    return { ...found, text };
  }

  /** A regular expression between slashes, with `i` after it when it ignores case. */
  pattern(): Token & { isFolded: boolean } {
    const start = this.#at;
    const found = this.#read(/\/(?:\\.|[^/\\])*\//sy);
    const advice = 'To search for a text with slashes, put it in double quotes.';
    if (found === null) this.fail(`Expected a / that ends the regular expression. ${advice}`, start, this.text.length);
    const isFolded = this.take('i');
    if (/[^\s)]/.test(this.next))
      this.fail(`Expected a space after the regular expression. ${advice}`, start, this.#at);
    return { ...found, text: found.text.slice(1, -1), isFolded };
  }

  fail(message: string, start = this.#at, end = Math.min(start + 1, this.text.length)): never {
    throw new QuerySyntaxError(message, start, end);
  }

  /** What a sticky pattern finds here. */
  #read(pattern: RegExp): Token | null {
    const start = this.#at;
    pattern.lastIndex = start;
    const text = pattern.exec(this.text)?.[0];
    if (text === undefined) return null;
    this.#at += text.length;
    return { text, start, end: this.#at };
  }
}
