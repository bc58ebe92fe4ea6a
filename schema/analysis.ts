import type { Analysis as AnalysisRow } from '../src/analysis/runs.ts';
import type { JsonValue } from '../src/entry.ts';
import { builder } from './builder.ts';
import { Source } from './source.ts';
import { User } from './user.ts';

const AnalysisStatus = builder.enumType('AnalysisStatus', {
  description: 'How far an analysis is.',
  values: {
    QUEUED: { description: 'It waits for its turn: one runs at a time.' },
    RUNNING: { description: 'The log is being looked through.' },
    SUCCEEDED: { description: 'It is over, and there is a report.' },
    FAILED: { description: 'It is over without a report; `error` says why.' },
    CANCELED: { description: 'Somebody canceled it.' },
  },
});

const AnalysisProgress = builder.objectRef<AnalysisRow>('AnalysisProgress').implement({
  description: 'How much of a log was looked through.',
  fields: (t) => ({
    bytesRead: t.expose('bytesRead', { type: 'BigInt', description: 'Bytes of the log, unpacked, so far.' }),
    bytesTotal: t.expose('bytesTotal', { type: 'BigInt', description: 'Bytes of all of it; 0 before it has begun.' }),
    entries: t.expose('entries', { type: 'BigInt', description: 'Entries that were counted so far.' }),
    ratio: t.float({
      description: 'The share of the bytes, 0 to 1; 1 once it has succeeded.',
      resolve: ({ status, bytesRead, bytesTotal }) => {
        if (status === 'SUCCEEDED') return 1;
        return bytesTotal === 0n ? 0 : Number(bytesRead) / Number(bytesTotal);
      },
    }),
  }),
});

/** A filter as it was asked for: with times in the form of DateTime. */
const asAsked = (text: string): JsonValue =>
  JSON.parse(text, (key, value) =>
    (key === 'from' || key === 'to') && typeof value === 'number' ? new Date(value).toISOString() : value,
  );

export const Analysis = builder.prismaNode('Analysis', {
  description:
    'A look at what a log consists of and what in it is unusual. Seen by whoever may see the source; kept until it or the source is deleted.',
  id: { field: 'id' },
  fields: (t) => ({
    source: t.relation('source', { type: Source, description: 'The log that it is of.' }),
    status: t.expose('status', { type: AnalysisStatus, description: 'How far it is.' }),
    filter: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The LogFilter that it was started with; null for everything.',
      resolve: ({ filter }) => filter && asAsked(filter),
    }),
    fromCursor: t.expose('fromCursor', {
      type: 'Cursor',
      nullable: true,
      description:
        'The place before the first entry that it covers: `Source.entries(after: fromCursor, before: toCursor)` gives them. Null before it has begun, and for an empty log.',
    }),
    toCursor: t.expose('toCursor', {
      type: 'Cursor',
      nullable: true,
      description: 'The place after the last one. What was written later is not in it.',
    }),
    startedBy: t.relation('startedBy', {
      type: User,
      nullable: true,
      description: 'Who started it; null when they are gone.',
    }),
    progress: t.field({
      type: AnalysisProgress,
      description: 'How much was looked through.',
      resolve: (analysis) => analysis,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was begun; null as long as it is QUEUED, and when it was canceled before.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was over; null until then.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it is FAILED, in a sentence.' }),
  }),
});
