import type { Action as ActionValue } from '../src/action/action.ts';
import type { JsonValue } from '../src/entry.ts';
import { builder } from './builder.ts';
import { globalId } from './id.ts';

export const ActionStatus = builder.enumType('ActionStatus', {
  description: 'How an action ended.',
  values: {
    SUCCESS: { description: 'As it should.' },
    FAILED: { description: 'It did not do what it should; `Action.error` may say why.' },
  },
});

export const Action = builder.objectRef<ActionValue>('Action');

// Not by `builder.node`, whose id is a promise: then no event of `actionRecorded` could be written at once.
Action.implement({
  description:
    'One operation that some service carried out. The action log belongs to the installation: everyone signed in may read it, a token of scope ACTIONS_WRITE writes it, administrators clear and archive it.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: 'Opaque, and unique over all types.', resolve: ({ id }) => globalId('Action', `${id}`) }),
    timestamp: t.expose('timestamp', { type: 'DateTime', description: 'When it happened, as the service says.' }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When the server recorded it; actions that were recorded later never have an earlier one.',
    }),
    service: t.string({ description: 'Which service did it.', resolve: ({ series }) => series.service }),
    action: t.string({ description: 'What it did.', resolve: ({ series }) => series.action }),
    status: t.field({ type: ActionStatus, description: 'How it ended.', resolve: ({ series }) => series.status }),
    durationMs: t.float({
      description: 'How long it took, in milliseconds, to the microsecond.',
      resolve: ({ durationUs }) => durationUs / 1000,
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'What went wrong, in words; of a long text its beginning. Null when nothing was said.',
    }),
    metadata: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Whatever else the service says of it; values of keys such as `password` or `token` are not kept.',
      resolve: ({ metadata }): JsonValue => (metadata === null ? null : JSON.parse(metadata)),
    }),
  }),
});

export const ActionFilter = builder.inputType('ActionFilter', {
  description:
    'Which actions: those that fulfil every condition given. What is absent or null is no condition; an empty list matches nothing.',
  fields: (t) => ({
    services: t.stringList({ description: 'Of one of these services, by the whole name.' }),
    actions: t.stringList({ description: 'One of these actions, by the whole name.' }),
    status: t.field({ type: ActionStatus, description: 'Ended like this.' }),
    from: t.field({ type: 'DateTime', description: 'Happened at this time or later.' }),
    to: t.field({ type: 'DateTime', description: 'Happened before this time.' }),
    minDurationMs: t.int({ description: 'Took at least so many milliseconds.' }),
    maxDurationMs: t.int({ description: 'Took at most so many milliseconds.' }),
    contains: t.string({ description: 'Has this in service, action or error, in any case of letters.' }),
  }),
});

export const actionFilterArgument = {
  type: ActionFilter,
  description: 'Only actions that fulfil this.',
} as const;
