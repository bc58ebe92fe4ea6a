import { type Head, isSigned } from './head.ts';
import { beginning, hashOf, linkOf, type Tip } from './link.ts';

/** What is wrong with a chain, and from which record on. */
export interface ChainProblem {
  /** Number of the record, as far as one can tell. */
  sequence: number;
  message: string;
}

/** Problems told of one chain: whoever rewrote all of it made one for each record. */
const mostProblems = 100;

/**
 * Reads a chain line by line, and tells where it is not what was written. By itself it finds what was changed, taken out,
 * put in or moved. That the end was cut off, that it was written on after that, or that all of it is an older copy, shows
 * only by a head that was kept elsewhere.
 */
export class ChainVerifier {
  readonly #head: Head | null;
  readonly #problems: ChainProblem[] = [];
  #tip: Tip | null;
  #records = 0;

  /**
   * @param log id of the stream, which a head is signed for; null: nobody knows, and the head is trusted as it is
   * @param tip where reading begins; null: with the first line that is left, whatever stood before it
   */
  constructor({ head, log, tip = null }: { head: Head | null; log: string | null; tip?: Tip | null }) {
    this.#head = head;
    this.#tip = tip;
    if (head !== null && log !== null && !isSigned(head, log)) {
      this.#tell(head.sequence, 'The head is not what the key in it signed for this stream.');
    }
  }

  get records(): number {
    return this.#records;
  }

  get tip(): Tip {
    return this.#tip ?? beginning;
  }

  get problems(): readonly ChainProblem[] {
    return this.#problems;
  }

  /** The next line, without its line end; gives what is wrong with it. */
  take(line: string): ChainProblem | null {
    this.#records += 1;
    const hash = hashOf(line);
    const link = linkOf(line);
    const expected = this.#tip === null ? null : this.#tip.sequence + 1;
    if (link === null) return this.#broken(expected ?? 1, hash, 'This record is no part of the chain, or was changed.');
    const { sequence, previous } = link;
    const before = this.#tip;
    this.#tip = { sequence, hash };
    if (before === null) {
      const isBeginning = sequence !== 1 || previous === beginning.hash;
      return (
        this.#checkHead(this.#tip) ?? (isBeginning ? null : this.#tell(1, 'The first record is not as it was written.'))
      );
    }
    if (sequence > before.sequence + 1) {
      const from = before.sequence + 1;
      return this.#tell(from, `Records ${from} to ${sequence - 1} are missing.`);
    }
    if (sequence !== before.sequence + 1) return this.#tell(sequence, 'This record stands where it was not written.');
    if (previous !== before.hash) return this.#tell(before.sequence, 'This record is not as it was written.');
    return this.#checkHead(this.#tip);
  }

  /** There is no more; gives what is missing. */
  end(): ChainProblem | null {
    const head = this.#head;
    if (head === null || head.sequence <= this.tip.sequence) return null;
    return this.#tell(
      this.tip.sequence + 1,
      `Records ${this.tip.sequence + 1} to ${head.sequence} are missing at the end.`,
    );
  }

  #checkHead({ sequence, hash }: Tip): ChainProblem | null {
    if (this.#head?.sequence !== sequence || this.#head.hash === hash) return null;
    return this.#tell(
      sequence,
      'This is not the record that the head was signed for: what came before was written anew.',
    );
  }

  #broken(sequence: number, hash: string, message: string): ChainProblem {
    this.#tip = { sequence, hash };
    return this.#tell(sequence, message);
  }

  #tell(sequence: number, message: string): ChainProblem {
    const problem = { sequence, message };
    if (this.#problems.length < mostProblems) this.#problems.push(problem);
    return problem;
  }
}
