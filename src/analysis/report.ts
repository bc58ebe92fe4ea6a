import type { Durations } from '../action/tally.ts';
import { encodeCursor } from '../cursor.ts';
import { isError, type Level } from '../entry.ts';
import type { FormatName } from '../format/registry.ts';
import { type Bucket, bucketsOf, type Scale } from '../history/histogram.ts';
import { type Anomaly, anomaliesOf } from './anomaly.ts';
import type { Findings } from './findings.ts';
import { httpReport } from './http.ts';
import { patternsOf } from './patterns.ts';
import { type SummarisedRequests, summaryOf } from './summary.ts';
import { levelCountsOf, type Tally } from './tally.ts';

/** Buckets of a histogram, in which anomalies are looked for. */
export const reportBuckets = 300;

/** Columns of a sparkline. */
const sparkColumns = 60;

/** Patterns that a report has, besides those of its anomalies: more than anybody reads. */
const mostPatterns = 1000;

export interface ReportedPattern {
  template: string;
  count: number;
  level: Level;
  /** Milliseconds since 1970, UTC; null when its entries have no times. */
  firstSeen: number | null;
  lastSeen: number | null;
  /** Cursors of entries. */
  examples: string[];
  /** How many happened in each of as many stretches of equal length, over the time that the log covers. */
  sparkline: number[];
}

/** What requests came to. */
export interface ReportedRequests extends SummarisedRequests {
  duration: Durations;
}

/** What an analysis finds. Kept as JSON. */
export interface Report {
  format: FormatName;
  entryCount: number;
  /** When the earliest and the latest entry happened; ms since 1970, UTC, null when no entry has a time. */
  from: number | null;
  to: number | null;
  levels: { level: Level; count: number }[];
  histogram: { from: number | null; to: number | null; bucketMs: number; buckets: Bucket[] };
  /** The commonest first. */
  patterns: ReportedPattern[];
  /** `pattern` is an index in `patterns`. */
  anomalies: Anomaly[];
  http: ReportedRequests | null;
  summary: string;
}

function sparklineOf(timeline: Tally['timeline'], buckets: number): number[] {
  const columns = Array.from({ length: Math.min(buckets, sparkColumns) }, () => 0);
  for (const [bucket, count] of timeline) {
    const column = Math.floor((bucket * columns.length) / buckets);
    columns[column] = (columns[column] ?? 0) + count;
  }
  return columns;
}

/** Entries per bucket, and those of level ERROR or FATAL. */
function seriesOf(buckets: readonly Bucket[]): { total: number[]; errors: number[] } {
  const errorsOf = ({ levels }: Bucket) => levels.reduce((sum, one) => sum + (isError(one.level) ? one.count : 0), 0);
  return { total: buckets.map(({ total }) => total), errors: buckets.map(errorsOf) };
}

/** What was counted of all of a log, as a person reads it. */
export function reportOf(
  findings: Findings,
  { format, scale, sourceId }: { format: FormatName; scale: Scale; sourceId: string },
): Report {
  const { entries, from, to, histogram, requests } = findings.counted;
  const patterns = patternsOf(findings.templates());
  const buckets = from === null ? [] : bucketsOf(scale, histogram);
  const series = seriesOf(buckets);
  const judged = patterns.map((pattern) => ({
    ...pattern,
    timeline: [...pattern.timeline].sort(([a], [b]) => a - b),
  }));
  const anomalies = from === null ? [] : anomaliesOf({ scale, ...series, patterns: judged });
  const figures = {
    ...{ format, entryCount: entries, from, to, anomalies },
    levels: levelCountsOf(patterns),
    http: requests && httpReport(requests.http),
  };
  const isTold = new Set(anomalies.map(({ pattern }) => pattern));
  const kept = [...patterns.keys()].filter((index) => index < mostPatterns || isTold.has(index));
  const reported = (index: number): ReportedPattern[] => {
    const pattern = patterns[index];
    if (pattern === undefined) return [];
    const { template, count, level, firstSeen, lastSeen, examples, timeline } = pattern;
    return [
      {
        ...{ template, count, level, firstSeen, lastSeen },
        examples: examples.map((position) => encodeCursor([[sourceId, position]])),
        sparkline: from === null ? [] : sparklineOf(timeline, scale.buckets),
      },
    ];
  };
  return {
    ...figures,
    histogram: {
      from: from === null ? null : scale.from,
      to: from === null ? null : scale.from + scale.buckets * scale.bucketMs,
      bucketMs: scale.bucketMs,
      buckets,
    },
    patterns: kept.flatMap(reported),
    anomalies: anomalies.map((one) => ({ ...one, pattern: one.pattern === null ? null : kept.indexOf(one.pattern) })),
    summary: summaryOf({ ...figures, patterns }),
  };
}
