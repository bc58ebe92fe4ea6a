import type { Position } from './entry.ts';
import type { Sought } from './history/scan.ts';
import { beginningOfLog } from './history/span.ts';
import type { Log } from './source/log.ts';

/** Bytes of entries read from disk at once: what a lane holds in memory at most. */
export const pageBytes = 4 * 1024 * 1024;

/** An entry that was passed; `time` in ms since 1970, null when it does not say when it happened. */
export interface Passed {
  position: Position;
  time: number | null;
}

/**
 * Looks for the place after which a log has so many entries that are wanted, and no more: backwards, stretch by stretch,
 * as far as it takes. One more than asked for is passed, for that is the place.
 */
export class LookBack {
  readonly #count: number;
  readonly #sought: Sought | null;
  #passed: Passed[] = [];
  /** Where the next look ends: the first entry that was found, or the place up to which nothing was. */
  #reached: Position | null = null;
  /** That of the log, once it has come there. */
  #beginning: Position | null = null;

  constructor(count: number, sought: Sought | null) {
    this.#count = count;
    this.#sought = sought;
  }

  /** In the order of writing. */
  get passed(): readonly Passed[] {
    return this.#passed;
  }

  /** A place before what was found, so that whoever goes on from there gets all of it; null before the first look. */
  get place(): Position | null {
    const [extra] = this.#passed.length > this.#count ? this.#passed : [];
    return extra?.position ?? this.#beginning ?? this.#reached;
  }

  get isDone(): boolean {
    return this.#passed.length > this.#count || this.#beginning !== null;
  }

  /** The place after so many of the entries that were passed; null when there is none, for nothing was passed. */
  placeAfter(omitted: number): Position | null {
    if (this.#passed.length === 0) return null;
    return this.#passed[omitted - 1]?.position ?? this.#beginning;
  }

  /**
   * Looks through the next stretch; the first ends at `end`, null for the end of the log.
   *
   * @returns how many bytes that was
   * @throws {PositionLostError} when the place where it ends is no longer in the log
   */
  async look(log: Log, end: Position | null): Promise<number> {
    const take = { last: this.#count + 1 - this.#passed.length };
    const request = { after: null, before: this.#reached ?? end, take, sought: this.#sought };
    const { entries, start, scan } = await log.page(request, { scanBytesPerPage: pageBytes });
    const passed = entries.map(({ record, parsed }) => ({ position: record.position, time: parsed.timestamp }));
    this.#passed = [...passed, ...this.#passed];
    this.#reached = start;
    if (scan.complete && !this.isDone) await this.stop(log);
    return scan.scannedBytes;
  }

  /** Nothing comes before, or it is gone. */
  async stop({ chain }: Log): Promise<void> {
    this.#beginning = await beginningOfLog(chain);
  }
}

/**
 * How many of the oldest entries of each log to leave out, so that the newest `count` are left. One that does not say when
 * it happened has the time of the one before it.
 */
export function surplus(logs: readonly (readonly Passed[])[], count: number): number[] {
  const rest = logs.map((passed) => ({ passed, omitted: 0, time: Number.NEGATIVE_INFINITY }));
  const timeOf = (one: (typeof rest)[number]) => {
    one.time = one.passed[one.omitted]?.time ?? one.time;
    return one.time;
  };
  for (let total = logs.reduce((sum, { length }) => sum + length, 0); total > count; total--) {
    const left = rest.filter(({ passed, omitted }) => omitted < passed.length);
    const oldest = left.reduce((earliest, one) => (timeOf(one) < timeOf(earliest) ? one : earliest));
    oldest.omitted++;
  }
  return rest.map(({ omitted }) => omitted);
}
