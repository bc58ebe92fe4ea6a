import type { Anomaly as AnomalyValue } from '../src/analysis/anomaly.ts';
import type { ReportedPattern } from '../src/analysis/report.ts';
import type { AnalysisReport as ReportValue } from '../src/analysis/runs.ts';
import { InvalidInputError } from '../src/errors.ts';
import { Analysis } from './analysis.ts';
import { builder } from './builder.ts';
import { LogEntry, LogLevel } from './entry.ts';
import { HttpReport } from './http-report.ts';
import { globalId } from './id.ts';
import { firstByDefault, takeOf } from './page.ts';
import { LogFormat } from './source.ts';
import { LevelCount, LogHistogramType } from './summary.ts';

interface Pattern extends ReportedPattern {
  index: number;
  report: ReportValue;
}

const patternAt = (report: ReportValue, index: number | null): Pattern | null => {
  const pattern = index === null ? undefined : report.patterns[index];
  return pattern === undefined || index === null ? null : { ...pattern, index, report };
};

const LogPattern = builder.objectRef<Pattern>('LogPattern').implement({
  description: 'A message template, and the entries that are of it.',
  fields: (t) => ({
    id: t.id({
      description: 'Opaque, and unique over all analyses.',
      resolve: ({ index, report }) => globalId('LogPattern', `${report.analysis.id}:${index}`),
    }),
    template: t.exposeString('template', { description: 'What they have in common, with `<*>` for what differs.' }),
    count: t.expose('count', { type: 'BigInt', description: 'How many entries.' }),
    share: t.float({
      description: 'Their share of all entries, 0 to 1.',
      resolve: ({ count, report }) => count / Math.max(report.entryCount, 1),
    }),
    level: t.expose('level', { type: LogLevel, description: 'The level that most of them have.' }),
    firstSeen: t.expose('firstSeen', {
      type: 'DateTime',
      nullable: true,
      description: 'When the earliest happened; null when none has a time.',
    }),
    lastSeen: t.expose('lastSeen', {
      type: 'DateTime',
      nullable: true,
      description: 'When the latest happened; null when none has a time.',
    }),
    examples: t.field({
      type: [LogEntry],
      description: 'At most three of them, with their cursors; fewer when they are gone by now.',
      resolve: async ({ examples }, _args, { engine, principal }) => {
        const entries = await Promise.all(examples.map((cursor) => engine.logs.entry(principal, cursor)));
        return entries.filter((entry) => entry !== null);
      },
    }),
    sparkline: t.exposeIntList('sparkline', {
      description:
        'How many happened when: at most 60 stretches of equal length over the time that the log covers. Empty when no entry has a time.',
    }),
  }),
});

interface PatternPage {
  patterns: Pattern[];
  hasPrevious: boolean;
  hasNext: boolean;
}

const cursorOf = ({ index }: Pattern): string => Buffer.from(`pattern:${index}`).toString('base64url');

/** The index in a cursor; null for none. */
function indexIn(name: 'after' | 'before', cursor: string | null | undefined): number | null {
  if (typeof cursor !== 'string') return null;
  const [, index] = /^pattern:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (index !== undefined) return Number(index);
  const message = 'This is not a cursor of this list; pass a cursor as you received it.';
  throw new InvalidInputError([{ path: [name], message, code: 'CURSOR_DAMAGED' }]);
}

function pageOf(
  patterns: Pattern[],
  take: { first: number } | { last: number },
  bounds: { after?: string | null | undefined; before?: string | null | undefined },
): PatternPage {
  const after = indexIn('after', bounds.after) ?? -1;
  const before = indexIn('before', bounds.before) ?? Number.POSITIVE_INFINITY;
  const within = patterns.filter(({ index }) => index > after && index < before);
  const isForward = 'first' in take;
  const from = isForward ? 0 : Math.max(within.length - take.last, 0);
  const to = isForward ? take.first : within.length;
  return {
    patterns: within.slice(from, to),
    hasPrevious: isForward ? patterns.some(({ index }) => index <= after) : from > 0,
    hasNext: isForward ? to < within.length : patterns.some(({ index }) => index >= before),
  };
}

const LogPatternEdge = builder.objectRef<Pattern>('LogPatternEdge').implement({
  description: 'A pattern and its place in the list.',
  fields: (t) => ({
    cursor: t.string({ description: 'For `after` and `before` of the same report.', resolve: cursorOf }),
    node: t.field({ type: LogPattern, description: 'The pattern at the cursor.', resolve: (pattern) => pattern }),
  }),
});

const LogPatternConnection = builder.objectRef<PatternPage>('LogPatternConnection').implement({
  description: 'A page of patterns, the commonest first.',
  fields: (t) => ({
    edges: t.expose('patterns', { type: [LogPatternEdge], description: 'The patterns with a cursor each.' }),
    nodes: t.expose('patterns', { type: [LogPattern], description: 'The same without cursors.' }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'Whether there is more, and from where to go on.',
      resolve: ({ patterns, hasPrevious, hasNext }) => {
        const [first, last] = [patterns.at(0), patterns.at(-1)];
        return {
          hasPreviousPage: hasPrevious,
          hasNextPage: hasNext,
          startCursor: first === undefined ? null : cursorOf(first),
          endCursor: last === undefined ? null : cursorOf(last),
        };
      },
    }),
  }),
});

