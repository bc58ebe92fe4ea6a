import { builder } from './builder.ts';

const Role = builder.enumType('Role', {
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
    email: t.exposeString('email', { nullable: true, description: 'Null when none was given.' }),
    role: t.expose('role', { type: Role, description: 'What they may do.' }),
    disabled: t.exposeBoolean('disabled', { description: 'Whether they are kept from signing in.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they came in.' }),
  }),
});

builder.queryField('me', (t) =>
  t.prismaField({
    type: User,
    nullable: true,
    description: 'The person signed in, or for whom the API token acts.',
    resolve: (query, _root, _args, { engine, principal }) => engine.access.me(principal, query),
  }),
);
