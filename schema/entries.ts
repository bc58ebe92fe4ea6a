import { encodeCursor } from '../src/cursor.ts';
import type { Entry } from '../src/format/entry.ts';
import type { EntryPage } from '../src/logs.ts';
import type { MergedPage } from '../src/merged.ts';
import { builder } from './builder.ts';
import { LogEntry } from './entry.ts';
import { filterInput, LogFilter } from './filter.ts';
import { rowId } from './id.ts';
import { takeOf } from './page.ts';
import { Source } from './source.ts';

/** An entry, and the place just after it: in its log, or in all logs of the page. */
interface PlacedEntry {
  entry: Entry;
  cursor: () => string;
}

/** A page of one log or of several. */
interface EntryConnection {
  entries: PlacedEntry[];
  hasPrevious: boolean;
  hasNext: boolean;
  startCursor: () => string;
  endCursor: () => string;
  scan: { complete: boolean; scannedBytes: number };
  reachedTime: number | null;
}

const ofOne = ({ sourceId, entries, start, end, ...page }: EntryPage): EntryConnection => ({
  ...page,
  entries: entries.map((entry) => ({ entry, cursor: () => entry.cursor })),
  startCursor: () => encodeCursor([[sourceId, start]]),
  endCursor: () => encodeCursor([[sourceId, end]]),
});

const ofSeveral = ({ entries, start, end, ...page }: MergedPage): EntryConnection => ({
  ...page,
  entries: entries.map(({ entry, positions }) => ({ entry, cursor: () => encodeCursor(positions) })),
  startCursor: () => encodeCursor(start),
  endCursor: () => encodeCursor(end),
});

const LogScan = builder.objectRef<EntryConnection>('LogScan').implement({
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
    reachedTime: t.expose('reachedTime', {
      type: 'DateTime',
      nullable: true,
      description: 'Time of the entry at which the page ended; null when it has none.',
    }),
  }),
});

const LogEntryEdge = builder.objectRef<PlacedEntry>('LogEntryEdge').implement({
  description: 'An entry and its place.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Of one log the same as `node.cursor`; of several the place in all of them.',
      resolve: ({ cursor }) => cursor(),
    }),
    node: t.expose('entry', { type: LogEntry, description: 'The entry at the cursor.' }),
  }),
});

/** Not made by the relay plugin: that gives the cursors of all connections one type, and these are Cursors. */
const LogEntryConnection = builder.objectRef<EntryConnection>('LogEntryConnection').implement({
  description: 'A page of entries, always oldest first.',
  fields: (t) => ({
    edges: t.expose('entries', { type: [LogEntryEdge], description: 'The entries with a cursor each.' }),
    nodes: t.field({
      type: [LogEntry],
      description: 'The entries alone; each knows its cursor.',
      resolve: ({ entries }) => entries.map(({ entry }) => entry),
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'Whether there is more, and from where to go on.',
      resolve: ({ startCursor, endCursor, hasPrevious, hasNext }) => ({
        hasPreviousPage: hasPrevious,
        hasNextPage: hasNext,
        startCursor: startCursor(),
        endCursor: endCursor(),
      }),
    }),
    scan: t.field({ type: LogScan, description: 'How far the page had to look.', resolve: (page) => page }),
  }),
});

interface PageArguments {
  first?: number | null | undefined;
  last?: number | null | undefined;
  after?: string | null | undefined;
  before?: string | null | undefined;
}

/** Arguments of a page, of which schema/page.ts sees to it that one of `first` and `last` is there. */
const pageOf = ({ first, last, after, before }: PageArguments) => ({
  after,
  before,
  take: takeOf({ first, last }),
});

builder.objectField(Source, 'entries', (t) =>
  t.field({
    type: LogEntryConnection,
    nullable: true,
    description:
      'Its entries, oldest first, over all its files. Without `first` and `last`: the newest 50; the last 100 are `last: 100`, and cost the same in a log of any size. At most `limits.maxPageSize` at once. `after` and `before` are exclusive and combine to a range. Who asks now and then for what is new goes on from `pageInfo.endCursor`: just after a rotation that also says how far the old file was read, so that what is still written to it comes, before the rest; the cursor of an entry does not. A line without its line end is left out while its file is written to. With a filter a page ends early, with what it found, when it has looked through as much as one page may (`scan`), and `hasNextPage` says that there is more to look through, not that there is more to find.',
    args: {
      filter: t.arg({ type: LogFilter, description: 'Only entries that fulfil this.' }),
      first: t.arg.int({ description: 'So many from the beginning, or after `after`.' }),
      after: t.arg({ type: 'Cursor', description: 'Only what stands after this position.' }),
      last: t.arg.int({ description: 'So many from the end, or before `before`.' }),
      before: t.arg({ type: 'Cursor', description: 'Only what stands before this position.' }),
    },
    resolve: async (source, { filter, ...page }, { engine, principal, signal }) => {
      const request = { ...pageOf(page), filter: filter && filterInput(filter), signal };
      return ofOne(await engine.logs.page(principal, source, request));
    },
  }),
);

builder.queryField('logs', (t) =>
  t.field({
    type: LogEntryConnection,
    nullable: true,
    description:
      'Entries of several logs, merged by time; within one log the order is that of writing, and an entry without a time comes with the one before it. Sizes and cursors work as those of `Source.entries`; a cursor of this list says where all of the logs are, so two of them always enclose the same entries.',
    args: {
      sources: t.arg.idList({ required: true, description: 'Ids of the logs, at least one.' }),
      filter: t.arg({ type: LogFilter, description: 'Only entries that fulfil this.' }),
      first: t.arg.int({ description: 'So many from the beginning, or after `after`.' }),
      after: t.arg({ type: 'Cursor', description: 'Only what stands after this position.' }),
      last: t.arg.int({ description: 'So many from the end, or before `before`.' }),
      before: t.arg({ type: 'Cursor', description: 'Only what stands before this position.' }),
    },
    resolve: async (_root, { sources, filter, ...page }, { engine, principal, signal }) => {
      const ids = sources.map((id) => rowId('Source', id));
      const request = { ...pageOf(page), filter: filter && filterInput(filter), signal };
      return ofSeveral(await engine.logs.mergedPage(principal, ids, request));
    },
  }),
);
