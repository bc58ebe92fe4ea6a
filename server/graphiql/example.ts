/** One tab of GraphiQL. */
export interface Example {
  query: string;
  /** JSON. */
  variables?: string;
}

/**
 * The tabs of a first visit; each can be run as it is.
 * @param systemLog id of the server's own log; null when nobody is signed in, who could see it
 */
export function examples(systemLog: string | null): Example[] {
  const source = systemLog ?? 'id of a source: run the first tab';
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
      variables: `${JSON.stringify({ sources: [source] }, null, 2)}\n`,
    },
  ];
}
