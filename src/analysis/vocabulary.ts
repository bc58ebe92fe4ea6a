import { wildcard } from './shape.ts';

/** Blanks, a word, or one character of punctuation. */
const pattern = /(\s*)(<\*>|[^\s<=:,;()[\]{}"'|/]+|[^\s])/g;

/** The words that shapes may have; whatever else is in them is taken for values. */
export class Vocabulary {
  readonly #words: ReadonlySet<string>;

  constructor(words: Iterable<string>) {
    this.#words = new Set(words);
  }

  /** The words (and punctuation) that at least so many of these texts have. */
  static of(texts: readonly string[], leastTimes: number): Vocabulary {
    const times = new Map<string, number>();
    for (const text of texts) {
      const words = new Set(Array.from(text.matchAll(pattern), ([, , word = '']) => word));
      for (const word of words) times.set(word, (times.get(word) ?? 0) + 1);
    }
    times.delete(wildcard);
    return new Vocabulary([...times].filter(([, count]) => count >= leastTimes).map(([word]) => word));
  }

  get words(): readonly string[] {
    return [...this.#words];
  }

  /** Those that both have. */
  with(other: Vocabulary): Vocabulary {
    return new Vocabulary(this.words.filter((word) => other.#words.has(word)));
  }

  /** The shape with a wildcard for each run of what is not in the vocabulary. */
  only(shape: string): string {
    let text = '';
    let isValue = false;
    for (const [, space = '', word = ''] of shape.matchAll(pattern)) {
      const isKept = this.#words.has(word);
      if (isKept) text += space + word;
      else if (!isValue) text += space + wildcard;
      isValue = !isKept;
    }
    return text;
  }
}
