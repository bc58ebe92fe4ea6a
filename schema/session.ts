import type { OwnSession } from '../src/access/session.ts';
import { NotFoundError } from '../src/errors.ts';
import { builder } from './builder.ts';
import { globalId, rowId } from './id.ts';

export const Session = builder.node(builder.objectRef<OwnSession>('Session'), {
  description: 'One sign-in, on one device. Only the person whose it is sees it.',
  id: { resolve: ({ id }) => id },
  fields: (t) => ({
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to the minute; null: not since it began.',
    }),
    current: t.exposeBoolean('current', { description: 'Whether it is the one that asks, or has just begun.' }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'What the client called itself when it signed in; null when it did not.',
    }),
    remoteAddress: t.exposeString('remoteAddress', {
      nullable: true,
      description: 'Network address from which it was begun; that of a proxy, if there is one.',
    }),
  }),
});

builder.queryField('sessions', (t) =>
  t.field({
    type: [Session],
    description:
      'Your sign-ins that are not over, oldest first; at most 100. An API token needs the scope ADMIN to ask for them.',
    resolve: (_root, _args, { engine, principal }) => engine.access.sessions.list(principal),
  }),
);

const RevokeSessionPayload = builder.objectRef<OwnSession>('RevokeSessionPayload').implement({
  description: 'Which session was ended.',
  fields: (t) => ({
    revokedId: t.id({ description: 'Global id that it had.', resolve: ({ id }) => globalId('Session', id) }),
    session: t.field({ type: Session, description: 'The session as it was.', resolve: (session) => session }),
  }),
});

const LogoutPayload = builder.objectRef<{ loggedOut: boolean }>('LogoutPayload').implement({
  description: 'That the session is over.',
  fields: (t) => ({ loggedOut: t.exposeBoolean('loggedOut', { description: 'Always true: else there is an error.' }) }),
});

builder.mutationFields((t) => ({
  revokeSession: t.field({
    type: RevokeSessionPayload,
    errors: {
      types: [NotFoundError],
      union: { name: 'RevokeSessionResult', description: 'What was ended, or why nothing was.' },
    },
    description:
      'Ends one of your sessions: its tokens are worth nothing from then on, and its sockets and subscriptions end at once.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the session.' }) },
    resolve: (_root, { id }, { engine, principal }) => engine.access.sessions.revoke(principal, rowId('Session', id)),
  }),
  logout: t.field({
    type: LogoutPayload,
    errors: {
      types: [],
      union: { name: 'LogoutResult', description: 'That the session is over.' },
    },
    description: 'Ends the session that asks, as with `revokeSession`, and takes the cookies from a browser.',
    resolve: async (_root, _args, { engine, principal, browser }) => {
      await engine.access.sessions.logout(principal);
      browser?.forget();
      return { loggedOut: true };
    },
  }),
}));
