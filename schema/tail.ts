import { encodeCursor } from '../src/cursor.ts';
import { InvalidInputError, LimitReachedError, NotFoundError } from '../src/errors.ts';
import type { LagPolicy } from '../src/lane-event.ts';
import type { TailEvent } from '../src/tail-event.ts';
import { builder } from './builder.ts';
import { LogEntry } from './entry.ts';
import { asData, errorTypeName, once, type UserError, userError } from './event.ts';
import { filterInput, LogFilter } from './filter.ts';
import { rowId } from './id.ts';
import { Source } from './source.ts';
import { SourceStateChanged } from './source-event.ts';

type EventOf<Kind extends TailEvent['kind']> = Extract<TailEvent, { kind: Kind }>;

const LogBatch = builder.objectRef<EventOf<'batch'>>('LogBatch').implement({
  description: 'Entries, in the order of each log; at most `delivery.maxBatch`.',
  fields: (t) => ({
    entries: t.expose('entries', { type: [LogEntry], description: 'What was written; at least one entry.' }),
    cursor: t.field({
      type: 'Cursor',
      description: 'Where the tail is after them, in all its logs: resume with `after`.',
      resolve: ({ entries, positions }) => {
        const [position, ...others] = positions.values();
        const last = entries.at(-1);
        // Over one log it is the last entry's, which is written once for all readers; unless a file was just left for another.
        const isLast = others.length === 0 && last?.record.position === position;
        return (isLast ? last?.cursor : undefined) ?? encodeCursor(positions);
      },
    }),
  }),
});

const LogCaughtUp = builder.objectRef<EventOf<'caught-up'>>('LogCaughtUp').implement({
  description: 'Everything written before the subscription started has been delivered. Comes once.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Where the tail is: resume with `after`.',
      resolve: ({ positions }) => encodeCursor(positions),
    }),
  }),
});

const LogProgress = builder.objectRef<EventOf<'progress'>>('LogProgress').implement({
  description:
    'Nothing to deliver for a while: resume from here instead of reading again. Comes every 5 seconds when nothing else does.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Where the tail is: resume with `after`.',
      resolve: ({ positions }) => encodeCursor(positions),
    }),
    scannedBytes: t.expose('scannedBytes', {
      type: 'BigInt',
      description: 'Bytes that were read since the last event without finding anything to deliver.',
    }),
  }),
});

const LogGapReason = builder.enumType('LogGapReason', {
  description: 'Why something was not delivered.',
  values: {
    SLOW_CONSUMER: { description: 'The log was written faster than the subscriber took it.' },
    TRUNCATED: {
      description:
        'The file was emptied before everything in it was read. What stands in it now counts as new, also where it was only cut.',
    },
    LOST_SEGMENT: { description: 'A rotated file was deleted before everything in it was read.' },
    CURSOR_EXPIRED: { description: 'What stood after the cursor is no longer there.' },
    CLEARED: { description: 'The log was emptied on purpose.' },
    RETENTION: { description: 'It was older than the log keeps its entries.' },
  },
});

const LogGap = builder.objectRef<EventOf<'gap'>>('LogGap').implement({
  description: 'Bytes that were not delivered.',
  fields: (t) => ({
    sources: t.field({
      type: [Source],
      description: 'The logs that they belong to.',
      resolve: ({ source }) => [source],
    }),
    from: t.field({
      type: 'Cursor',
      description: 'Where the tail was before the gap.',
      resolve: ({ from }) => encodeCursor(from),
    }),
    to: t.field({
      type: 'Cursor',
      description: 'Where it goes on.',
      resolve: ({ to }) => encodeCursor(to),
    }),
    skippedBytes: t.expose('skippedBytes', {
      type: 'BigInt',
      description: 'How many; 0 where it is not known because they are gone.',
    }),
    fetchable: t.boolean({
      description: 'Whether they are still in the log, between `from` and `to`.',
      resolve: ({ reason }) => reason === 'SLOW_CONSUMER',
    }),
    reason: t.expose('reason', { type: LogGapReason, description: 'Why they were not delivered.' }),
  }),
});

const LogRotated = builder.objectRef<EventOf<'rotated'>>('LogRotated').implement({
  description: 'The log goes on in a new file, or in the same one emptied.',
  fields: (t) => ({
    source: t.expose('source', { type: Source, description: 'The log that was rotated.' }),
    cursor: t.field({
      type: 'Cursor',
      description: 'Where the tail is: at the beginning of the new file.',
      resolve: ({ positions }) => encodeCursor(positions),
    }),
    possibleLoss: t.exposeBoolean('possibleLoss', {
      description: 'Whether something may have been written and gone before it could be read.',
    }),
  }),
});

