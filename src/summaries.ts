import type { Principal } from './access/principal.ts';
import type { JsonValue } from './entry.ts';
import { InvalidInputError } from './errors.ts';
import { compileFilter, type Filter } from './filter/compile.ts';
import type { FilterInput } from './filter/input.ts';
import { addCounts, type Bucket, bucketsOf, emptyCounts, indexIn, type Scale, scaleOf } from './history/histogram.ts';
import type { FoundRecord } from './history/joint.ts';
import { disorderMs } from './history/moment.ts';
import type { Sought } from './history/scan.ts';
import type { Limits } from './limits.ts';
import { addValues, commonest, namedValue, noValues, oneValue } from './scan/values.ts';
import type { Log } from './source/log.ts';
import type { Sources } from './source/sources.ts';

export interface SummaryRequest {
  filter?: FilterInput | null | undefined;
  /** Aborted when nobody waits any more. */
  signal?: AbortSignal | null;
}

/** How many entries happened when. Entries of which nobody knows when they happened are left out. */
export interface LogHistogram {
  /** Where the first bucket begins and the last one ends, in ms since 1970, UTC; null when there are none. */
  from: number | null;
  to: number | null;
  bucketMs: number;
  buckets: Bucket[];
  scannedBytes: number;
  /** Whether everything was counted; else the newest. */
  complete: boolean;
}

/** The commonest values of a field, the commonest first. */
export interface CommonValues {
  values: { value: JsonValue; count: number }[];
  complete: boolean;
}

/** Most buckets of a histogram: a screen has fewer columns. */
const mostBuckets = 1000;

/** What there is in logs, counted, for those who may read them. */
export class Summaries {
  readonly #sources: Sources;
  readonly #limits: Limits;

  constructor(sources: Sources, limits: Limits) {
    this.#sources = sources;
    this.#limits = limits;
  }

  /**
   * @throws {NotFoundError} when one of the sources is not there, or the principal may not see it
   * @throws {InvalidInputError} when the filter is wrong, or there are too many buckets
   */
  async histogram(
    principal: Principal,
    sourceIds: string[],
    { most, ...request }: SummaryRequest & { most: number },
  ): Promise<LogHistogram> {
    checkCount('buckets', most, mostBuckets);
    const sought = this.#sought(request);
    const logs = await this.#sources.logs(principal, sourceIds, this.#limits.maxSourcesPerTail);
    const scale = await scaleFor(logs, sought.filter, most);
    if (scale === null) return { from: null, to: null, bucketMs: 1000, buckets: [], scannedBytes: 0, complete: true };
    const counts = emptyCounts(scale);
    const surveyed = await Promise.all(logs.map((log) => countByTime(log, sought, scale)));
    for (const { sum } of surveyed) addCounts(counts, sum);
    return {
      from: scale.from,
      to: scale.from + scale.buckets * scale.bucketMs,
      bucketMs: scale.bucketMs,
      buckets: bucketsOf(scale, counts),
      scannedBytes: surveyed.reduce((sum, { scannedBytes }) => sum + scannedBytes, 0),
      complete: surveyed.every(({ complete }) => complete),
    };
  }

  /**
   * @param path of the field; its `first` commonest values
   * @throws {NotFoundError} when there is no such source, or the principal may not see it
   * @throws {InvalidInputError} when the filter is wrong, or there are too many values
   */
  async values(
    principal: Principal,
    sourceId: string,
    { path, first, ...request }: SummaryRequest & { path: string; first: number },
  ): Promise<CommonValues> {
    checkCount('first', first, this.#limits.maxPageSize);
    const sought = this.#sought(request);
    const log = await this.#sources.log(principal, sourceId);
    const { sum, complete } = await log.survey(sought, (pool) => ({
      timed: false,
      countAll: (task) => pool.run({ ...task, kind: 'values', path }),
      countOne: ({ parsed }: FoundRecord) => {
        const value = namedValue(parsed, path);
        return value === null ? noValues() : oneValue(JSON.stringify(value));
      },
      none: noValues,
      add: addValues,
    }));
    const values = commonest(sum, first).map(([text, count]) => ({ value: JSON.parse(text), count }));
    return { values, complete: complete && sum.complete };
  }

  #sought({ filter = null, signal = null }: SummaryRequest): Sought {
    return { filter: compileFilter(filter, this.#limits, ['filter']), input: filter, signal };
  }
}

function checkCount(name: string, count: number, most: number): void {
  if (count >= 1 && count <= most) return;
  const message = `"${name}" must be from 1 to ${most}, not ${count}.`;
  throw new InvalidInputError([{ path: [name], message, code: 'OUT_OF_RANGE' }]);
}

/** From the bounds of the filter, or where it has none from the first to the last entry; null when there is none. */
export async function scaleFor(logs: Log[], { bounds }: Filter, most: number): Promise<Scale | null> {
  if (bounds.from !== null && bounds.to !== null) {
    return bounds.from < bounds.to ? scaleOf({ from: bounds.from, to: bounds.to }, most) : null;
  }
  const extents = (await Promise.all(logs.map((log) => log.extent()))).filter((extent) => extent !== null);
  if (extents.length === 0) return null;
  const from = bounds.from ?? Math.min(...extents.map(({ first }) => first));
  const to = bounds.to ?? Math.max(...extents.map(({ last }) => last)) + 1;
  if (from < to) return scaleOf({ from, to }, most);
  // Just beyond the last entry, or before the first, there may be some that are out of order.
  if (from - to > disorderMs) return null;
  return scaleOf(bounds.from === null ? { from: to - 1, to } : { from, to: from + 1 }, most);
}

const countByTime = (log: Log, sought: Sought, scale: Scale) =>
  log.survey(sought, (pool) => ({
    timed: true,
    countAll: (task) => pool.run({ ...task, kind: 'histogram', scale }),
    countOne: ({ parsed, time }: FoundRecord) => {
      const counts = emptyCounts(scale);
      if (time !== null) counts[indexIn(scale, time, parsed.level)] = 1;
      return counts;
    },
    none: () => emptyCounts(scale),
    add: addCounts,
  }));
