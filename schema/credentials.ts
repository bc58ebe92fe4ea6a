import type { SignedInCredentials } from '../src/access/session.ts';
import { InvalidCredentialsError, InvalidInputError, LimitReachedError } from '../src/errors.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { Session } from './session.ts';
import { User } from './user.ts';

const Credentials = builder.objectRef<SignedInCredentials>('Credentials').implement({
  description:
    'What a client needs to stay signed in. A browser on a page of this server, or of an allowed origin, gets them as cookies as well, out of reach of scripts.',
  fields: (t) => ({
    accessToken: t.string({
      description: 'To be sent as `Authorization: Bearer TOKEN`, or in `connection_init` over WebSocket.',
      resolve: ({ accessToken }) => accessToken.token,
    }),
    accessTokenExpiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it is good: for 15 minutes, if not configured otherwise. Then refresh.',
      resolve: ({ accessToken }) => accessToken.expiresAt,
    }),
    refreshToken: t.exposeString('refreshToken', {
      description: 'For `refreshSession`, once; the answer has the next one. Keep it as you would a password.',
    }),
    refreshTokenExpiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it is good: for 30 days, if not configured otherwise.',
      resolve: ({ session }) => session.expiresAt,
    }),
    user: t.expose('user', { type: User, description: 'Who signed in.' }),
    session: t.expose('session', { type: Session, description: 'The sign-in that they belong to.' }),
  }),
});

/** Payload of a mutation that signs in. */
export const signedInPayload = (name: string, description: string) =>
  builder.objectRef<SignedInCredentials>(name).implement({
    description,
    fields: (t) => ({
      credentials: t.field({
        type: Credentials,
        description: 'What to ask with from now on.',
        resolve: (credentials) => credentials,
      }),
    }),
  });

/** Gives a browser its cookies. */
export async function kept(
  signingIn: Promise<SignedInCredentials>,
  { browser }: Context,
): Promise<SignedInCredentials> {
  const credentials = await signingIn;
  await browser?.keep(credentials);
  return credentials;
}

const LoginInput = builder.inputType('LoginInput', {
  description: 'Who signs in, and what proves it.',
  fields: (t) => ({
    username: t.string({ required: true, description: 'Their name, in any case of letters.' }),
    password: t.string({ required: true, description: 'Their password, as it was set.' }),
  }),
});

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'The password that is, and the one that is to be.',
  fields: (t) => ({
    currentPassword: t.string({
      required: true,
      description: 'The one until now; empty for the first administrator, who came by the link and has none.',
    }),
    newPassword: t.string({ required: true, description: 'The one from now on: 8 to 1000 characters.' }),
  }),
});

builder.mutationFields((t) => ({
  login: t.field({
    type: signedInPayload('LoginPayload', 'That somebody signed in.'),
    errors: {
      types: [InvalidCredentialsError, LimitReachedError],
      union: { name: 'LoginResult', description: 'Credentials, or why there are none.' },
    },
    description:
      'Signs in with name and password, and begins a session. No token needed. An unknown name, a wrong password and a disabled user get the same answer after the same time. Tries are limited: of an address, by default, 60 a minute; of wrong passwords 10 in a quarter of an hour for a name, where an address from which its owner signed in before is counted by itself. Each `login` of a document counts.',
    args: { input: t.arg({ type: LoginInput, required: true, description: 'Name and password.' }) },
    resolve: (_root, { input }, context) => kept(context.engine.access.login.login(input, context.device), context),
  }),
  refreshSession: t.field({
    type: signedInPayload('RefreshSessionPayload', 'That somebody stays signed in.'),
    errors: {
      types: [InvalidCredentialsError, LimitReachedError],
      union: { name: 'RefreshSessionResult', description: 'Credentials, or why there are none.' },
    },
    description:
      'New credentials for a refresh token, which is replaced by the one in the answer. No other token needed. For 10 seconds the token that was replaced still gets the same answer, for requests race and answers are lost; whoever comes with it later, or with an older one, ends the session with all its sockets, for then two have had the same token.',
    args: {
      refreshToken: t.arg.string({
        description: 'The refresh token. Left out: that of the cookie, for a browser over HTTP.',
      }),
    },
    resolve: (_root, { refreshToken }, context) => {
      const { engine, device, browser } = context;
      return kept(engine.access.sessions.refresh(refreshToken ?? browser?.refreshToken ?? '', device), context);
    },
  }),
  changePassword: t.field({
    type: signedInPayload('ChangePasswordPayload', 'That the password was changed.'),
    errors: {
      types: [InvalidCredentialsError, InvalidInputError, LimitReachedError],
      union: { name: 'ChangePasswordResult', description: 'Credentials of a new session, or why nothing changed.' },
    },
    description:
      'Sets another password. Ends all your sessions with their sockets, also the one that asks, and begins a new one; API tokens stay. Needs the access token of a session. Once the first administrator has set one, the sign-in link is printed no more.',
    args: { input: t.arg({ type: ChangePasswordInput, required: true, description: 'The old one and the new one.' }) },
    resolve: (_root, { input }, context) =>
      kept(context.engine.access.login.changePassword(context.principal, input, context.device), context),
  }),
}));
