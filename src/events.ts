/**
 * What the engine reports about itself. It never logs: the server turns these into log records and metrics.
 * Every method is called synchronously and must neither throw nor block.
 */
export interface EngineEvents {
  /** A file is followed from now on, or from `offset` (bytes) in a new segment of its chain. */
  fileOpened(event: { sourceId: string; path: string; offset: number }): void;
  /** Nobody reads the file any more. */
  fileClosed(event: { sourceId: string; path: string }): void;
  /** A file was renamed away, truncated or replaced. */
  fileRotated(event: { sourceId: string; path: string; possibleLoss: boolean }): void;
  /** A file cannot be read; said once until that changes. */
  fileUnreadable(event: { sourceId: string; path: string; reason: string }): void;
  /** `fs.watch` is not available for a directory: followed files there are only polled. */
  watchUnavailable(event: { directory: string; reason: string }): void;
  /** The configured patterns stand for more files than `limits.maxSources`; the others are left out. */
  sourcesLeftOut(event: { limit: number }): void;
  /** A live reader was slower than the log, and fell out of the window kept for its readers. */
  readerLagged(event: { sourceId: string }): void;
  /** Something that should work did not; the engine goes on without it. */
  failed(event: { doing: string; error: unknown }): void;
}
