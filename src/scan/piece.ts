import type { FileIdentity } from '../entry.ts';
import type { Encoding } from '../file/encoding.ts';
import type { FilterLimits } from '../filter/compilation.ts';
import type { FilterInput } from '../filter/input.ts';
import type { Detected } from '../format/detect.ts';
import type { ParseContext } from '../format/format.ts';
import type { FormatName } from '../format/registry.ts';
import type { Moment } from '../history/halving.ts';
import type { Scale } from '../history/histogram.ts';
import type { TimedEntry } from '../history/time-before.ts';

/**
 * A stretch of one open file, from one place between two records to another: work for one thread. Plain data, for it is
 * sent there; a file descriptor is good in all threads of a process.
 */
export interface Piece {
  fd: number;
  identity: FileIdentity;
  /** The file's first bytes, as many as tell it from others. */
  prefix: Uint8Array;
  encoding: Encoding['name'];
  /** Byte offsets. */
  start: number;
  end: number;
  /** How the log is understood. */
  detected: Detected;
  parse: ParseContext;
  /** Longest record kept whole, in bytes. */
  maxRecordBytes: number;
  /** The last entry of the files before that says when it happened; null: none is near enough, or nobody asks. */
  timeBeforeFile: TimedEntry | null;
  /** Shared with whoever waits: not 0 as soon as nobody does. */
  cancelled: Int32Array;
}

/** What any task says that looks through all of a piece. */
export interface TaskBase {
  piece: Piece;
  /** Null: every record. */
  filter: FilterInput | null;
  limits: FilterLimits;
}

/** Finds records that fulfil a filter: all of them, up to so many from either end. */
export interface SearchTask extends TaskBase {
  kind: 'search';
  take: { first: number } | { last: number };
  /** Bytes of records after which no more are taken. */
  mostBytes: number;
}

/** Counts records by time and level. */
export interface HistogramTask extends TaskBase {
  kind: 'histogram';
  scale: Scale;
}

/** Counts the values of a field. */
export interface ValuesTask extends TaskBase {
  kind: 'values';
  path: string;
}

/** Gives the records that fulfil a filter as text. */
export interface TextTask extends TaskBase {
  kind: 'text';
}

/** Counts what records consist of. */
export interface ExamineTask extends TaskBase {
  kind: 'examine';
  scale: Scale;
}

/** What was counted, and of how many entries: src/analysis/findings.ts. */
export interface Examined {
  part: Uint8Array<ArrayBuffer>;
  entries: number;
}

/** Puts parts of a log together, in their order. */
export interface FoldTask {
  kind: 'fold';
  parts: Uint8Array<ArrayBuffer>[];
  scale: Scale;
}

/** Makes the report of a log of its parts. */
export interface ConcludeTask extends Omit<FoldTask, 'kind'> {
  kind: 'conclude';
  format: FormatName;
  sourceId: string;
}

/** Finds where in a piece a moment is. */
export interface HalveTask {
  kind: 'halve';
  piece: Piece;
  moment: Moment;
}

/** Byte offsets of places between two records: as near to a moment as halving gets. */
export interface Halved {
  /** Records before it happened before the moment. */
  low: number;
  /** Records after it did not. */
  high: number;
  /** The first place from `high` on before a record with a time, where those without one count as earlier; null: not found. */
  timed: number | null;
}

export type Task =
  | SearchTask
  | HistogramTask
  | ValuesTask
  | TextTask
  | HalveTask
  | ExamineTask
  | FoldTask
  | ConcludeTask;
