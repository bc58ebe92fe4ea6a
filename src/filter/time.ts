import { dayStart, digitsAt } from '../format/calendar.ts';
import { isoTime } from '../format/time.ts';
import type { Condition, Subject } from './condition.ts';

/** It happened then or later: `timestamp>=2026-11-21T10:50:54.000Z`. */
export class Since implements Condition {
  readonly needsTime = true;
  readonly needs = 'raw';
  readonly needles = null;
  /** Milliseconds since 1970, UTC. */
  readonly time: number;

  constructor(time: number) {
    this.time = time;
  }

  matches(_subject: Subject, time: number | null): boolean {
    return time !== null && time >= this.time;
  }

  print(): string {
    return `timestamp>=${new Date(this.time).toISOString()}`;
  }

  toJson() {
    return { from: new Date(this.time).toISOString() };
  }
}

/** It happened before: `timestamp<2026-11-22T00:00:00.000Z`. */
export class Until implements Condition {
  readonly needsTime = true;
  readonly needs = 'raw';
  readonly needles = null;
  /** Milliseconds since 1970, UTC. */
  readonly time: number;

  constructor(time: number) {
    this.time = time;
  }

  matches(_subject: Subject, time: number | null): boolean {
    return time !== null && time < this.time;
  }

  print(): string {
    return `timestamp<${new Date(this.time).toISOString()}`;
  }

  toJson() {
    return { to: new Date(this.time).toISOString() };
  }
}

/** What RFC 3339 can write: the years 0 to 9999. */
const [earliest, latest] = [Date.parse('0000-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')];

export const isWritable = (time: number): boolean => Number.isSafeInteger(time) && time >= earliest && time <= latest;

/** A time as it is written in a search, from its beginning to where the next of the same precision begins; ms, UTC. */
export interface Moment {
  from: number;
  to: number;
}

const written = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?<second>:\d\d(?<fraction>\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)?)?$/;

const stepOf = (text: string, { second, fraction }: { [name: string]: string | undefined }): number => {
  if (text.length === '2026-11-21'.length) return 86_400_000;
  if (second === undefined) return 60_000;
  return fraction === undefined ? 1000 : 1;
};

/** Reads a day, or a time to the minute, second or millisecond, in UTC unless it has an offset; null for anything else. */
export function momentOf(text: string): Moment | null {
  const groups = written.exec(text)?.groups;
  if (groups === undefined) return null;
  const from =
    text.length === '2026-11-21'.length
      ? dayStart(digitsAt(text, 0, 4), digitsAt(text, 5, 2), digitsAt(text, 8, 2))
      : isoTime(text, { timezone: 'UTC', writtenBefore: 0 });
  if (from === null) return null;
  const to = from + stepOf(text, groups);
  return isWritable(from) && isWritable(to) ? { from, to } : null;
}
