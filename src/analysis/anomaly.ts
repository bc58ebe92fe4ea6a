import { isError, type Level } from '../entry.ts';
import type { Scale } from '../history/histogram.ts';
import { type Deviation, deviationsIn } from './deviation.ts';
import { shareChangesIn } from './error-rate.ts';
import { explanationOf } from './explanation.ts';
import { noveltiesIn } from './novelty.ts';
import { believable, type Significance, significanceOf } from './significance.ts';

/** What is unusual in a log. */
export interface Anomaly {
  /** More or fewer entries than usual; a pattern that was not there at first; another share of errors than usual. */
  kind: 'BURST' | 'DROP' | 'NEW_PATTERN' | 'ERROR_RATE';
  /** Milliseconds since 1970, UTC; `to` is the first that is not in it. */
  from: number;
  to: number;
  /** Index of the pattern that it is about; null for all entries. */
  pattern: number | null;
  /** Entries in that time; of ERROR_RATE the share of errors, 0 to 1. */
  observed: number;
  /** What is usual in a time as long. */
  expected: number;
  /** Observed by expected, of which at least half an entry is taken: always finite. */
  ratio: number;
  significance: Significance;
  /** A sentence with these figures. */
  explanation: string;
}

/** A pattern as far as anomalies are found from it. */
export interface AnalysedPattern {
  template: string;
  level: Level;
  count: number;
  /** Milliseconds since 1970, UTC; null when its entries have no times. */
  firstSeen: number | null;
  /** Buckets in which it was logged, ascending, and how many times. */
  timeline: readonly (readonly [bucket: number, count: number])[];
}

/** What was counted of a log. */
export interface AnalysedSeries {
  scale: Scale;
  /** Entries per bucket. */
  total: ArrayLike<number>;
  /** Those of level ERROR or FATAL. */
  errors: ArrayLike<number>;
  patterns: readonly AnalysedPattern[];
}

/** An anomaly before anybody reads it. */
export interface Finding extends Omit<Anomaly, 'explanation'> {
  chance: number;
  /** Entries; of ERROR_RATE those that share is of. */
  entries: number;
  /** Others that happened to other patterns at the same time, which are not told. */
  companions: number;
  /** Of ERROR_RATE: the pattern that most of its errors are of; null when there is none. */
  culprit: number | null;
}

/** More than anybody reads. */
const mostAnomalies = 100;
/** Of one kind at one time, the others are of the same event: a restart makes a hundred patterns burst. */
const mostAtOnce = 3;
/** Of a log in which there is always something new. */
const mostNew = 20;

const overlaps = (a: { from: number; to: number }, b: { from: number; to: number }): boolean =>
  a.from < b.to && b.from < a.to;

const ratioOf = (observed: number, expected: number, least: number): number => observed / Math.max(expected, least);

/** How many times the usual it is, or how many times less. */
const timesOf = (ratio: number): number => (ratio >= 1 ? ratio : 1 / Math.max(ratio, 1e-9));

type Owned = Deviation & { pattern: number | null };

/** Bursts and drops of all entries and of each pattern that are more than chance, given how many buckets were looked at. */
function deviationsOf({ scale, total, patterns }: AnalysedSeries): Owned[] {
  const all = deviationsIn(total);
  const found: Owned[] = all.deviations.map((deviation) => ({ ...deviation, pattern: null }));
  let { looks } = all;
  const counts = new Float64Array(scale.buckets);
  for (const [pattern, { timeline }] of patterns.entries()) {
    // Fewer are never judged.
    if (timeline.reduce((sum, [, count]) => sum + count, 0) < 5) continue;
    counts.fill(0);
    for (const [bucket, count] of timeline) counts[bucket] = count;
    const own = deviationsIn(counts);
    looks += own.looks;
    for (const deviation of own.deviations) found.push({ ...deviation, pattern });
  }
  const most = believable(
    found.map(({ chance }) => chance),
    looks,
  );
  return found.filter(({ chance }) => chance <= most);
}

/** Whether a few patterns that deviate at the same time make up half of what all entries do: then they are told instead. */
const isExplained = (whole: Owned, parts: readonly Owned[]): boolean => {
  const excess = ({ observed, expected }: Owned) => Math.abs(observed - expected);
  const same = parts.filter((part) => part.kind === whole.kind && overlaps(part, whole));
  const largest = same
    .map(excess)
    .sort((a, b) => b - a)
    .slice(0, mostAtOnce);
  return largest.reduce((sum, part) => sum + part, 0) >= excess(whole) / 2;
};

const countIn = ({ timeline }: AnalysedPattern, { from, to }: { from: number; to: number }): number =>
  timeline.reduce((sum, [bucket, count]) => (bucket >= from && bucket < to ? sum + count : sum), 0);

/** The pattern that at least half of the errors of a stretch are of. */
function culpritOf(
  patterns: readonly AnalysedPattern[],
  stretch: { from: number; to: number; errors: number },
): number | null {
  const index = patterns.findIndex((one) => isError(one.level) && countIn(one, stretch) >= stretch.errors / 2);
  return index < 0 ? null : index;
}