const names: Record<Exclude<TailEvent['kind'], 'ended'>, string> = {
  batch: 'LogBatch',
  'caught-up': 'LogCaughtUp',
  progress: 'LogProgress',
  gap: 'LogGap',
  rotated: 'LogRotated',
  state: 'SourceStateChanged',
};

const LogTailEvent = builder.unionType('LogTailEvent', {
  description: 'What happens in a tail, in order.',
  types: [
    LogBatch,
    LogCaughtUp,
    LogProgress,
    LogGap,
    LogRotated,
    SourceStateChanged,
    InvalidInputError,
    NotFoundError,
    LimitReachedError,
  ],
  resolveType: (event) => ('kind' in event ? names[event.kind] : errorTypeName(event)),
});

const LagPolicyType = builder.enumType('LagPolicy', {
  description: 'What happens to a subscriber that takes entries more slowly than they are written.',
  values: {
    PAUSE: { description: 'It gets everything, at its own pace: what it missed is read from disk.' },
    SKIP_WITH_GAP: { description: 'It goes on with what is new, and a LogGap says what it missed.' },
    DISCONNECT: {
      description: 'The subscription ends with LimitReachedError; the socket and its other operations live on.',
    },
  } satisfies Record<LagPolicy, object>,
});

const LogDelivery = builder.inputType('LogDelivery', {
  description: 'How entries are put into events.',
  fields: (t) => ({
    maxBatch: t.int({ required: true, defaultValue: 200, description: 'Most entries in one event, 1 to 1000.' }),
    maxLatencyMs: t.int({
      required: true,
      defaultValue: 50,
      description:
        'How long entries may wait to be sent together, 0 to 5000 ms. The first after a pause is sent at once; 0 sends all at once, at the price of more events.',
    }),
    onLag: t.field({
      type: LagPolicyType,
      required: true,
      defaultValue: 'SKIP_WITH_GAP',
      description: 'What happens when the subscriber is too slow.',
    }),
  }),
});

const defaultDelivery = { maxBatch: 200, maxLatencyMs: 50, onLag: 'SKIP_WITH_GAP' } as const;

builder.subscriptionField('logTail', (t) =>
  t.field({
    type: LogTailEvent,
    description:
      'History after a position, or the newest entries, then everything new: in order, and each entry once. Over several logs, the order of each is kept; between them it is by time in history and by arrival when live. Whoever keeps the cursor of the last event resumes with `after` and misses nothing, also after a restart of the server.',
    args: {
      sources: t.arg.idList({ required: true, description: 'Ids of the logs, at least one.' }),
      filter: t.arg({
        type: LogFilter,
        description:
          'Only entries that fulfil this. Its `from` and `to`, where all of it must hold, are for history alone: with `from`, and neither `after` nor `last`, the tail begins there; what is written from now on comes whatever its time. A wrong filter is told by the first and only event, an InvalidInputError.',
      }),
      after: t.arg({
        type: 'Cursor',
        description:
          'Begin after this position; the cursor of an entry or of an event, of all these logs. Takes precedence over `last`. Over server-sent events a `Last-Event-ID` header takes precedence over both.',
      }),
      last: t.arg.int({
        description:
          'Begin with so many of the newest entries, over all logs; with a filter, of those that fulfil it, however far back they are. At most `limits.maxPageSize`. Without `after` and `last`: only what is new.',
      }),
      delivery: t.arg({ type: LogDelivery, description: 'How entries are put into events.' }),
    },
    subscribe: async (
      _root,
      { sources, filter, after, last, delivery },
      { engine, principal, lastEventId },
    ): Promise<AsyncIterable<TailEvent | UserError>> => {
      const sourceIds = sources.map((id) => rowId('Source', id));
      try {
        return await engine.logs.follow(principal, {
          sourceIds,
          after: lastEventId ?? after,
          last,
          filter: filter && filterInput(filter),
          delivery: delivery ?? defaultDelivery,
        });
      } catch (error) {
        return once(userError(error));
      }
    },
    resolve: (event) => asData('kind' in event && event.kind === 'ended' ? endOf(event) : event),
  }),
);

/** Why a tail has ended. */
function endOf({ reason }: EventOf<'ended'>): UserError {
  if (reason === 'forbidden') {
    return new NotFoundError('One of the sources is gone, or no longer yours to see; ask again for the others.');
  }
  const advice = 'resume with the last cursor, or use another onLag';
  return new LimitReachedError(`The log is written faster than you take it; ${advice}.`);
}
