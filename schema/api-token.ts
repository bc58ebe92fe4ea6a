import { type CreatedToken, grantedScopes, grantedSources } from '../src/access/api-token.ts';
import type { ApiTokenRow } from '../src/access/api-tokens.ts';
import { type ApiScope, apiScopes } from '../src/access/principal.ts';
import { ForbiddenError, InvalidInputError, LimitReachedError, NotFoundError } from '../src/errors.ts';
import { builder } from './builder.ts';
import { globalId, rowId } from './id.ts';
import { Source } from './source.ts';

const meanings: Record<ApiScope, string> = {
  LOGS_READ: 'Reading and following logs, searching them, and downloading.',
  LOGS_WRITE: 'Writing entries to streams.',
  ACTIONS_READ: 'Reading and following the action log.',
  ACTIONS_WRITE: 'Recording what services did.',
  SOURCES_WRITE: 'Making, changing and deleting sources.',
  ANALYSES_WRITE: 'Starting, cancelling and deleting analyses.',
  ADMIN: 'Everything, all other scopes included; for administrators only.',
};

const ApiScopeType = builder.enumType('ApiScope', {
  description: 'What an API token may be used for. What a person may do is said by their role.',
  values: Object.fromEntries(apiScopes.map((scope) => [scope, { value: scope, description: meanings[scope] }])),
});

export const ApiToken = builder.prismaNode('ApiToken', {
  description: 'A long-lived credential for a program, which acts for the person whose it is; only they see it.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is for.' }),
    scopes: t.field({
      type: [ApiScopeType],
      description: 'What it may be used for, as far as the person may do that themselves.',
      resolve: grantedScopes,
    }),
    sources: t.field({
      type: [Source],
      nullable: true,
      description: 'The only sources it is for, of those that are there; null: all that the person may see.',
      resolve: (token, _args, { engine, principal }) => {
        const ids = grantedSources(token);
        return ids && engine.sources.some(principal, ids);
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to the minute; null: not yet.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'Until when; null: for ever.' }),
  }),
});

builder.queryField('apiTokens', (t) =>
  t.prismaField({
    type: [ApiToken],
    description:
      'Your API tokens, in the order of their creation; at most 1000. An API token needs the scope ADMIN to ask for them.',
    resolve: (_query, _root, _args, { engine, principal }) => engine.access.tokens.list(principal),
  }),
);

const CreateApiTokenInput = builder.inputType('CreateApiTokenInput', {
  description: 'What token to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What it is for: 1 to 100 characters.' }),
    scopes: t.field({
      type: [ApiScopeType],
      required: true,
      description: 'What it may be used for: at least one scope, and none that you do not have.',
    }),
    sources: t.idList({
      description: 'The only sources it may read and write, at most 1000; left out: all that you may see.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when; left out: for ever.' }),
  }),
});

const CreateApiTokenPayload = builder.objectRef<CreatedToken>('CreateApiTokenPayload').implement({
  description: 'A token, and its secret.',
  fields: (t) => ({
    apiToken: t.expose('apiToken', { type: ApiToken, description: 'The new token.' }),
    secret: t.exposeString('secret', {
      description: 'To be sent as `Authorization: Bearer SECRET`. Shown this once: only its hash is kept.',
    }),
  }),
});

const RevokeApiTokenPayload = builder.objectRef<ApiTokenRow>('RevokeApiTokenPayload').implement({
  description: 'Which token was revoked.',
  fields: (t) => ({
    revokedId: t.id({ description: 'Global id that it had.', resolve: ({ id }) => globalId('ApiToken', id) }),
    apiToken: t.field({ type: ApiToken, description: 'The token as it was.', resolve: (token) => token }),
  }),
});

builder.mutationFields((t) => ({
  createApiToken: t.field({
    type: CreateApiTokenPayload,
    errors: {
      types: [InvalidInputError, ForbiddenError, LimitReachedError],
      union: { name: 'CreateApiTokenResult', description: 'A token, or why there is none.' },
    },
    description:
      'Makes an API token that acts for you, and may do no more than you. An API token needs the scope ADMIN to make others.',
    args: { input: t.arg({ type: CreateApiTokenInput, required: true, description: 'Its name, and what it is for.' }) },
    resolve: (_root, { input: { name, scopes, sources, expiresAt } }, { engine, principal }) =>
      engine.access.tokens.create(principal, {
        name,
        scopes,
        ...(sources && { sourceIds: sources.map((id) => rowId('Source', id)) }),
        ...(expiresAt && { expiresAt }),
      }),
  }),
  revokeApiToken: t.field({
    type: RevokeApiTokenPayload,
    errors: {
      types: [NotFoundError],
      union: { name: 'RevokeApiTokenResult', description: 'What was revoked, or why nothing was.' },
    },
    description:
      'Ends one of your API tokens: it is worth nothing from then on, and its sockets and subscriptions end at once.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the token.' }) },
    resolve: (_root, { id }, { engine, principal }) => engine.access.tokens.revoke(principal, rowId('ApiToken', id)),
  }),
}));
