import { bucketOf, emptyDistribution, quantileOf } from '../action/distribution.ts';

/** Paths counted one by one; requests of others than the first so many count for none. */
const mostPaths = 20_000;
/** Characters of a path that are kept: what is longer is cut. */
const mostCharacters = 256;

/** How often a path was asked for. */
export interface PathTally {
  count: number;
  /** Answers of status 400 and above. */
  failed: number;
}

/** What is counted of the requests of an access log. */
export interface HttpTally {
  requests: number;
  /** By the first digit of the status. */
  statusClasses: number[];
  /** Without what follows a `?`. */
  paths: Map<string, PathTally>;
  /** How many took how long: src/action/distribution.ts. */
  durations: Float64Array;
  /** Sum and longest of them, in us. */
  sumUs: number;
  maxUs: number;
  bytesSent: number;
}

export const emptyHttp = (): HttpTally => ({
  requests: 0,
  statusClasses: Array.from({ length: 10 }, () => 0),
  paths: new Map(),
  durations: emptyDistribution(),
  sumUs: 0,
  maxUs: 0,
  bytesSent: 0,
});

/** A request, as far as it counts. */
export interface Request {
  status: number;
  bytesSent: number | null;
  durationMs: number | null;
}

export function countRequest(
  http: HttpTally,
  path: PathTally | null,
  { status, bytesSent, durationMs }: Request,
): void {
  http.requests++;
  const statusClass = Math.floor(status / 100);
  http.statusClasses[statusClass] = (http.statusClasses[statusClass] ?? 0) + 1;
  http.bytesSent += bytesSent ?? 0;
  if (path !== null) {
    path.count++;
    if (status >= 400) path.failed++;
  }
  if (durationMs === null) return;
  const us = durationMs * 1000;
  const bucket = bucketOf(us);
  http.durations[bucket] = (http.durations[bucket] ?? 0) + 1;
  http.sumUs += us;
  if (us > http.maxUs) http.maxUs = us;
}

/** What is counted of a path; null when there is no room for another one. */
export function pathTally(http: HttpTally, path: string): PathTally | null {
  const question = path.indexOf('?');
  const name = path.slice(0, question < 0 ? mostCharacters : Math.min(question, mostCharacters));
  const known = http.paths.get(name);
  if (known !== undefined) return known;
  if (http.paths.size >= mostPaths) return null;
  const tally = { count: 0, failed: 0 };
  http.paths.set(name, tally);
  return tally;
}

export function addHttp(into: HttpTally, from: HttpTally): void {
  into.requests += from.requests;
  for (const [index, count] of from.statusClasses.entries()) {
    into.statusClasses[index] = (into.statusClasses[index] ?? 0) + count;
  }
  for (const [path, { count, failed }] of from.paths) {
    const tally = pathTally(into, path);
    if (tally === null) continue;
    tally.count += count;
    tally.failed += failed;
  }
  for (const [bucket, count] of from.durations.entries()) {
    if (count > 0) into.durations[bucket] = (into.durations[bucket] ?? 0) + count;
  }
  into.sumUs += from.sumUs;
  into.maxUs = Math.max(into.maxUs, from.maxUs);
  into.bytesSent += from.bytesSent;
}

/** Paths that a report has, the commonest first. */
const reportedPaths = 1000;

/** What a report says of the requests; durations in ms, percentiles within 2 %, null where no line has one. */
export interface HttpReport {
  requests: number;
  statusClasses: { class: number; count: number }[];
  topPaths: { path: string; count: number; failed: number }[];
  duration: {
    mean: number | null;
    p50: number | null;
    p90: number | null;
    p95: number | null;
    p99: number | null;
    max: number | null;
  };
  bytesSent: number;
}

export function httpReport(http: HttpTally): HttpReport {
  const quantile = (share: number): number | null => {
    const us = quantileOf(http.durations, share);
    return us === null ? null : Math.min(us, http.maxUs) / 1000;
  };
  const timed = http.durations.reduce((sum, count) => sum + count, 0);
  return {
    requests: http.requests,
    statusClasses: http.statusClasses.map((count, index) => ({ class: index, count })).filter(({ count }) => count > 0),
    topPaths: [...http.paths]
      .map(([path, tally]) => ({ path, ...tally }))
      .sort((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1))
      .slice(0, reportedPaths),
    duration: {
      mean: timed === 0 ? null : http.sumUs / timed / 1000,
      p50: quantile(0.5),
      p90: quantile(0.9),
      p95: quantile(0.95),
      p99: quantile(0.99),
      max: timed === 0 ? null : http.maxUs / 1000,
    },
    bytesSent: http.bytesSent,
  };
}
