import { endOf, havingLeft, isSameFile, type Position, placeAfter, reaches, withLate } from './entry.ts';
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
    if (place.left !== undefined) this.#before.push(place.left);
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

  /**
   * A place in the log, as it is for who comes to it from here.
   *
   * @param end of the page that it is in, which says up to where the file before was read
   */
  placeAt(position: Position, end: Position): Position {
    const isHere = isSameFile(position.segment, this.#place.segment);
    // It was copied and emptied: what stood in it before is in the copy, which is the file before by now.
    if (isHere && position.offset < endOf(this.#place)) return position;
    const left = isSameFile(position.segment, end.segment) ? end.left : undefined;
    const place = havingLeft(position, left ?? (isHere ? this.#place.left : null) ?? null);
    return isHere ? this.furthest(place) : place;
  }

  /** A record was read that was written late, to a file before. Gives the place where it is now: the same. */
  goOnLate(position: Position): Position {
    this.#before = this.#before.map((before) =>
      isSameFile(before.segment, position.segment) ? placeAfter(position) : before,
    );
    this.#place = withLate(this.#place, position);
    return this.#place;
  }

  /** It is at the same place, of which more is known by now. */
  settle(place: Position): void {
    this.#place = this.furthest(place);
  }

  /** A place to which all come who are live; another one for whom has read more of the file before than the follower. */
  furthest(place: Position): Position {
    const [own, left] = [this.#place.left, place.left];
    const isAhead = own !== undefined && left !== undefined && reaches(left, own) && !reaches(own, left);
    return isAhead ? { ...place, left: own } : place;
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
