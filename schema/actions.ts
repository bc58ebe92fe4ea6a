import type { ActionPage } from '../src/action/page.ts';
import { Action, actionFilterArgument } from './action.ts';
import { builder } from './builder.ts';
import { ownCursors, takeOf } from './page.ts';

const ActionOrderField = builder.enumType('ActionOrderField', {
  description: 'By what actions are sorted. Only cursors of RECORDED resume `actionRecorded`.',
  values: {
    RECORDED: { description: 'In the order of recording, which is that of `actionRecorded`.' },
    TIMESTAMP: { description: 'By the time when they happened.' },
    DURATION: { description: 'By how long they took. Fast for the slowest and the fastest; slower far from both.' },
  },
});

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which way a list is sorted.',
  values: { ASC: { description: 'The smallest first.' }, DESC: { description: 'The largest first.' } },
});

const ActionOrder = builder.inputType('ActionOrder', {
  description: 'How a list of actions is sorted; of equal ones that which was recorded first is the smaller.',
  fields: (t) => ({
    field: t.field({ type: ActionOrderField, required: true, description: 'By what they are sorted.' }),
    direction: t.field({ type: OrderDirection, required: true, description: 'Which way they are sorted.' }),
  }),
});

const ActionEdge = builder.objectRef<ActionPage['actions'][number]>('ActionEdge').implement({
  description: 'An action and its place in the list.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'For `after` and `before` in the same order; that of RECORDED also for `actionRecorded`.',
    }),
    node: t.expose('action', { type: Action, description: 'The action at the cursor.' }),
  }),
});

const ActionConnection = builder.objectRef<ActionPage>('ActionConnection').implement({
  description: 'A page of actions.',
  fields: (t) => ({
    edges: t.expose('actions', { type: [ActionEdge], description: 'The actions with a cursor each.' }),
    nodes: t.field({
      type: [Action],
      description: 'The same without cursors.',
      resolve: ({ actions }) => actions.map(({ action }) => action),
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'Whether there is more, and from where to go on.',
      resolve: ({ hasPrevious, hasNext, start, end }) => ({
        hasPreviousPage: hasPrevious,
        hasNextPage: hasNext,
        startCursor: start,
        endCursor: end,
      }),
    }),
  }),
});

builder.queryField('actions', (t) =>
  t.field({
    type: ActionConnection,
    nullable: true,
    extensions: ownCursors,
    description:
      'What services did. Without `orderBy` in the order of recording, oldest first; without `first` and `last` the newest 50. The newest failures are `last: 50, filter: {status: FAILED}`, the slowest of a day `first: 20, orderBy: {field: DURATION, direction: DESC}, filter: {from: …}`. At most `limits.maxPageSize` at once; every page costs the same, however far it is from the ends. What is rare and is in no index (`contains`) may take long: then a page ends with what it found, and `hasNextPage` or `hasPreviousPage` says that there is more to look through from `endCursor` or `startCursor`.',
    args: {
      filter: t.arg(actionFilterArgument),
      orderBy: t.arg({ type: ActionOrder, description: 'How they are sorted.' }),
      first: t.arg.int({ description: 'So many from the beginning, or after `after`.' }),
      after: t.arg.string({ description: 'Only what comes after this cursor.' }),
      last: t.arg.int({ description: 'So many from the end, or before `before`.' }),
      before: t.arg.string({ description: 'Only what comes before this cursor.' }),
    },
    resolve: (_root, { filter, orderBy, after, before, ...page }, { engine, principal }) =>
      engine.actions.page(principal, {
        filter,
        order: orderBy ?? { field: 'RECORDED', direction: 'ASC' },
        take: takeOf(page),
        after: after ?? null,
        before: before ?? null,
      }),
  }),
);
