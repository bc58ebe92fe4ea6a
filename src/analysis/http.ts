import { bucketOf, emptyDistribution, quantileOf } from '../action/distribution.ts';
import type { SummarisedRequests } from './summary.ts';

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
  /** The longest of them, in us. */
  maxUs: number;
  bytesSent: number;
}

export const emptyHttp = (): HttpTally => ({
  requests: 0,
  statusClasses: Array.from({ length: 10 }, () => 0),
  paths: new Map(),
  durations: emptyDistribution(),
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

/** Paths that a report has, the commonest first. */
const reportedPaths = 1000;

export function httpReport(http: HttpTally): SummarisedRequests {
  const quantile = (share: number): number | null => {
    const us = quantileOf(http.durations, share);
    return us === null ? null : Math.min(us, http.maxUs) / 1000;
  };
  return {
    requests: http.requests,
    statusClasses: http.statusClasses.map((count, index) => ({ class: index, count })).filter(({ count }) => count > 0),
    topPaths: [...http.paths]
      .map(([path, tally]) => ({ path, ...tally }))
      .sort((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1))
      .slice(0, reportedPaths),
    duration: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
    bytesSent: http.bytesSent,
  };
}
