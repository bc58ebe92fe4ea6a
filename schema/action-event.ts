import { recordedCursor } from '../src/action/place.ts';
import type { ReaderEvent } from '../src/action/reader.ts';
import type { ActionStats as ActionStatsValue } from '../src/action/stats.ts';
import { InvalidInputError, LimitReachedError } from '../src/errors.ts';
import { Action, actionFilterArgument } from './action.ts';
import { ActionStats } from './action-stats.ts';
import { builder } from './builder.ts';
import { asData, errorTypeName, once } from './event.ts';

/** What can be wrong with a subscription to actions. */
type Problem = InvalidInputError | LimitReachedError;

/** The error, if it may be an event. Throws any other. */
function problemIn(error: unknown): Problem {
  if (error instanceof InvalidInputError || error instanceof LimitReachedError) return error;
  throw error;
}

type EventOf<Kind extends ReaderEvent['kind']> = Extract<ReaderEvent, { kind: Kind }>;

const ActionBatch = builder.objectRef<EventOf<'batch'>>('ActionBatch').implement({
  description: 'Actions in the order of recording; at most 200.',
  fields: (t) => ({
    actions: t.expose('actions', { type: [Action], description: 'What was recorded; at least one action.' }),
    cursor: t.string({
      description: 'Where the subscription is after them: resume with `after`.',
      resolve: ({ cursor }) => recordedCursor(cursor),
    }),
  }),
});

const ActionGapReason = builder.enumType('ActionGapReason', {
  description: 'Why actions were not delivered.',
  values: {
    SLOW_CONSUMER: {
      description:
        'They were recorded faster than the subscriber took them. This server reads them again instead, so it tells of none.',
    },
    RETENTION: { description: 'They were older than actions are kept.' },
    CLEARED: { description: 'An administrator has cleared them.' },
  },
});

const ActionGap = builder.objectRef<EventOf<'gap'>>('ActionGap').implement({
  description: 'Actions that were not delivered.',
  fields: (t) => ({
    from: t.string({
      description: 'Where the subscription was before the gap.',
      resolve: ({ from }) => recordedCursor(from),
    }),
    to: t.string({ description: 'Where it goes on.', resolve: ({ to }) => recordedCursor(to) }),
    skipped: t.expose('skipped', {
      type: 'BigInt',
      nullable: true,
      description: 'How many; null when it is not known how many of them the filter would have let through.',
    }),
    fetchable: t.boolean({
      description: 'Whether `actions` still has them. Those in an archive are to be had from there.',
      resolve: ({ reason }) => reason !== 'CLEARED' && reason !== 'RETENTION',
    }),
    reason: t.expose('reason', { type: ActionGapReason, description: 'Why they were not delivered.' }),
  }),
});

const names: Record<ReaderEvent['kind'], string> = { batch: 'ActionBatch', gap: 'ActionGap' };

const ActionEvent = builder.unionType('ActionEvent', {
  description: 'What happens in the action log, in order.',
  types: [ActionBatch, ActionGap, InvalidInputError, LimitReachedError],
  resolveType: (event) => ('kind' in event ? names[event.kind] : errorTypeName(event)),
});

const ActionStatsEvent = builder.unionType('ActionStatsEvent', {
  description: 'Statistics of a window, as of now.',
  types: [ActionStats, InvalidInputError, LimitReachedError],
  resolveType: (event) => errorTypeName(event) ?? 'ActionStats',
});

builder.subscriptionFields((t) => ({
  actionRecorded: t.field({
    type: ActionEvent,
    description:
      'Every action, in the order of recording and each once: what was recorded after a cursor, then what is recorded from now on. A subscriber that is slower than the services is told the rest from the database, at its own pace. Whoever keeps the cursor of the last event resumes with `after` and misses nothing, also after a restart of the server; what is no longer there is told by an ActionGap.',
    args: {
      filter: t.arg({
        ...actionFilterArgument,
        description:
          'Only actions that fulfil this. A wrong filter is told by the first and only event, an InvalidInputError.',
      }),
      after: t.arg.string({
        description:
          'Begin after this place: the cursor of an event, or of `actions` in the order RECORDED. Without it: only what is new. Over server-sent events a `Last-Event-ID` header takes precedence.',
      }),
    },
    subscribe: async (
      _root,
      { filter, after },
      { engine, principal, lastEventId },
    ): Promise<AsyncIterable<ReaderEvent | Problem>> => {
      try {
        return await engine.actions.follow(principal, filter, lastEventId ?? after ?? null);
      } catch (error) {
        return once(problemIn(error));
      }
    },
    resolve: (event) => asData(event),
  }),
  actionStatsChanged: t.field({
    type: ActionStatsEvent,
    description:
      'Statistics of a sliding window up to now: at once, then when actions have come into it, and each minute for those that left it.',
    args: {
      filter: t.arg({
        ...actionFilterArgument,
        description: 'Only actions that fulfil this; its `to` ends the window.',
      }),
      windowMs: t.arg.int({
        required: true,
        defaultValue: 300_000,
        description:
          'Length of the window in milliseconds, 1000 to 86400000. From 5 minutes on it begins with a whole minute, so it is up to a minute longer.',
      }),
      everyMs: t.arg.int({
        required: true,
        defaultValue: 1000,
        description: 'Shortest time between two events in milliseconds, 250 to 3600000.',
      }),
    },
    subscribe: async (
      _root,
      { filter, ...time },
      { engine, principal },
    ): Promise<AsyncIterable<ActionStatsValue | Problem>> => {
      try {
        return engine.actions.followStats(principal, filter, time);
      } catch (error) {
        return once(problemIn(error));
      }
    },
    resolve: (event) => asData(event),
  }),
}));
