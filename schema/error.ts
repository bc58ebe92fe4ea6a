import {
  ConflictError,
  ForbiddenError,
  type InputProblem,
  InvalidCredentialsError,
  InvalidInputError,
  LimitReachedError,
  NotFoundError,
} from '../src/errors.ts';
import { builder } from './builder.ts';

const ErrorInterface = builder.interfaceRef<Error>('Error').implement({
  description:
    'What a caller can cause and fix. Select `... on Error { message }` on every union: members may be added.',
  fields: (t) => ({ message: t.exposeString('message', { description: 'A sentence that says what to do.' }) }),
});

export const InputProblemType = builder.objectRef<InputProblem>('InputProblem').implement({
  description: 'One thing wrong with an input.',
  fields: (t) => ({
    path: t.exposeStringList('path', {
      description: 'Names and list positions that lead to the value, outermost first.',
    }),
    message: t.exposeString('message', { description: 'A sentence that says what to do.' }),
    code: t.exposeString('code', { description: 'Stable name of the problem, for programs.' }),
    start: t.exposeInt('start', {
      nullable: true,
      description: 'Where in the text of a query or pattern the problem begins, in UTF-16 units from 0.',
    }),
    end: t.exposeInt('end', { nullable: true, description: 'Where it ends; exclusive.' }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'The input cannot be used as it is; every problem found is listed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    problems: t.field({
      type: [InputProblemType],
      description: 'Everything that is wrong with it; at least one.',
      resolve: (error) => error.problems,
    }),
  }),
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'There is no such thing, or it is not yours to see; the two are indistinguishable.',
  interfaces: [ErrorInterface],
});

builder.objectType(ConflictError, {
  name: 'ConflictError',
  description: 'It contradicts what is there already.',
  interfaces: [ErrorInterface],
});

builder.objectType(ForbiddenError, {
  name: 'ForbiddenError',
  description: 'You may not do this; the message says who may.',
  interfaces: [ErrorInterface],
});

builder.objectType(InvalidCredentialsError, {
  name: 'InvalidCredentialsError',
  description: 'A name, password or refresh token does not let in; which of them is wrong is not said.',
  interfaces: [ErrorInterface],
});

builder.objectType(LimitReachedError, {
  name: 'LimitReachedError',
  description: 'A limit of the server was reached.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    limit: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The limit, where it is a number.',
      resolve: (error) => error.limit,
    }),
    retryAfterMs: t.exposeInt('retryAfterMs', {
      nullable: true,
      description: 'Milliseconds after which to try again; null where waiting does not help.',
    }),
  }),
});
