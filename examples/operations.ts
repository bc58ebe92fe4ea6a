// What the examples ask for. `npm run generate` types these documents after schema/schema.graphql.
import { graphql } from './gql/gql.ts';
import type { EntryFragment } from './gql/graphql.ts';

export const SourcesDocument = graphql(`
  query Sources {
    sources(last: 100) {
      nodes {
        id
        name
        format
        state
      }
    }
  }
`);

// An entry has no id on purpose: its cursor is its identity, and caches leave it alone. Its type follows the format of
// its log, so `entry.__typename` tells TypeScript which of these fields there are.
graphql(`
  fragment Entry on LogEntry {
    __typename
    cursor
    timestamp
    level
    message
    ...TextLog
    ...AccessLog
    ...ErrorLog
    ...SlowQueryLog
    ...SyslogLog
    ...SystemLog
    ...AuditLog
  }
  fragment TextLog on TextLogEntry {
    raw
  }
  fragment AccessLog on AccessLogEntry {
    remoteAddress
    method
    path
    status
    durationMs
  }
  fragment ErrorLog on ErrorLogEntry {
    subsystem
    client
    request
  }
  fragment SlowQueryLog on SlowQueryLogEntry {
    database
    queryTimeMs
    rowsExamined
    sql
  }
  fragment SyslogLog on SyslogLogEntry {
    host
    process
    pid
  }
  fragment SystemLog on SystemLogEntry {
    logger
    module
    function
    line
  }
  fragment AuditLog on AuditLogEntry {
    action
    metadata
  }
`);
export type Entry = EntryFragment;

// One search for history and for what is new: `query` takes what people type, such as `timeout status>=500`. A page of a
// search looks through so much of a log and no more; to look further back, pass `before: startCursor` of `pageInfo`.
export const RecentEntriesDocument = graphql(`
  query RecentEntries($source: ID!, $search: String, $last: Int!) {
    source(by: { id: $source }) {
      entries(last: $last, filter: { query: $search }) {
        nodes {
          ...Entry
        }
        pageInfo {
          endCursor
        }
      }
    }
  }
`);

// Every event that moves the tail along has its cursor under the name `cursor`: socket.ts resumes there. PAUSE: who
// reads too slowly gets everything later, rather than a gap.
export const TailDocument = graphql(`
  subscription Tail($source: ID!, $search: String, $after: Cursor) {
    logTail(sources: [$source], filter: { query: $search }, after: $after, delivery: { onLag: PAUSE }) {
      __typename
      ... on LogBatch {
        cursor
        entries {
          ...Entry
        }
      }
      ... on LogCaughtUp {
        cursor
      }
      ... on LogProgress {
        cursor
      }
      ... on LogRotated {
        cursor
      }
      ... on LogGap {
        cursor: to
        reason
      }
      ... on Error {
        message
      }
    }
  }
`);
