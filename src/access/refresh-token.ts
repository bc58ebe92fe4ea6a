import { createHmac, type KeyObject } from 'node:crypto';
import { newSecret, secretHash } from './secret-hash.ts';

/** Told from other tokens by its beginning; also what secret scanners look for. */
const prefix = 'tailqlr_';

/**
 * A refresh token: what all tokens of a sign-in have in common, by which the sign-in is found, and what is of this one
 * alone. So an old one is known to be of the family without any record of it.
 */
export class RefreshToken {
  readonly #family: string;
  readonly #own: string;

  private constructor(family: string, own: string) {
    this.#family = family;
    this.#own = own;
  }

  /** The first of a new family. */
  static first(): RefreshToken {
    return new RefreshToken(newSecret(), newSecret());
  }

  /** Null when the text is none. */
  static parse(text: string): RefreshToken | null {
    const [, family, own] = /^tailqlr_([\w-]{43})([\w-]{43})$/.exec(text) ?? [];
    return family === undefined || own === undefined ? null : new RefreshToken(family, own);
  }

  get text(): string {
    return `${prefix}${this.#family}${this.#own}`;
  }

  get familyHash(): string {
    return secretHash(this.#family);
  }

  get hash(): string {
    return secretHash(this.#own);
  }

  /**
   * The one that replaces it: always the same, so that whoever asks again gets it again though only hashes are kept; and
   * to be told from this one only with the server's key.
   */
  next(key: KeyObject): RefreshToken {
    const own = createHmac('sha256', key).update(`refresh ${this.#family}${this.#own}`).digest('base64url');
    return new RefreshToken(this.#family, own);
  }
}
