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
    ...AccessLog
    ...SyslogLog
    ...SystemLog
    ...AuditLog
    ...TextLog
  }
  fragment AccessLog on AccessLogEntry {
    remoteAddress
    method
    path
    status
    durationMs
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
  fragment TextLog on TextLogEntry {
    raw
  }
`);
export type Entry = EntryFragment;

export const RecentEntriesDocument = graphql(`
  query RecentEntries($source: ID!, $last: Int!) {
    source(by: { id: $source }) {
      entries(last: $last) {
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
  subscription Tail($source: ID!, $after: Cursor) {
    logTail(sources: [$source], after: $after, delivery: { onLag: PAUSE }) {
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