const AnomalyKind = builder.enumType('AnomalyKind', {
  description: 'In what a stretch of time is unusual.',
  values: {
    BURST: { description: 'Far more entries than usual.' },
    DROP: { description: 'Far fewer entries than usual.' },
    NEW_PATTERN: { description: 'Something is logged that was not there before.' },
    ERROR_RATE: { description: 'The share of errors changed.' },
  },
});

const Significance = builder.enumType('Significance', {
  description: 'How sure it is that something is no chance, and how large it is.',
  values: {
    LOW: { description: 'May be of interest.' },
    MEDIUM: { description: 'Chance explains it once in a thousand times, or less often.' },
    HIGH: { description: 'Once in a million, and at least three times as much as usual, or as little.' },
  },
});

const Anomaly = builder.objectRef<{ anomaly: AnomalyValue; report: ReportValue }>('Anomaly').implement({
  description: 'Something unusual, compared with the time before it.',
  fields: (t) => ({
    kind: t.field({ type: AnomalyKind, description: 'In what it is unusual.', resolve: ({ anomaly }) => anomaly.kind }),
    from: t.field({ type: 'DateTime', description: 'When it began.', resolve: ({ anomaly }) => anomaly.from }),
    to: t.field({
      type: 'DateTime',
      description: 'When it was over; exclusive.',
      resolve: ({ anomaly }) => anomaly.to,
    }),
    pattern: t.field({
      type: LogPattern,
      nullable: true,
      description: 'The pattern that it is about; null for all entries together.',
      resolve: ({ anomaly, report }) => patternAt(report, anomaly.pattern),
    }),
    observed: t.float({
      description: 'Entries in that time; of ERROR_RATE the share of errors, 0 to 1.',
      resolve: ({ anomaly }) => anomaly.observed,
    }),
    expected: t.float({
      description: 'What is usual in a time as long, in the same unit.',
      resolve: ({ anomaly }) => anomaly.expected,
    }),
    ratio: t.float({
      description: 'Observed by expected, of which at least half an entry is taken: always finite.',
      resolve: ({ anomaly }) => anomaly.ratio,
    }),
    significance: t.field({
      type: Significance,
      description: 'How much it matters.',
      resolve: ({ anomaly }) => anomaly.significance,
    }),
    explanation: t.string({
      description: 'A sentence with these figures.',
      resolve: ({ anomaly }) => anomaly.explanation,
    }),
    example: t.field({
      type: LogEntry,
      nullable: true,
      description: 'An entry of that time that shows it; null when there is none, or none any more.',
      resolve: ({ anomaly, report }, _args, { engine, principal }) =>
        engine.analyses.example(principal, report, anomaly),
    }),
  }),
});

const AnalysisReport = builder.objectRef<ReportValue>('AnalysisReport').implement({
  description: 'What a log consists of, and what in it is unusual.',
  fields: (t) => ({
    format: t.expose('format', { type: LogFormat, description: 'As the log was understood.' }),
    entryCount: t.expose('entryCount', { type: 'BigInt', description: 'How many entries were counted.' }),
    from: t.expose('from', {
      type: 'DateTime',
      nullable: true,
      description: 'When the earliest happened; null when none has a time.',
    }),
    to: t.expose('to', {
      type: 'DateTime',
      nullable: true,
      description: 'When the latest happened; null when none has a time.',
    }),
    levels: t.expose('levels', { type: [LevelCount], description: 'By level; levels without entries are left out.' }),
    histogram: t.field({
      type: LogHistogramType,
      description: 'How many happened when, in at most 300 buckets; these are also what anomalies are found in.',
      resolve: ({ histogram, analysis }) => ({
        ...histogram,
        scannedBytes: Number(analysis.bytesRead),
        complete: true,
      }),
    }),
    patterns: t.field({
      type: LogPatternConnection,
      extensions: firstByDefault,
      description:
        'What the messages are, the commonest first: at most 1,000, and those of anomalies. Without `first` and `last`: the first 50.',
      args: {
        first: t.arg.int({ description: 'So many from the beginning, or after `after`.' }),
        after: t.arg.string({ description: 'Only what comes after this cursor.' }),
        last: t.arg.int({ description: 'So many from the end, or before `before`.' }),
        before: t.arg.string({ description: 'Only what comes before this cursor.' }),
        level: t.arg({ type: LogLevel, description: 'Only those of this level.' }),
      },
      resolve: (report, { level, after, before, ...size }) => {
        const all = [...report.patterns.keys()].map((index) => patternAt(report, index));
        const wanted = all.filter((pattern) => pattern !== null).filter((one) => !level || one.level === level);
        return pageOf(wanted, takeOf(size), { after, before });
      },
    }),
    anomalies: t.field({
      type: [Anomaly],
      description: 'What is unusual, the most significant first; at most 100.',
      resolve: (report) => report.anomalies.map((anomaly) => ({ anomaly, report })),
    }),
    http: t.expose('http', {
      type: HttpReport,
      nullable: true,
      description: 'What the requests came to; null for what is no access log.',
    }),
    summary: t.exposeString('summary', {
      description: 'A few sentences that a person can act on; each claim is a figure of this report.',
    }),
  }),
});

builder.prismaObjectField(Analysis, 'report', (t) =>
  t.field({
    type: AnalysisReport,
    nullable: true,
    description: 'What was found; null until it has SUCCEEDED.',
    resolve: (analysis, _args, { engine, principal }) => engine.analyses.report(principal, analysis),
  }),
);
