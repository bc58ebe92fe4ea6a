import { lineBefore } from './line-before.ts';
import { linesOf } from './lines.ts';
import type { Passage, Place } from './passage.ts';

/** A stretch of one file, from record to record. */
export interface PieceUnit {
  kind: 'piece';
  span: number;
  start: number;
  end: number;
}

/** One record that begins in one file and ends in another. */
export interface JointUnit {
  kind: 'joint';
  from: Place;
  to: Place;
}

export type Unit = PieceUnit | JointUnit;

/**
 * Bytes of the first piece, and of the largest: a few pages of a log in which much is found come from the first, and a
 * search that finds little should not stop often.
 */
const [firstBytes, mostBytes] = [1024 * 1024, 32 * 1024 * 1024];

/** A span without the records that it shares with the spans beside it. */
interface Body {
  start: number;
  end: number;
  /** The record that ends before it, and began in a span before. */
  joint: { from: Place; to: Place } | null;
}

/** A passage, divided into units of work that can be done apart. Each is made when it is asked for. */
export class Units {
  readonly #passage: Passage;
  readonly #most: number;
  readonly #joints = new Map<number, Promise<Body['joint']>>();

  /** @param most bytes of a piece; a record that is longer is one all the same */
  constructor(passage: Passage, most = mostBytes) {
    this.#passage = passage;
    this.#most = most;
  }

  /** All units, from the beginning or from the end. */
  async *from(side: 'beginning' | 'end'): AsyncGenerator<Unit, void, undefined> {
    const spans = [...this.#passage.spans.keys()];
    let bytes = Math.min(firstBytes, this.#most);
    for (const span of side === 'end' ? spans.reverse() : spans) {
      const { start, end, joint } = await this.#body(span);
      if (joint !== null && side === 'beginning') yield { kind: 'joint', ...joint };
      for (let [low, high] = [start, end]; low < high; bytes = Math.min(4 * bytes, this.#most)) {
        if (side === 'beginning') {
          const cut = await this.#cutAfter(span, low, bytes, high);
          yield { kind: 'piece', span, start: low, end: cut };
          low = cut;
        } else {
          const cut = await this.#cutBefore(span, high, bytes, low);
          yield { kind: 'piece', span, start: cut, end: high };
          high = cut;
        }
      }
      if (joint !== null && side === 'end') yield { kind: 'joint', ...joint };
    }
  }

  /** Bytes of a unit. */
  async size(unit: Unit): Promise<number> {
    return unit.kind === 'piece' ? unit.end - unit.start : this.#passage.distance(unit.from, unit.to);
  }

  async #cutAfter(span: number, low: number, bytes: number, high: number): Promise<number> {
    for (let step = bytes; low + step < high; step *= 2) {
      const cut = await this.#passage.recordStart({ span, offset: low + step });
      if (cut.span === span && cut.offset > low) return cut.offset;
    }
    return high;
  }

  async #cutBefore(span: number, high: number, bytes: number, low: number): Promise<number> {
    if (high - bytes <= low) return low;
    const cut = await this.#passage.recordStart({ span, offset: high - bytes });
    return cut.span === span ? Math.max(cut.offset, low) : low;
  }

  async #body(span: number): Promise<Body> {
    const { start, end } = await this.#passage.settled(span);
    if (start >= end || !(await this.#isReadable(span))) return { start, end: start, joint: null };
    const joint = await this.#joint(span);
    const next = await this.#joint(span + 1);
    // One that goes on in the span after comes with that.
    if (joint !== null && joint.to.span > span) return { start, end: start, joint: null };
    return { start: joint?.to.offset ?? start, end: next?.from.span === span ? next.from.offset : end, joint };
  }

  #isReadable(span: number): Promise<boolean> {
    return this.#passage.files.lend(span, (segment) => segment !== null);
  }

  /** The record that begins before a span and ends in it; null when there is none. */
  #joint(span: number): Promise<Body['joint']> {
    const known = this.#joints.get(span) ?? this.#findJoint(span);
    this.#joints.set(span, known);
    return known;
  }

  async #findJoint(span: number): Promise<Body['joint']> {
    const { begins, maxRecordBytes } = this.#passage.layout;
    if (begins === null || span === 0 || span >= this.#passage.spans.length) return null;
    const { start, end } = await this.#passage.settled(span);
    if (start > 0 || start >= end) return null;
    const first = await this.#passage.files.lend(span, async (segment) => {
      if (segment === null) return null;
      for await (const { lines } of linesOf(segment, 0, end, maxRecordBytes, 4096)) {
        if (lines[0] !== undefined) return lines[0].raw;
      }
      return '';
    });
    if (first === null || begins(first, await lineBefore(this.#passage, span))) return null;
    const from = await this.#passage.recordStart({ span, offset: 0 });
    if (from.span === span) return null;
    for await (const { records } of this.#passage.records(from, null)) {
      const [record] = records;
      if (record !== undefined) return { from, to: record.end };
    }
    return null;
  }
}
