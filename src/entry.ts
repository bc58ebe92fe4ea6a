/**
 * The words every folder shares: what a log is made of.
 *
 * A log is a chain of files, a position in it is a place in one of those files, and an entry is what stands
 * between two positions.
 */

/** Severity, least to most severe, after UNKNOWN: the text named none. */
export const levels = ['UNKNOWN', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
export type Level = (typeof levels)[number];

export const isError = (level: Level): boolean => level === 'ERROR' || level === 'FATAL';

/** Which file it is, under whatever name. */
export interface FileIdentity {
  /** Inode number; 0 where the file system has none. */
  inode: number;
  /** When the file came into being, in ms since 1970, UTC: an inode is used again, often at once. 0 when not known. */
  bornAt: number;
}

/**
 * Which file of a chain a byte is in, told by what does not change when the file is renamed: which it is, and its
 * first bytes. The bytes are what counts across compression, restart and the reuse of an inode.
 */
export interface SegmentIdentity extends FileIdentity {
  /** How many bytes of the file's beginning `prefixHash` covers, 0 to 255: fewer while the file is shorter. */
  prefixLength: number;
  /** FNV-1a (32 bit) of those bytes. */
  prefixHash: number;
}

/** A place in one log: exact, whatever happens to file names. */
export interface Position {
  segment: SegmentIdentity;
  /**
   * Byte offset in the (uncompressed) file at which the entry begins, or a reader goes on. Negative for an entry that
   * begins in the file before, by so many bytes before the end of that.
   */
  offset: number;
  /** Bytes of the entry, its line end included; 0 for a place between two entries. */
  length: number;
  /**
   * FNV-1a (32 bit) of the bytes (at most 32) before `offset + length`, so that a file rewritten in place is not taken
   * for the old one.
   */
  marker: number;
  /**
   * Up to where the file before was read, of a place to which a reader came while writers may still have been going on in
   * it. Not of entries: it says where somebody was, not where something stands.
   */
  left?: Position;
}

/** Clocks of file systems go in steps of a few milliseconds, and may be that far behind. */
export const clockStepMs = 20;

/**
 * The place in a log with nothing in it: before all that is written after `time` (ms since 1970, UTC). It is in no
 * file, for an empty one cannot be known again by its content.
 */
export const placeInTime = (time: number): Position => ({
  segment: { inode: 0, bornAt: time - clockStepMs, prefixLength: 0, prefixHash: 0 },
  offset: 0,
  length: 0,
  marker: 0,
});

/** Whether `position` is such a place, also after a journey through a cursor. */
export const isPlaceInTime = ({ segment }: Position): boolean =>
  segment.inode === 0 && segment.prefixLength === 0 && segment.prefixHash === 0;

/** Whether these are one file, whatever stands in it. */
export const isSameFile = (a: FileIdentity, b: FileIdentity): boolean => a.inode === b.inode && a.bornAt === b.bornAt;

/** Byte offset at which reading goes on after `position`. */
export const endOf = (position: Position): number => position.offset + position.length;

/** The place between this entry and the next. */
export const placeAfter = (position: Position): Position => ({ ...position, offset: endOf(position), length: 0 });

/** The same place, once a record was read that was written late: in the file before, or in an older one. */
export const withLate = (place: Position, late: Position): Position =>
  place.left !== undefined && isSameFile(place.left.segment, late.segment)
    ? { ...place, left: placeAfter(late) }
    : place;

/** The same place, to which one came who had read the file before up to `left`; null: as far as it is known to go. */
export const havingLeft = (position: Position, left: Position | null): Position =>
  left === null || isSameFile(left.segment, position.segment) ? position : { ...position, left };

/** Whether `position` ends at or before `other`, if both are in the same file. */
export const reaches = (position: Position, other: Position): boolean =>
  isSameFile(position.segment, other.segment) && endOf(position) <= endOf(other);

/** Whether reading goes on at the same place after both. */
export const isSamePlace = (a: Position, b: Position): boolean =>
  isSameFile(a.segment, b.segment) && endOf(a) === endOf(b) && !isPlaceInTime(a) && !isPlaceInTime(b);

/** One record as it stands in the file, not yet understood. */
export interface RawRecord {
  position: Position;
  /**
   * Text as written, without its line end, a byte order mark, and NULs that it begins with (a hole in the file, which
   * was never written). What is not valid in the file's encoding is replaced by U+FFFD.
   */
  raw: string;
  /** True when the record was longer than `limits.maxRecordBytes` and `raw` is only its beginning. */
  truncated: boolean;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };
export type JsonObject = { [name: string]: JsonValue };

/** What a format found in a record's text. */
export interface Parsed {
  /** Milliseconds since 1970-01-01T00:00:00Z; null when the text carries no time. */
  timestamp: number | null;
  level: Level;
  message: string;
  /** Everything found, by name; the typed fields of an entry are read from here. */
  fields: JsonObject;
}
