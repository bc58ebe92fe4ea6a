import type { Bucket } from '../src/history/histogram.ts';
import type { CommonValues, LogHistogram } from '../src/summaries.ts';
import { builder } from './builder.ts';
import { LogLevel } from './entry.ts';
import { filterInput, LogFilter } from './filter.ts';
import { rowId } from './id.ts';
import { Source } from './source.ts';

export const LevelCount = builder.objectRef<Bucket['levels'][number]>('LevelCount').implement({
  description: 'How many entries there are of one level.',
  fields: (t) => ({
    level: t.expose('level', { type: LogLevel, description: 'Which level it is.' }),
    count: t.expose('count', { type: 'BigInt', description: 'How many; at least one.' }),
  }),
});

const LogHistogramBucket = builder.objectRef<Bucket>('LogHistogramBucket').implement({
  description: 'A stretch of time, and how many entries happened in it.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'Where it begins; it lasts `bucketMs`.' }),
    total: t.expose('total', { type: 'BigInt', description: 'How many entries, of all levels.' }),
    levels: t.expose('levels', { type: [LevelCount], description: 'By level; levels without entries are left out.' }),
  }),
});

export const LogHistogramType = builder.objectRef<LogHistogram>('LogHistogram').implement({
  description:
    'How many entries happened when. An entry without a time counts with the last one before it that says one, if that begins at most 1 MiB before it, else not at all. Over the time that the filter bounds, else from the first entry to the last; what is out of order beyond that counts at the ends.',
  fields: (t) => ({
    from: t.expose('from', {
      type: 'DateTime',
      nullable: true,
      description: 'Where the first bucket begins; null when there is none.',
    }),
    to: t.expose('to', {
      type: 'DateTime',
      nullable: true,
      description: 'Where the last one ends; null when there is none.',
    }),
    bucketMs: t.expose('bucketMs', {
      type: 'BigInt',
      description:
        'How long each bucket lasts, in milliseconds: a round number, of which all begin at multiples (UTC).',
    }),
    buckets: t.expose('buckets', {
      type: [LogHistogramBucket],
      description: 'Oldest first, without gaps, also those in which nothing happened.',
    }),
    scannedBytes: t.expose('scannedBytes', {
      type: 'BigInt',
      description: 'Bytes of the logs that were looked through.',
    }),
    complete: t.exposeBoolean('complete', {
      description:
        'False when there is more than one request may look through: then only the newest entries were counted. Narrow the time.',
    }),
  }),
});

const ValueCount = builder.objectRef<CommonValues['values'][number]>('ValueCount').implement({
  description: 'A value of a field, and how often it occurs.',
  fields: (t) => ({
    value: t.expose('value', { type: 'JSON', nullable: true, description: 'The value, as the entries have it.' }),
    count: t.expose('count', { type: 'BigInt', description: 'How many entries have it.' }),
  }),
});

const ValueCounts = builder.objectRef<CommonValues>('ValueCounts').implement({
  description: 'The commonest values of a field.',
  fields: (t) => ({
    values: t.expose('values', { type: [ValueCount], description: 'The commonest first.' }),
    complete: t.exposeBoolean('complete', {
      description:
        'False when there are more entries than one request may look through, or too many values to tell all apart.',
    }),
  }),
});

const bucketsArgument = {
  required: true,
  defaultValue: 60,
  description: 'Most buckets, 1 to 1000; there may be fewer, as they have a round length.',
} as const;

builder.objectFields(Source, (t) => ({
  histogram: t.field({
    type: LogHistogramType,
    nullable: true,
    description: 'How many of its entries happened when, over all its files.',
    args: {
      filter: t.arg({ type: LogFilter, description: 'Only entries that fulfil this.' }),
      buckets: t.arg.int(bucketsArgument),
    },
    resolve: ({ id }, { filter, buckets }, { engine, principal, signal }) =>
      engine.summaries.histogram(principal, [id], { filter: filter && filterInput(filter), most: buckets, signal }),
  }),
  valueCounts: t.field({
    type: ValueCounts,
    nullable: true,
    description: 'The commonest values of a field, for suggestions and facets.',
    args: {
      path: t.arg.string({
        required: true,
        description:
          'Name of the field: `level`, `message`, or one of `LogEntry.fields`; names of nested fields separated by dots.',
      }),
      filter: t.arg({ type: LogFilter, description: 'Only of entries that fulfil this.' }),
      first: t.arg.int({
        required: true,
        defaultValue: 20,
        description: 'So many values, at most `limits.maxPageSize`.',
      }),
    },
    resolve: ({ id }, { path, filter, first }, { engine, principal, signal }) =>
      engine.summaries.values(principal, id, { path, first, filter: filter && filterInput(filter), signal }),
  }),
}));

builder.queryField('logHistogram', (t) =>
  t.field({
    type: LogHistogramType,
    nullable: true,
    description: 'How many entries of several logs happened when, counted together.',
    args: {
      sources: t.arg.idList({ required: true, description: 'Ids of the logs, at least one.' }),
      filter: t.arg({ type: LogFilter, description: 'Only entries that fulfil this.' }),
      buckets: t.arg.int(bucketsArgument),
    },
    resolve: (_root, { sources, filter, buckets }, { engine, principal, signal }) => {
      const ids = sources.map((id) => rowId('Source', id));
      return engine.summaries.histogram(principal, ids, {
        filter: filter && filterInput(filter),
        most: buckets,
        signal,
      });
    },
  }),
);
