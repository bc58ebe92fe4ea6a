import type { Segment } from '../file/segment.ts';

interface Lent {
  segment: Promise<Segment | null>;
  users: number;
}

/** The open files of a passage, by span: all who need one at the same time share it. */
export class OpenFiles {
  readonly #open: (span: number) => Promise<Segment | null>;
  readonly #lent = new Map<number, Lent>();
  #keepers = 0;
  #last = -1;

  constructor(open: (span: number) => Promise<Segment | null>) {
    this.#open = open;
  }

  /** Opens a file for as long as `work` takes; null when it may no longer be read. */
  async lend<Result>(span: number, work: (segment: Segment | null) => Result | Promise<Result>): Promise<Result> {
    const lent = this.#lent.get(span) ?? { segment: this.#open(span), users: 0 };
    this.#lent.set(span, lent);
    this.#last = span;
    lent.users += 1;
    try {
      return await work(await lent.segment);
    } finally {
      lent.users -= 1;
      await this.#closeUnused();
    }
  }

  /**
   * From now on the file that was lent last stays open for the next who needs it: to open one takes several trips to the
   * operating system, each behind whatever else is read.
   *
   * @returns what ends that
   */
  keepLast(): () => Promise<void> {
    this.#keepers += 1;
    return () => {
      this.#keepers -= 1;
      return this.#closeUnused();
    };
  }

  async #closeUnused(): Promise<void> {
    for (const [span, { segment, users }] of this.#lent) {
      if (users > 0 || (this.#keepers > 0 && span === this.#last)) continue;
      this.#lent.delete(span);
      // Whoever asked for one that cannot be opened was told.
      const opened = await segment.catch(() => null);
      await opened?.close();
    }
  }
}
