import type { UserRow } from '../src/access/person.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../src/errors.ts';
import { builder } from './builder.ts';
import { rowId } from './id.ts';

export const Role = builder.enumType('Role', {
  description: 'What a person may do.',
  values: {
    ADMIN: { description: 'Everything, the sources of the configuration included.' },
    MEMBER: { description: 'What is their own, and what is shared with them.' },
  },
});

export const User = builder.prismaNode('User', {
  description: 'A person who signs in.',
  id: { field: 'id' },
  fields: (t) => ({
    username: t.exposeString('username', { description: 'Name to sign in with; no two people have the same.' }),
    email: t.string({
      nullable: true,
      description: 'Null when none was given, or to others who are no administrators.',
      // Whoever is signing in just now gets themselves, and nobody else.
      resolve: ({ id, email }, _args, { principal }) =>
        principal.kind === 'anonymous' || principal.userId === id || principal.scopes.has('ADMIN') ? email : null,
    }),
    role: t.expose('role', { type: Role, description: 'What they may do.' }),
    disabled: t.exposeBoolean('disabled', { description: 'Whether they are kept from signing in.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they came in.' }),
  }),
});

builder.queryFields((t) => ({
  me: t.prismaField({
    type: User,
    nullable: true,
    description: 'The person signed in, or for whom the API token acts.',
    resolve: (query, _root, _args, { engine, principal }) => engine.access.people.me(principal, query),
  }),
  users: t.prismaConnection(
    {
      type: User,
      cursor: 'id',
      nullable: true,
      description:
        'Everybody, in the order in which they came. For administrators. Without `first` and `last`: the newest 50. At most `limits.maxPageSize` at once.',
      args: {
        nameContains: t.arg.string({
          description: 'Only those with this in their name, in any case of letters; `_` stands for any character.',
        }),
      },
      totalCount: (_root, { nameContains }, { engine, principal }) =>
        engine.access.people.count(principal, nameContains ?? null),
      resolve: (query, _root, { nameContains }, { engine, principal }) =>
        engine.access.people.list(principal, nameContains ?? null, query),
    },
    { name: 'UserConnection', description: 'A page of users. `totalCount` is the number over all pages.' },
    { name: 'UserEdge', description: 'A user and their place in the list.' },
  ),
}));

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'What is to be changed of a user; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Their global id.' }),
    role: t.field({ type: Role, description: 'What they may do from now on.' }),
    disabled: t.boolean({ description: 'Whether they are kept from signing in.' }),
  }),
});

const UpdateUserPayload = builder.objectRef<{ user: UserRow }>('UpdateUserPayload').implement({
  description: 'The user after the change.',
  fields: (t) => ({ user: t.expose('user', { type: User, description: 'The user as they are now.' }) }),
});

builder.mutationField('updateUser', (t) =>
  t.field({
    type: UpdateUserPayload,
    errors: {
      types: [NotFoundError, ConflictError, ForbiddenError],
      union: { name: 'UpdateUserResult', description: 'The user, or why they were not changed.' },
    },
    description:
      'Gives a user another role, or disables or enables them. For administrators. Whatever the user has open ends at once; the sessions of one who is disabled end for good. The last administrator stays one, and the role of who comes by another identity provider is decided there.',
    args: { input: t.arg({ type: UpdateUserInput, required: true, description: 'Who, and what to change.' }) },
    resolve: async (_root, { input: { id, role, disabled } }, { engine, principal }) => ({
      user: await engine.access.people.update(principal, rowId('User', id), {
        ...(role && { role }),
        ...(typeof disabled === 'boolean' && { disabled }),
      }),
    }),
  }),
);
