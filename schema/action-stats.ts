import type { ActionNameTally, ActionStats as ActionStatsValue, ServiceTally } from '../src/action/stats.ts';
import type { Durations } from '../src/action/tally.ts';
import type { TimelineBucket } from '../src/action/timeline.ts';
import { actionFilterArgument } from './action.ts';
import { builder } from './builder.ts';

export const DurationStats = builder.objectRef<Durations>('DurationStats').implement({
  description:
    'How long actions or requests took, in milliseconds; all null where none was counted. Percentiles are within 2 %.',
  fields: (t) => ({
    meanMs: t.exposeFloat('meanMs', { nullable: true, description: 'The arithmetic mean, exact.' }),
    p50Ms: t.exposeFloat('p50Ms', { nullable: true, description: 'Half of them took no longer.' }),
    p90Ms: t.exposeFloat('p90Ms', { nullable: true, description: 'Nine of ten took no longer.' }),
    p95Ms: t.exposeFloat('p95Ms', { nullable: true, description: 'Of a hundred 95 took no longer.' }),
    p99Ms: t.exposeFloat('p99Ms', { nullable: true, description: 'Of a hundred 99 took no longer.' }),
    maxMs: t.exposeFloat('maxMs', {
      nullable: true,
      description: 'The longest; exact, and within 4 % once actions of the same eight days were removed.',
    }),
  }),
});

type Fields<Counted> = PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Counted>;

/** What is said of actions that have something in common. */
const counted = <Counted extends ServiceTally>(t: Fields<Counted>) => ({
  total: t.field({ type: 'BigInt', description: 'How many there are.', resolve: ({ tally }) => tally.total }),
  failed: t.field({ type: 'BigInt', description: 'How many of them failed.', resolve: ({ tally }) => tally.failed }),
  duration: t.field({
    type: DurationStats,
    description: 'How long they took.',
    resolve: ({ tally }) => tally.durations,
  }),
});

const ServiceActionStats = builder.objectRef<ServiceTally>('ServiceActionStats').implement({
  description: 'The actions of one service, counted.',
  fields: (t) => ({
    service: t.exposeString('service', { description: 'Name of the service.' }),
    ...counted(t),
  }),
});

const ActionNameStats = builder.objectRef<ActionNameTally>('ActionNameStats').implement({
  description: 'One kind of action of one service, counted.',
  fields: (t) => ({
    service: t.exposeString('service', { description: 'Name of the service.' }),
    action: t.exposeString('action', { description: 'Name of the action.' }),
    ...counted(t),
  }),
});

const ActionStatsBucket = builder.objectRef<TimelineBucket>('ActionStatsBucket').implement({
  description: 'The actions of one stretch of time, counted.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'When it begins; it ends where the next one begins.' }),
    total: t.expose('total', { type: 'BigInt', description: 'How many there are.' }),
    failed: t.expose('failed', { type: 'BigInt', description: 'How many of them failed.' }),
  }),
});

const first = {
  required: true,
  defaultValue: 50,
  description: 'So many, 0 to 1000.',
} as const;

const mostNames = 1000;

/** The first so many. What is out of range is taken to its end. */
const some = <Item>(items: Item[], count: number): Item[] => items.slice(0, Math.min(Math.max(count, 0), mostNames));

export const ActionStats = builder.objectRef<ActionStatsValue>('ActionStats').implement({
  description:
    'Actions, counted. As long as the filter is about names, status and time, the cost does not grow with the number of actions.',
  fields: (t) => ({
    total: t.field({
      type: 'BigInt',
      description: 'How many there are.',
      resolve: async (stats) => (await stats.totals()).tally.total,
    }),
    failed: t.field({
      type: 'BigInt',
      description: 'How many of them failed.',
      resolve: async (stats) => (await stats.totals()).tally.failed,
    }),
    failureRate: t.float({
      description: 'The share of them that failed, 0 to 1; 0 where none was counted.',
      resolve: async (stats) => {
        const { failed, total } = (await stats.totals()).tally;
        return total === 0 ? 0 : failed / total;
      },
    }),
    duration: t.field({
      type: DurationStats,
      description: 'How long they took.',
      resolve: async (stats) => (await stats.totals()).tally.durations,
    }),
    byService: t.field({
      type: [ServiceActionStats],
      description: 'By service, the most frequent first.',
      args: { first: t.arg.int(first) },
      resolve: async (stats, { first: count }) => some((await stats.totals()).services, count),
    }),
    byAction: t.field({
      type: [ActionNameStats],
      description: 'By service and action, the most frequent first.',
      args: { first: t.arg.int(first) },
      resolve: async (stats, { first: count }) => some((await stats.totals()).actions, count),
    }),
    timeline: t.field({
      type: [ActionStatsBucket],
      description:
        'How many happened when, oldest first, without gaps: over the time that the filter bounds, else from the first action to the last. All buckets have the same round length, of minutes up to 3 hours, of hours up to 7 days, else of days, and begin at multiples of it (UTC).',
      resolve: (stats) => stats.timeline(),
    }),
  }),
});

builder.queryField('actionStats', (t) =>
  t.field({
    type: ActionStats,
    nullable: true,
    description:
      'How many actions there were, how many of them failed, and how long they took. A filter on duration or text has every action of the time looked at, and so has a time that does not begin or end with a minute, or with an hour when it is older than two days, as far as its ends; what takes too long is LIMIT_REACHED.',
    args: {
      filter: t.arg(actionFilterArgument),
      buckets: t.arg.int({
        required: true,
        defaultValue: 60,
        description: 'Most buckets of the timeline, 1 to 1000; there may be fewer, as they have a round length.',
      }),
    },
    resolve: (_root, { filter, buckets }, { engine, principal }) => engine.actions.stats(principal, filter, buckets),
  }),
);
