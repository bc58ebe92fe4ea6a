import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import type { JsonValue } from '../src/entry.ts';
import type { Context } from './context.ts';
import type PrismaTypes from './datamodel.ts';
import { getDatamodel } from './datamodel.ts';
import denialPlugin from './denial.ts';
import pagePlugin from './page.ts';

/** The house's choices for every type: nothing is null unless it says so, lists are connections with `nodes`. */
export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date | number };
    BigInt: { Input: bigint; Output: bigint | number };
    JSON: { Input: JsonValue; Output: JsonValue };
    Cursor: { Input: string; Output: string };
  };
}>({
  // In this order a request meets them: page arguments are checked before a connection acts on them, and denials seen
  // before they are answers.
  plugins: [pagePlugin, RelayPlugin, ErrorsPlugin, denialPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  page: { maxPageSize: (context) => context.engine.config.limits.maxPageSize },
  denial: {
    record: ({ engine, principal }, field, error) => engine.access.recordDenial(principal, field, error),
  },
  errors: { directResult: true, defaultTypes: [] },
  prisma: { client: (context) => context.engine.client, dmmf: getDatamodel(), maxConnectionSize: 1_000_000 },
  relay: {
    clientMutationId: 'omit',
    nodesOnConnection: { description: 'The same without cursors.' },
    edgesFieldOptions: { nullable: false, description: 'The entries of the page with a cursor each, in order.' },
    nodeFieldOptions: { nullable: false, description: 'What stands at the cursor.' },
    cursorFieldOptions: { description: 'Position in the list, for `after` and `before`.' },
    pageInfoFieldOptions: { description: 'Whether there is more, and from where to go on.' },
    pageInfoTypeOptions: { description: 'Whether there is more than this page, and from where to go on.' },
    hasNextPageFieldOptions: { description: 'Whether there is more after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there is more before this page.' },
    startCursorFieldOptions: {
      description:
        'Pass it as `before` to go back. Never null in connections of log entries, not even on an empty page.',
    },
    endCursorFieldOptions: {
      description: 'Pass it as `after` to go on. Never null in connections of log entries, not even on an empty page.',
    },
    firstArgOptions: { description: 'So many from the beginning, or after `after`; not together with `last`.' },
    afterArgOptions: { description: 'Only what comes after this cursor.' },
    lastArgOptions: { description: 'So many from the end, or before `before`; not together with `first`.' },
    beforeArgOptions: { description: 'Only what comes before this cursor.' },
    nodeTypeOptions: { description: 'Anything with a life of its own, to be fetched again by its id.' },
    idFieldOptions: { description: 'Opaque, and unique over all types.' },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
  },
});

builder.queryType({ description: 'What can be read. Without a token: `server` and `limits` only.' });
builder.mutationType({
  description:
    'What can be changed. Without a token: `register`, `login` and `refreshSession` only. Each field answers with its payload, or with an error that a user can fix: select `... on Error { message }`.',
});
builder.subscriptionType({
  description:
    'What can be followed, over WebSocket (subprotocol graphql-transport-ws) or server-sent events, both at this endpoint.',
});
