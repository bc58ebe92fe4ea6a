import type { NewlyInvited } from '../src/access/invitation.ts';
import { ForbiddenError, InvalidInputError, LimitReachedError, NotFoundError } from '../src/errors.ts';
import { builder } from './builder.ts';
import { globalId, rowId } from './id.ts';
import { Role, User } from './user.ts';

export const Invitation = builder.prismaNode('Invitation', {
  description: 'Lets one person register. Seen by administrators, while it can be used.',
  id: { field: 'id' },
  fields: (t) => ({
    role: t.expose('role', { type: Role, description: 'What they will be allowed to do.' }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'For whom it is meant; null when that was not said.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be used.' }),
    invitedBy: t.relation('invitedBy', {
      type: User,
      nullable: true,
      description: 'Who made it; null when they are gone.',
    }),
  }),
});

builder.queryField('invitations', (t) =>
  t.prismaField({
    type: [Invitation],
    description: 'The invitations that can still be used, oldest first; at most 1000. For administrators.',
    resolve: (query, _root, _args, { engine, principal }) => engine.access.invitations.list(principal, query),
  }),
);

const InviteUserInput = builder.inputType('InviteUserInput', {
  description: 'Who is invited.',
  fields: (t) => ({
    role: t.field({
      type: Role,
      required: true,
      defaultValue: 'MEMBER',
      description: 'What they will be allowed to do.',
    }),
    email: t.string({ description: 'For whom it is meant. It is sent to nobody; whoever has the code may register.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when, at most in 90 days. Left out: in a week.' }),
  }),
});

const InviteUserPayload = builder.objectRef<NewlyInvited>('InviteUserPayload').implement({
  description: 'An invitation, and the code to give to whom it is for.',
  fields: (t) => ({
    invitation: t.expose('invitation', { type: Invitation, description: 'The new invitation.' }),
    code: t.exposeString('code', { description: 'For `register`. Shown this once: only its hash is kept.' }),
  }),
});

const RevokeInvitationPayload = builder.objectRef<{ id: string }>('RevokeInvitationPayload').implement({
  description: 'Which invitation was revoked.',
  fields: (t) => ({
    revokedId: t.id({ description: 'Global id that it had.', resolve: ({ id }) => globalId('Invitation', id) }),
  }),
});

builder.mutationFields((t) => ({
  inviteUser: t.field({
    type: InviteUserPayload,
    errors: {
      types: [InvalidInputError, ForbiddenError, LimitReachedError],
      union: { name: 'InviteUserResult', description: 'An invitation, or why there is none.' },
    },
    description: 'Invites somebody. For administrators; not where registration is closed.',
    args: { input: t.arg({ type: InviteUserInput, required: true, description: 'As what, and until when.' }) },
    resolve: (_root, { input: { role, email, expiresAt } }, { engine, principal }) =>
      engine.access.invitations.create(principal, { role, email: email ?? null, expiresAt: expiresAt ?? null }),
  }),
  revokeInvitation: t.field({
    type: RevokeInvitationPayload,
    errors: {
      types: [NotFoundError],
      union: { name: 'RevokeInvitationResult', description: 'What was revoked, or why nothing was.' },
    },
    description: 'Takes back an invitation that nobody has used. For administrators.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the invitation.' }) },
    resolve: async (_root, { id: invitationId }, { engine, principal }) => {
      const id = rowId('Invitation', invitationId);
      await engine.access.invitations.revoke(principal, id);
      return { id };
    },
  }),
}));
