import { encodeCursor } from '../src/cursor.ts';
import type { Entry } from '../src/format/entry.ts';
import type { EntryPage } from '../src/logs.ts';
import { builder } from './builder.ts';
import { LogEntry } from './entry.ts';
import { Source } from './source.ts';

const LogScan = builder.objectRef<EntryPage>('LogScan').implement({
  description:
    'How far a page had to look. A page ends early, with what it found, when it has read as much as one page may.',
  fields: (t) => ({
    complete: t.boolean({
      description: 'False when the page ended early: go on from `endCursor`, or backwards from `startCursor`.',
      resolve: ({ scan }) => scan.complete,
    }),
    scannedBytes: t.field({
      type: 'BigInt',
      description: 'Bytes of the log that were read.',
      resolve: ({ scan }) => scan.scannedBytes,
    }),
    reachedTime: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Time of the entry at which the page ended; null when it has none.',
      resolve: ({ reached }) => reached?.parsed.timestamp,
    }),
  }),
});

const LogEntryEdge = builder.objectRef<Entry>('LogEntryEdge').implement({
  description: 'An entry and its place.',
  fields: (t) => ({
    cursor: t.field({ type: 'Cursor', description: 'The same as `node.cursor`.', resolve: (entry) => entry.cursor }),
    node: t.field({ type: LogEntry, description: 'The entry at the cursor.', resolve: (entry) => entry }),
  }),
});

/** Not made by the relay plugin: that gives the cursors of all connections one type, and these are Cursors. */
const LogEntryConnection = builder.objectRef<EntryPage>('LogEntryConnection').implement({
  description: 'A page of entries, always oldest first.',
  fields: (t) => ({
    edges: t.field({
      type: [LogEntryEdge],
      description: 'The entries with a cursor each.',
      resolve: ({ entries }) => entries,
    }),
    nodes: t.field({
      type: [LogEntry],
      description: 'The entries alone; each knows its cursor.',
      resolve: ({ entries }) => entries,
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'Whether there is more, and from where to go on.',
      resolve: ({ sourceId, start, end, hasPrevious, hasNext }) => ({
        hasPreviousPage: hasPrevious,
        hasNextPage: hasNext,
        startCursor: encodeCursor([[sourceId, start]]),
        endCursor: encodeCursor([[sourceId, end]]),
      }),
    }),
    scan: t.field({ type: LogScan, description: 'How far the page had to look.', resolve: (page) => page }),
  }),
});

builder.objectField(Source, 'entries', (t) =>
  t.field({
    type: LogEntryConnection,
    nullable: true,
    description:
      'Its entries, oldest first, over all its files. Without `first` and `last`: the newest 50; the last 100 are `last: 100`, and cost the same in a log of any size. At most `limits.maxPageSize` at once. `after` and `before` are exclusive and combine to a range. A line without its line end is left out while its file is written to.',
    args: {
      first: t.arg.int({ description: 'So many from the beginning, or after `after`.' }),
      after: t.arg({ type: 'Cursor', description: 'Only what stands after this position.' }),
      last: t.arg.int({ description: 'So many from the end, or before `before`.' }),
      before: t.arg({ type: 'Cursor', description: 'Only what stands before this position.' }),
    },
    resolve: (source, { first, after, last, before }, { engine, principal }) => {
      const take = typeof first === 'number' ? { first } : { last: last ?? 0 };
      return engine.logs.page(principal, source, { after, before, take });
    },
  }),
);
