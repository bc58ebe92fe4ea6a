import type { Parsed } from '../entry.ts';
import type { Glance } from './glance.ts';
import type { FormatName } from './registry.ts';

/** What a format may need to know of the log beyond the line: timestamps often leave out zone or year. */
export interface ParseContext {
  /** IANA name of the zone in which timestamps without one were written. Checked where it comes in. */
  timezone: string;
  /** A moment shortly after the record was written (ms since 1970, UTC); gives timestamps without a year theirs. */
  writtenBefore: number;
}

/** One way of writing logs. Each lives in a file of its own and is listed in registry.ts. */
export interface Format {
  /** The name in configuration and API. */
  readonly name: FormatName;
  /**
   * Understands one record, without its line end. Returns null when the record is not of this format: it is then
   * shown as text. Never throws, and takes time linear in the length of the text.
   */
  parse(raw: string, context: ParseContext): Parsed | null;
  /**
   * Whether a line begins a record; one that does not belongs to the record before it, and `parse` is given both, joined
   * by a newline. Absent: every line is a record. Never throws; linear, and quick on lines that go on.
   *
   * @param previous The line before it in the log. Where it is not known the line alone has to tell, as well as it can.
   */
  begins?(line: string, previous?: string): boolean;
  /** Absent: lines have to be parsed. Not with `begins`: a glance takes each line for a record. */
  glance?(): Glance;
}
