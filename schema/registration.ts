import { ConflictError, ForbiddenError, InvalidInputError, LimitReachedError } from '../src/errors.ts';
import { builder } from './builder.ts';
import { kept, signedInPayload } from './credentials.ts';

const RegisterInput = builder.inputType('RegisterInput', {
  description: 'Who wants to become a user.',
  fields: (t) => ({
    username: t.string({
      required: true,
      description:
        'Name to sign in with: 1 to 64 letters a-z, digits and . _ @ + -. Kept in lower case, and nobody else may have it.',
    }),
    password: t.string({ required: true, description: 'Their password: 8 to 1000 characters, any of them.' }),
    email: t.string({ description: 'Address, for people to see. Left out: that of the invitation, if it has one.' }),
    invitation: t.string({ description: 'Code of an invitation; needed where registration is by invitation.' }),
  }),
});

builder.mutationField('register', (t) =>
  t.field({
    type: signedInPayload('RegisterPayload', 'That somebody became a user, and is signed in.'),
    errors: {
      types: [InvalidInputError, ConflictError, ForbiddenError, LimitReachedError],
      union: { name: 'RegisterResult', description: 'Credentials of the new user, or why there is none.' },
    },
    description:
      'Makes a user and signs in. No token needed; who may is said by `server.registration`. They become a member, or what their invitation says. An invitation serves once. Counts as a try to sign in: by default 60 a minute from one address.',
    args: { input: t.arg({ type: RegisterInput, required: true, description: 'Name, password and the rest.' }) },
    resolve: (_root, { input: { username, password, email, invitation } }, context) => {
      const newUser = { username, password, email: email ?? null, invitation: invitation ?? null };
      return kept(context.engine.access.registration.register(newUser, context.device), context);
    },
  }),
);
