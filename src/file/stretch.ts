/**
 * A stretch is so many bytes of a file, from a multiple of them to the next. Where a whole stretch has no newline the
 * line is cut at its end, so that a line can be passed from either side with bounded work, and is cut alike.
 *
 * The first part of such a line is its record; what follows a cut belongs to no record, up to the line's end or the next
 * cut. But where NULs stand before a cut there is a hole, and a line begins: a hole was never written.
 *
 * 16 MiB: no record that is kept whole may be longer.
 */
export const stretchBytes = 16 * 1024 * 1024;

/** Where what begins at byte `start`, after a newline or a cut, is cut if no newline comes before. */
export const cutAfter = (start: number): number => (Math.ceil(start / stretchBytes) + 1) * stretchBytes;

/** Whether all bytes are NUL, as in a hole of a file; there must be one. */
export const isBlank = (bytes: Buffer): boolean => bytes[0] === 0 && bytes.subarray(1).equals(bytes.subarray(0, -1));
