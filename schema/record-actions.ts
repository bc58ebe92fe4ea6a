import type { Action as ActionValue } from '../src/action/action.ts';
import { ConflictError, InvalidInputError, LimitReachedError } from '../src/errors.ts';
import { Action, ActionStatus } from './action.ts';
import { builder } from './builder.ts';

const RecordActionInput = builder.inputType('RecordActionInput', {
  description: 'An action, as its service reports it.',
  fields: (t) => ({
    timestamp: t.field({
      type: 'DateTime',
      description: 'When it happened: from 1970, and at most a day ahead of the server. Left out: when it is recorded.',
    }),
    service: t.string({ required: true, description: 'Which service did it; 1 to 200 characters.' }),
    action: t.string({
      required: true,
      description:
        'What it did; 1 to 200 characters. Statistics are kept for each name, so use few of them, without ids in them.',
    }),
    status: t.field({ type: ActionStatus, required: true, description: 'How it ended.' }),
    durationMs: t.float({ required: true, description: 'How long it took, in milliseconds; 0 or more.' }),
    error: t.string({ description: 'What went wrong; of a text of more than 4096 characters its beginning is kept.' }),
    metadata: t.field({
      type: 'JSON',
      description:
        'Anything else, at most 4096 characters as JSON. Values whose key has `password`, `token`, `authorization`, `cookie` or `secret` in it are not kept; the configuration may name others.',
    }),
  }),
});

const RecordActionsInput = builder.inputType('RecordActionsInput', {
  description: 'Actions to be recorded together.',
  fields: (t) => ({
    actions: t.field({
      type: [RecordActionInput],
      required: true,
      description: 'One to `limits.maxBatchWrite` of them; they are recorded in this order, all or none.',
    }),
    idempotencyKey: t.string({
      description:
        'Any text of 1 to 200 characters, a new one for each call: when the answer was lost, the call can be made again with the same key within 24 hours, and has its effect once.',
    }),
  }),
});

const RecordActionsPayload = builder.objectRef<ActionValue[]>('RecordActionsPayload').implement({
  description: 'What was recorded, now or under the same key before.',
  fields: (t) => ({
    recorded: t.int({ description: 'How many there are.', resolve: (actions) => actions.length }),
    actions: t.field({
      type: [Action],
      description: 'The actions, in the order given.',
      resolve: (actions) => actions,
    }),
  }),
});

builder.mutationField('recordActions', (t) =>
  t.field({
    type: RecordActionsPayload,
    errors: {
      types: [InvalidInputError, ConflictError, LimitReachedError],
      union: {
        name: 'RecordActionsResult',
        description: 'What was recorded, or why nothing was: also when other actions were recorded under the key.',
      },
    },
    description:
      'Records what services did. When it answers, the actions are in the database and with all who follow them. Needs the scope ACTIONS_WRITE. For very many there is `POST /actions`, which takes JSON lines of any number.',
    args: { input: t.arg({ type: RecordActionsInput, required: true, description: 'The actions to be recorded.' }) },
    resolve: (_root, { input }, { engine, principal }) =>
      engine.actions.record(principal, input.actions, input.idempotencyKey ?? null),
  }),
);
