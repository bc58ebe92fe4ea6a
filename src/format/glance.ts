import type { Level } from '../entry.ts';

/**
 * Tells what is asked most of a line from its bytes, so that a scan need not decode and parse what it leaves out or only
 * counts. One for each scan, as it may remember the line before. What it says of a line, `parse` says too.
 */
export interface Glance {
  /**
   * Looks at the line `bytes[from, to)`, in UTF-8 and without its end. False: it is not sure of this one, `parse` must
   * tell, and what stands below means nothing. Never throws; takes time linear in the length of the lines it is given.
   */
  read(bytes: Buffer, from: number, to: number): boolean;
  /** Milliseconds since 1970, UTC; of the line last read, like the others. */
  readonly timestamp: number;
  readonly level: Level;
  /** The field `status`; null where the format has none. */
  readonly status: number | null;
  /** More of the line last read; null where it is not sure of that. The same object each time. */
  request(): GlancedRequest | null;
}

/** A request, as far as a glance tells. */
export interface GlancedRequest {
  /** As the server wrote it, byte for byte, up to a `?`: where two are alike, so are `method`, and `path` as far as that. */
  readonly target: string;
  readonly status: number;
  /** The fields of these names. */
  readonly bytesSent: number | null;
  readonly durationMs: number | null;
}
