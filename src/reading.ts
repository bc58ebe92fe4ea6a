import { isSameFile, type Position, reaches } from './entry.ts';
import { mostLeft } from './file/leaving.ts';
import { Portion } from './hub/portion.ts';

/** How far a log was read, file after file. */
export class Reading {
  #place: Position;
  #origin: 'read' | 'given';
  /** Up to where the files before that one were read, where they were: as many as may have late entries. */
  #before: Position[] = [];

  /** @param origin whether the place was read up to, or is that of a cursor, which may be of another time */
  constructor(place: Position, origin: 'read' | 'given') {
    this.#place = place;
    this.#origin = origin;
  }

  /** Everything before was read. */
  get place(): Position {
    return this.#place;
  }

  get origin(): 'read' | 'given' {
    return this.#origin;
  }

  /** Everything up to there was read, too. */
  goOn(position: Position): void {
    if (!isSameFile(position.segment, this.#place.segment)) {
      this.#before = [...this.#before, this.#place].slice(-mostLeft);
    }
    this.#place = position;
    this.#origin = 'read';
  }

  /** It is at the same place, of which more is known by now. */
  settle(place: Position): void {
    this.#place = place;
  }

  /** Whether it has come past a place in the file that it is in. */
  reaches(position: Position): boolean {
    return reaches(position, this.#place);
  }

  /** Whether it came past a place in a file before. */
  hasLeft(position: Position): boolean {
    return this.#before.some((before) => reaches(position, before));
  }

  /** What was not read of a portion, when both sides of the seam between disk and feed have it. */
  unread(portion: Portion): Portion {
    const [first, last] = [portion.entries[0]?.record, portion.entries.at(-1)?.record];
    if (first === undefined || last === undefined) return portion;
    const isOneFile = isSameFile(first.position.segment, last.position.segment);
    // They are in their order: where the first was not read, none was.
    if (isOneFile && !this.reaches(first.position)) return portion;
    const unread = portion.entries.filter(({ record }) => !this.reaches(record.position));
    return new Portion(unread, portion.position, 'stale');
  }
}