const finding = (
  facts: Omit<Finding, 'significance' | 'companions' | 'culprit'> & { culprit?: number | null },
): Finding => ({
  culprit: null,
  ...facts,
  companions: 0,
  significance: significanceOf(facts.chance, timesOf(facts.ratio)),
});

function findingsOf(series: AnalysedSeries): Finding[] {
  const { scale, total, errors, patterns } = series;
  const timeAt = (bucket: number) => scale.from + bucket * scale.bucketMs;
  const news = noveltiesIn(scale, total, patterns);
  const isNews = new Set(news.map(({ pattern }) => pattern));
  const deviations = deviationsOf(series);
  // With the first entry of a pattern nothing is usual yet: it is new, or all is.
  const isComing = ({ kind, pattern, from, to }: Owned) => {
    const since = pattern === null ? null : (patterns[pattern]?.firstSeen ?? null);
    return kind === 'BURST' && since !== null && since >= timeAt(from) && since < timeAt(to);
  };
  const parts = deviations.filter((one) => one.pattern !== null && (isNews.has(one.pattern) || !isComing(one)));
  const told = deviations.filter((one) => !(one.pattern === null ? isExplained(one, parts) : isComing(one)));
  const findings = told.map(({ kind, pattern, from, to, observed, expected, chance }) =>
    finding({
      ...{ kind, pattern, from: timeAt(from), to: timeAt(to), observed, expected, chance, entries: observed },
      ratio: ratioOf(observed, expected, 0.5),
    }),
  );
  for (const { pattern, from, chance } of news) {
    const { count = 0, level = 'UNKNOWN', timeline = [] } = patterns[pattern] ?? {};
    const last = timeline.at(-1)?.[0];
    const to = Math.max(last === undefined ? from + 1 : timeAt(last + 1), from + 1);
    const facts = { kind: 'NEW_PATTERN' as const, pattern, from, to, observed: count, expected: 0, entries: count };
    const found = finding({ ...facts, chance, ratio: ratioOf(count, 0, 0.5) });
    // That something new is said is no alarm unless it is an error.
    findings.push(found.significance === 'HIGH' && !isError(level) ? { ...found, significance: 'MEDIUM' } : found);
  }
  const changes = shareChangesIn(total, errors);
  const most = believable(
    changes.map(({ chance }) => chance),
    scale.buckets,
  );
  for (const change of changes.filter(({ chance }) => chance <= most)) {
    const { from, to, entries, usual: expected, chance } = change;
    const observed = change.errors / entries;
    const facts = {
      kind: 'ERROR_RATE' as const,
      from: timeAt(from),
      to: timeAt(to),
      observed,
      expected,
      entries,
      chance,
    };
    const ratio = ratioOf(observed, expected, 0.5 / entries);
    findings.push(finding({ ...facts, pattern: null, ratio, culprit: culpritOf(patterns, change) }));
  }
  return findings;
}

/** Of what happened at one time, the first few; those count the others. The most important come first. */
function withoutCrowds(findings: readonly Finding[], bucketMs: number): Finding[] {
  const kept: Finding[] = [];
  for (const one of findings) {
    // What is new goes on: there it counts when it began.
    const time = ({ kind, from, to }: Finding) => ({ from, to: kind === 'NEW_PATTERN' ? from + bucketMs : to });
    const alike = kept.filter(({ kind, pattern }) => kind === one.kind && pattern !== null);
    const same = alike.filter((other) => overlaps(time(other), time(one)));
    const [first] = same;
    if (first !== undefined && one.pattern !== null && same.length >= mostAtOnce) first.companions++;
    else if (kept.length < mostAnomalies && !(one.kind === 'NEW_PATTERN' && alike.length >= mostNew)) kept.push(one);
  }
  return kept;
}

const rank = { HIGH: 0, MEDIUM: 1, LOW: 2 };

/**
 * What is unusual in a log, at most 100: the most significant first, of those the earliest.
 *
 * Of an event that a few patterns make, these are told and not the rise of all entries; a pattern that is new is not
 * told as a burst as well. A change in the share of errors is always told, with the pattern that most of them are of.
 * Three patterns of a kind are told of one time, with how many more there are.
 */
export function anomaliesOf(series: AnalysedSeries): Anomaly[] {
  const found = findingsOf(series).sort(
    (a, b) => rank[a.significance] - rank[b.significance] || a.chance - b.chance || b.ratio - a.ratio,
  );
  const { scale, patterns } = series;
  const told = withoutCrowds(found, scale.bucketMs);
  told.sort((a, b) => rank[a.significance] - rank[b.significance] || a.from - b.from || a.chance - b.chance);
  return told.map((one) => {
    const { chance: _, entries: __, companions: ___, culprit: ____, ...anomaly } = one;
    return { ...anomaly, explanation: explanationOf(one, scale, patterns) };
  });
}
