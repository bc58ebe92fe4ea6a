import { type Position, placeAfter, type RawRecord } from '../entry.ts';
import type { FollowSink } from '../file/follow.ts';
import type { Rotation } from '../file/rotation.ts';
import type { FileState } from '../file/state.ts';
import { type Begins, Joiner } from '../history/joiner.ts';
import { settlingMs } from '../history/passage.ts';

/** What a log's lines say of how they make records; null while they are too few to tell. */
export type LayoutOf = (lines: RawRecord[]) => { begins: Begins | null } | null;

/**
 * Makes records of the lines that a follower gives out. The last one is held until the next begins, or nothing has come
 * for a moment; then what comes late stands on its own.
 */
export class Assembly implements FollowSink {
  readonly #sink: FollowSink;
  readonly #layoutOf: LayoutOf;
  readonly #maxRecordBytes: number;
  /** `lines`: every line is a record. */
  #joiner: Joiner | 'lines' | null = null;
  /** The place before what is held; null while none is known. */
  #place: Position | null = null;
  /** Told when it is known whether what is held goes on in the new file. */
  #rotation: Rotation | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(sink: FollowSink, layoutOf: LayoutOf, maxRecordBytes: number) {
    this.#sink = sink;
    this.#layoutOf = layoutOf;
    this.#maxRecordBytes = maxRecordBytes;
  }

  records(lines: RawRecord[]): void {
    const joiner = this.#joinerFor(lines);
    if (joiner === null) {
      this.#sink.records(lines);
      return;
    }
    clearTimeout(this.#timer);
    let whole: RawRecord[] = [];
    for (const line of lines) {
      if (this.#rotation !== null) {
        this.#give(whole);
        whole = [];
        this.#goOnIn(this.#rotation, joiner, line);
      }
      whole.push(...joiner.push(line));
    }
    this.#give(whole);
    if (joiner.held.length > 0) this.#timer = setTimeout(() => this.#flush(joiner), settlingMs);
  }

  late(lines: RawRecord[]): void {
    const joiner = this.#joinerFor(lines);
    // Apart from what is held, which is in the newer file.
    const own = joiner?.empty();
    this.#sink.late(own === undefined ? lines : [...lines.flatMap((line) => own.push(line)), ...own.flush()]);
  }

  rotated(rotation: Rotation): void {
    const joiner = this.#joiner;
    // The file before that one had no line to go on with.
    if (this.#rotation !== null && joiner instanceof Joiner) this.#flush(joiner);
    if (joiner instanceof Joiner && joiner.held.length > 0) this.#rotation = rotation;
    else this.#sink.rotated(rotation);
  }

  state(state: FileState): void {
    this.#sink.state(state);
  }

  /** What is held is not given out any more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #joinerFor(lines: RawRecord[]): Joiner | null {
    if (this.#joiner === null) {
      const layout = this.#layoutOf(lines);
      if (layout !== null) {
        this.#joiner = layout.begins === null ? 'lines' : new Joiner(layout.begins, this.#maxRecordBytes);
      }
    }
    return this.#joiner instanceof Joiner ? this.#joiner : null;
  }

  /** The first line of the new file came. A record that goes on there is told of after the rotation, from its beginning on. */
  #goOnIn(rotation: Rotation, joiner: Joiner, line: RawRecord): void {
    this.#rotation = null;
    const isWhole = rotation.lostBytes > 0 || this.#place === null || !joiner.continues(line);
    if (isWhole) this.#give(joiner.flush());
    this.#sink.rotated(isWhole || this.#place === null ? rotation : { ...rotation, to: this.#place });
  }

  #flush(joiner: Joiner): void {
    this.#give(joiner.flush());
    if (this.#rotation !== null) this.#sink.rotated(this.#rotation);
    this.#rotation = null;
  }

  #give(records: RawRecord[]): void {
    const last = records.at(-1);
    if (last === undefined) return;
    this.#place = placeAfter(last.position);
    this.#sink.records(records);
  }
}
