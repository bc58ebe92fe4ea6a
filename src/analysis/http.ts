import { bucketOf, emptyDistribution, quantileOf } from '../action/distribution.ts';
import type { ReportedRequests } from './report.ts';
import { ofItsOwn } from './shape.ts';

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
  /** By `pathOf`. */
  paths: Map<string, PathTally>;
  /** How many took how long: src/action/distribution.ts. */
  durations: Float64Array;
  /** How many have one, all of them together, and the longest; in us. */
  timed: number;
  sumUs: number;
  maxUs: number;
  bytesSent: number;
}

export const emptyHttp = (): HttpTally => ({
  requests: 0,
  statusClasses: Array.from({ length: 10 }, () => 0),
  paths: new Map(),
  durations: emptyDistribution(),
  timed: 0,
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
  http.timed++;
  http.sumUs += us;
  if (us > http.maxUs) http.maxUs = us;
}

/** Adds what was counted of other requests. */
export function addHttp(into: HttpTally, from: HttpTally): void {
  into.requests += from.requests;
  into.bytesSent += from.bytesSent;
  into.timed += from.timed;
  into.sumUs += from.sumUs;
  into.maxUs = Math.max(into.maxUs, from.maxUs);
  for (const [index, count] of from.statusClasses.entries()) {
    into.statusClasses[index] = (into.statusClasses[index] ?? 0) + count;
  }
  for (const [index, count] of from.durations.entries()) into.durations[index] = (into.durations[index] ?? 0) + count;
  for (const [path, { count, failed }] of from.paths) {
    const tally = pathTally(into, path);
    if (tally === null) continue;
    tally.count += count;
    tally.failed += failed;
  }
}

/** What is asked for, without what it is asked: up to a `?`. */
export function pathOf(target: string): string {
  const question = target.indexOf('?');
  return target.slice(0, question < 0 ? mostCharacters : Math.min(question, mostCharacters));
}

/** What is counted of a path; null when there is no room for another one. */
export function pathTally(http: HttpTally, path: string): PathTally | null {
  const known = http.paths.get(path);
  if (known !== undefined) return known;
  if (http.paths.size >= mostPaths) return null;
  const tally = { count: 0, failed: 0 };
  http.paths.set(ofItsOwn(path), tally);
  return tally;
}

/** Paths that a report has, the commonest first. */
const reportedPaths = 1000;

/** To the microsecond. */
const milliseconds = (us: number): number => Math.round(us) / 1000;

export function httpReport(http: HttpTally): ReportedRequests {
  // Nothing is longer than the longest, although the middle of its bucket may be.
  const quantile = (share: number): number | null => {
    const us = quantileOf(http.durations, share);
    return us === null ? null : milliseconds(Math.min(us, http.maxUs));
  };
  return {
    requests: http.requests,
    statusClasses: http.statusClasses.map((count, index) => ({ class: index, count })).filter(({ count }) => count > 0),
    topPaths: [...http.paths]
      .map(([path, tally]) => ({ path, ...tally }))
      .sort((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1))
      .slice(0, reportedPaths),
    duration: {
      meanMs: http.timed === 0 ? null : milliseconds(http.sumUs / http.timed),
      p50Ms: quantile(0.5),
      p90Ms: quantile(0.9),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
      maxMs: http.timed === 0 ? null : milliseconds(http.maxUs),
    },
    bytesSent: http.bytesSent,
  };
}
