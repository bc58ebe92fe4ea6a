/**
 * Time (ms) after which to try again for whoever has the most of something: as soon as one of theirs has ended there is room,
 * and nobody knows when.
 */
export const retryAfterMs = 1000;

/** How many of something each holder has, and the most that one may have. */
export class Quota {
  readonly #most: number;
  readonly #held = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes one more for `holder`, and returns what gives it back, once; null when it has the most already. */
  take(holder: string): (() => void) | null {
    const held = this.#held.get(holder) ?? 0;
    if (held >= this.#most) return null;
    this.#held.set(holder, held + 1);
    let release = () => {
      release = () => {};
      const left = (this.#held.get(holder) ?? 1) - 1;
      if (left === 0) this.#held.delete(holder);
      else this.#held.set(holder, left);
    };
    return () => release();
  }
}
