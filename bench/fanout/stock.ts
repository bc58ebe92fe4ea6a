// What one would write without Tailql: graphql-yoga and graphql-ws as their manuals put them together, with Yoga's pubsub.
// https://the-guild.dev/graphql/yoga-server/docs/features/subscriptions#graphql-over-websocket-protocol-via-graphql-ws
import { createServer } from 'node:http';
import { type ExecutionArgs, execute, subscribe } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { type Entries, publishAsTold } from './publisher.ts';

type Event = { __typename: 'LogBatch'; entries: Entries };
const pubSub = createPubSub<{ logs: [Event] }>();

const schema = createSchema({
  typeDefs: `
    scalar Cursor
    scalar DateTime
    enum LogLevel { TRACE DEBUG INFO WARN ERROR FATAL UNKNOWN }
    interface LogEntry { cursor: Cursor! timestamp: DateTime level: LogLevel! }
    type AccessLogEntry implements LogEntry {
      cursor: Cursor! timestamp: DateTime level: LogLevel! method: String path: String status: Int protocol: String
    }
    type LogBatch { entries: [LogEntry!]! }
    type LogCaughtUp { cursor: Cursor! }
    union LogTailEvent = LogBatch | LogCaughtUp
    type Query { ok: Boolean }
    type Subscription { logTail(sources: [ID!]!): LogTailEvent! }`,
  resolvers: {
    LogEntry: { __resolveType: () => 'AccessLogEntry' },
    Subscription: {
      logTail: { subscribe: () => pubSub.subscribe('logs'), resolve: (event: Event) => event },
    },
  },
});

const yoga = createYoga({ schema, logging: false });
const server = createServer(yoga);
const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint, perMessageDeflate: false });

/** The operations of graphql-ws, run by Yoga. */
interface Root {
  execute: typeof execute;
  subscribe: typeof subscribe;
}
const rootOf = ({ rootValue }: ExecutionArgs): Root => {
  const root: unknown = rootValue;
  return typeof root === 'object' && root !== null && 'execute' in root && 'subscribe' in root
    ? Object.assign({ execute, subscribe }, root)
    : { execute, subscribe };
};

useServer(
  {
    execute: (args) => rootOf(args).execute(args),
    subscribe: (args) => rootOf(args).subscribe(args),
    onSubscribe: async ({ extra }, _id, params) => {
      const enveloped = yoga.getEnveloped({ req: extra.request, socket: extra.socket, params });
      const document = enveloped.parse(params.query);
      const errors = enveloped.validate(enveloped.schema, document);
      if (errors.length > 0) return errors;
      return {
        schema: enveloped.schema,
        operationName: params.operationName,
        document,
        variableValues: params.variables,
        contextValue: await enveloped.contextFactory(),
        rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
      };
    },
  },
  sockets,
);

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
  publishAsTold(address.port, (entries) => pubSub.publish('logs', { __typename: 'LogBatch', entries }));
});
process.on('SIGTERM', () => process.exit(0));
