import { endOf, isSameFile, type RawRecord } from '../entry.ts';

/** Whether a line begins a record, given the line before it where that is known: what a format says. */
export type Begins = (line: string, previous?: string) => boolean;

/** How the text of a log is made of records. */
export interface Layout {
  /** Which lines begin one; null: every line does. */
  begins: Begins | null;
  /** Longest record kept whole, in bytes; what goes beyond that is not joined. */
  maxRecordBytes: number;
}

/**
 * Joins lines into records. A line that begins none belongs to the record before it, unless that would make the record
 * longer than `maxBytes`: then it stands on its own, and so do all up to the next that begins one. So whether two lines
 * belong together can be told from either side, by looking no further than that.
 *
 * A record may go on in the next file of its log: its position is in the file in which it ends, and its offset there is
 * negative.
 */
export class Joiner {
  readonly #begins: Begins;
  readonly #maxBytes: number;
  #held: RawRecord[] = [];
  #bytes = 0;
  #previous: string | undefined;

  constructor(begins: Begins, maxBytes: number) {
    this.#begins = begins;
    this.#maxBytes = maxBytes;
  }

  /** Another one like this, which holds nothing. */
  empty(): Joiner {
    return new Joiner(this.#begins, this.#maxBytes);
  }

  /** The lines of the record that may still go on; none when there is no such record. */
  get held(): readonly RawRecord[] {
    return this.#held;
  }

  /** Whether this line belongs to the record that is held. */
  continues(line: RawRecord): boolean {
    return (
      this.#held.length > 0 &&
      this.#bytes + line.position.length <= this.#maxBytes &&
      !this.#begins(line.raw, this.#previous)
    );
  }

  /** The records that are known to be whole, now that this line came. */
  push(line: RawRecord): RawRecord[] {
    const continues = this.continues(line);
    const begins = !continues && this.#begins(line.raw, this.#previous);
    this.#previous = line.raw;
    if (continues) {
      this.#held.push(line);
      this.#bytes += line.position.length;
      return [];
    }
    const records = this.flush();
    if (!begins) return [...records, line];
    this.#held = [line];
    this.#bytes = line.position.length;
    return records;
  }

  /** The record that is held, if there is one: when nothing comes any more that could belong to it. */
  flush(): RawRecord[] {
    const lines = this.#held;
    this.#held = [];
    return lines.length > 0 ? [joined(lines)] : [];
  }
}

function joined(lines: RawRecord[]): RawRecord {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) throw new Error('A record has at least one line.');
  if (first === last) return first;
  const end = endOf(last.position);
  const length = isSameFile(first.position.segment, last.position.segment)
    ? end - first.position.offset
    : lines.reduce((sum, { position }) => sum + position.length, 0);
  return {
    position: { ...last.position, offset: end - length, length },
    raw: lines.map(({ raw }) => raw).join('\n'),
    truncated: lines.some(({ truncated }) => truncated),
  };
}
