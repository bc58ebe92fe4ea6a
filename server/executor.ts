import { createSourceEventStream, type ExecutionArgs, execute } from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { compilePicker } from './picker.ts';

/**
 * Executes by the reference implementation: Yoga's own answers fields in the order in which they are ready, and the
 * specification wants that of the query. The events of a subscription are picked where that is possible.
 */
export const useExecutor: Plugin = {
  onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
  onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
};

async function subscribe(args: ExecutionArgs) {
  const events = await createSourceEventStream(args);
  if (!isAsyncIterable(events)) return events;
  const pick = compilePicker(args);
  return mapAsyncIterator(events, (event) => pick?.(event) ?? execute({ ...args, rootValue: event }));
}
