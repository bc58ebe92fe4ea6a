import { brandWithType } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { requireSignedIn } from '../src/access/principal.ts';
import { LimitReachedError } from '../src/errors.ts';
import { Action } from './action.ts';
import { ActionArchive } from './action-archive.ts';
import { Analysis } from './analysis.ts';
import { ApiToken } from './api-token.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { decode } from './id.ts';
import { Invitation } from './invitation.ts';
import { Session } from './session.ts';
import { Source } from './source.ts';
import { User } from './user.ts';

/** Most ids that `nodes` takes: each is a statement to the database. */
const mostNodes = 100;

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'Anything with an id. Null when there is no such thing, or it is not yours to see.',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    resolve: (_root, { id }, context, info) => load(id, context, info),
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: `Several of them, in the order of the ids, null where there is none. At most ${mostNodes}.`,
    args: { ids: t.arg.idList({ required: true, description: 'Their global ids.' }) },
    resolve: (_root, { ids }, context, info) => {
      if (ids.length > mostNodes) {
        throw new LimitReachedError(`Ask for at most ${mostNodes} nodes at once.`, { limit: mostNodes });
      }
      return Promise.all(ids.map((id) => load(id, context, info)));
    },
  }),
}));

async function load(globalId: string, context: Context, info: GraphQLResolveInfo): Promise<object | null> {
  const { engine, principal } = context;
  requireSignedIn(principal);
  const key = decode(globalId);
  const query = () => queryFromInfo({ context, info, typeName: key?.typename });
  switch (key?.typename) {
    case 'Source':
      return branded(await engine.sources.find(principal, { id: key.id }, query()), Source);
    case 'User':
      return branded(await engine.access.people.find(principal, key.id, query()), User);
    case 'Action':
      return branded(await engine.actions.find(principal, key.id), Action);
    case 'ActionArchive':
      return branded(await engine.actions.upkeep.find(principal, key.id), ActionArchive);
    case 'Analysis':
      return branded(await engine.analyses.find(principal, key.id, query()), Analysis);
    case 'Session':
      return branded(await engine.access.sessions.find(principal, key.id), Session);
    case 'Invitation':
      return branded(await engine.access.invitations.find(principal, key.id, query()), Invitation);
    case 'ApiToken':
      return branded(await engine.access.tokens.find(principal, key.id), ApiToken);
    default:
      return null;
  }
}

type Loaded =
  | typeof Source
  | typeof User
  | typeof Session
  | typeof Invitation
  | typeof ApiToken
  | typeof Action
  | typeof Analysis
  | typeof ActionArchive;

/** Tells the Node interface which type a row is. */
function branded<Row extends object>(row: Row | null, type: Loaded): Row | null {
  if (row !== null) brandWithType(row, type);
  return row;
}
