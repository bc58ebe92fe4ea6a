/** One tab of GraphiQL. */
export interface Example {
  query: string;
  /** JSON. */
  variables?: string;
}

/** Ids of the server's own logs, which every server has; null when nobody is signed in, who could see them. */
export interface OwnLogs {
  system: string | null;
  audit: string | null;
}

const unknownId = 'id of a source: run the first tab';

/** The tabs of a first visit; each can be run as it is. */
export function examples({ system, audit }: OwnLogs): Example[] {
  const ofSystem = variables({ sources: [system ?? unknownId] });
  const ofBoth = variables({ sources: [system ?? unknownId, audit ?? unknownId] });
  return [
    {
      query: `# The server, and the logs it offers.
# Ctrl-Enter runs it.
query Sources {
  server { version }
  sources {
    nodes { id name format state size modifiedAt }
  }
}
`,
    },
    {
      query: `# The newest entries of the server's own log.
# For older ones, add before: "the startCursor".
query SystemLog {
  source(by: { name: "tailql/system" }) {
    entries(last: 20) {
      nodes { timestamp level message }
      pageInfo { startCursor }
    }
  }
}
`,
    },
    {
      query: `# What a search finds, and how far it had to look.
# More: status>=500  path:/api  (a OR b) -c  /regex/
query Search {
  source(by: { name: "tailql/audit" }) {
    entries(last: 20, filter: { query: "server level>=info -stopped" }) {
      nodes {
        timestamp
        message
        ... on AuditLogEntry { action metadata }
      }
      pageInfo { hasPreviousPage startCursor }
      scan { complete scannedBytes }
    }
  }
}
`,
    },
    {
      query: `# What is common, and how much happened when.
query Histogram {
  source(by: { name: "tailql/audit" }) {
    valueCounts(path: "action") {
      values { value count }
    }
    histogram(buckets: 24) {
      bucketMs
      buckets { from total levels { level count } }
    }
  }
}
`,
    },
    {
      query: `# Several logs as one, merged by time.
query Logs($sources: [ID!]!) {
  logs(sources: $sources, last: 20, filter: { minLevel: INFO }) {
    edges {
      cursor
      node { timestamp level message source { name } }
    }
    pageInfo { hasPreviousPage startCursor }
  }
}
`,
      variables: ofBoth,
    },
    {
      query: `# What services did, and how it went. They report it
# by recordActions, or as JSON lines: POST /actions.
query Actions {
  actions(last: 20) {
    nodes { timestamp service action status durationMs error }
  }
  actionStats {
    total
    failureRate
    duration { p50Ms p99Ms }
    byService(first: 10) { service total failed }
  }
}
`,
    },
    {
      query: `# Live: the last 10 entries, then each new one.
# The variables below say of which sources.
# To go on later and miss none, replace "last: 10"
# by after: "the cursor of the newest batch".
subscription Tail($sources: [ID!]!) {
  logTail(sources: $sources, last: 10) {
    __typename
    ... on LogBatch {
      cursor
      entries { timestamp level message }
    }
    ... on Error { message }
  }
}
`,
      variables: ofSystem,
    },
  ];
}

const variables = (values: object): string => `${JSON.stringify(values, null, 2)}\n`;
