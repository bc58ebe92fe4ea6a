import type { Durations } from '../action/tally.ts';
import { isError, type Level } from '../entry.ts';
import type { Anomaly } from './anomaly.ts';
import { counted, countOf, figure, lasting, moment, percent, quoted } from './wording.ts';

/** What requests of an access log came to. */
export interface SummarisedRequests {
  requests: number;
  /** 1 to 5, for 1xx to 5xx. */
  statusClasses: readonly { class: number; count: number }[];
  topPaths: readonly { path: string; count: number; failed: number }[];
  /** All null where the log has no durations. */
  duration: Pick<Durations, 'p50Ms' | 'p95Ms' | 'p99Ms'>;
  bytesSent: number;
}

/** The figures that a summary is made of. */
export interface SummarisedReport {
  format: string;
  entryCount: number;
  /** Milliseconds since 1970, UTC; null when no entry has a time. */
  from: number | null;
  to: number | null;
  levels: readonly { level: Level; count: number }[];
  /** The most common first. */
  patterns: readonly { template: string; count: number; level: Level }[];
  /** The most significant first. */
  anomalies: readonly Anomaly[];
  /** Null for what is no access log. */
  http: SummarisedRequests | null;
}

/** Anomalies that a summary has room for. */
const mostAnomalies = 2;

/** "NGINX_ACCESS" as a person would say it. */
const formatName = (format: string): string =>
  format === 'UNKNOWN' || format === 'TEXT' ? 'plain text' : format.replaceAll('_', ' ');

function opening({ format, entryCount, from, to }: SummarisedReport): string {
  const what = `${countOf(entryCount, 'entry', 'entries')} of ${formatName(format)}`;
  if (from === null || to === null) return `${what}, without times.`;
  if (to - from < 1) return `${what}, all of ${moment(from, 'with date')}.`;
  return `${what} in ${lasting(to - from)}, from ${moment(from, 'with date')} to ${moment(to, 'with date')}.`;
}

/** How many are errors and warnings; nothing where no entry names a level. */
function levelsOf({ levels, entryCount }: SummarisedReport): string | null {
  const count = (wanted: (level: Level) => boolean) =>
    levels.reduce((sum, one) => (wanted(one.level) ? sum + one.count : sum), 0);
  if (count((level) => level !== 'UNKNOWN') === 0) return null;
  const [errors, warnings] = [count(isError), count((level) => level === 'WARN')];
  const shareOf = (part: number) => (part === 0 ? '' : ` (${percent(part / entryCount)})`);
  const wrong = errors === 0 ? 'No entry is an error' : `${countOf(errors, 'error')}${shareOf(errors)}`;
  return `${wrong}, ${warnings === 0 ? 'no warnings' : `${countOf(warnings, 'warning')}${shareOf(warnings)}`}.`;
}

function patternsOf({ patterns, entryCount }: SummarisedReport): string | null {
  const [first] = patterns;
  if (first === undefined) return null;
  const common = `Most common is ${quoted(first.template)} (${percent(first.count / entryCount)})`;
  const worst = patterns.find(({ level }) => isError(level));
  if (worst === undefined) return `${common}.`;
  if (worst === first) return `${common}, which is also the most frequent error.`;
  return `${common}; what fails most is ${quoted(worst.template)}, ${countOf(worst.count, 'time')}.`;
}

/** Milliseconds as read: "250 ms", "1.2 s". */
const waited = (ms: number): string => (ms < 1000 ? `${figure(ms)} ms` : `${figure(ms / 1000)} s`);

function requestsOf({ requests, statusClasses, topPaths, duration }: SummarisedRequests): string | null {
  if (requests === 0) return null;
  const failed = statusClasses.reduce((sum, one) => (one.class === 5 ? sum + one.count : sum), 0);
  const parts = [
    `Of ${countOf(requests, 'request')} ${failed === 0 ? 'none' : `${counted(failed)} (${percent(failed / requests)})`} ended with 5xx`,
  ];
  const worst = topPaths.reduce<(typeof topPaths)[number] | null>(
    (most, path) => (path.failed > (most?.failed ?? 0) ? path : most),
    null,
  );
  if (worst !== null)
    parts.push(`most failed for ${quoted(worst.path)} (${counted(worst.failed)} of ${counted(worst.count)})`);
  const slow = (
    [
      ['p99Ms', 99],
      ['p95Ms', 95],
      ['p50Ms', 50],
    ] as const
  ).find(([name]) => duration[name] !== null);
  const took = slow === undefined ? null : duration[slow[0]];
  if (slow !== undefined && took !== null) parts.push(`${100 - slow[1]} % took longer than ${waited(took)}`);
  return `${parts.join('; ')}.`;
}

/**
 * What a report says, in at most six sentences: what the log is, levels, requests, patterns, and the strongest
 * anomalies. Each claim is a figure of the report. What is quoted of the log is one short line.
 */
export function summaryOf(report: SummarisedReport): string {
  if (report.entryCount === 0) return 'The log has no entries.';
  const { http, anomalies } = report;
  const sentences = [
    opening(report),
    levelsOf(report),
    http === null ? null : requestsOf(http),
    patternsOf(report),
    ...anomalies.slice(0, mostAnomalies).map(({ explanation }) => explanation),
  ];
  return sentences.filter((sentence) => sentence !== null).join(' ');
}
