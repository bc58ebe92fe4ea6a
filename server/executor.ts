import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Deliver } from '../src/stream.ts';
import type { Answer } from './answer.ts';
import { type Deliverable, deliverAll } from './direct.ts';
import { Selection } from './selection.ts';

/**
 * Executes by the reference implementation: Yoga's own answers fields in the order in which they are ready, and the
 * specification wants that of the query. The events of a subscription are picked where that is possible.
 */
export const useExecutor: Plugin = {
  onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
  onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
};

async function subscribe(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterableIterator<Answer>> {
  const events = await createSourceEventStream(args);
  return isAsyncIterable(events) ? new Answers(events, args) : events;
}

/** The answer to each event of a subscription. One promise an event, and nothing between it and the source. */
class Answers implements Deliverable<Answer> {
  readonly #source: AsyncIterable<unknown>;
  readonly #events: AsyncIterator<unknown>;
  readonly #answer: (event: unknown) => Answer | Promise<Answer>;

  constructor(events: AsyncIterable<unknown>, args: ExecutionArgs) {
    this.#source = events;
    this.#events = events[Symbol.asyncIterator]();
    const selection = Selection.of(args);
    this.#answer = (event) => selection.answerTo(event) ?? execute({ ...args, rootValue: event });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Answer>> {
    return this.#events
      .next()
      .then((result) => (result.done ? { done: true, value: undefined } : this.#toAnswer(result.value)));
  }

  deliver(deliver: Deliver<Answer>): Promise<void> {
    return deliverAll(this.#source, (event) => {
      const answer = this.#answer(event);
      return answer instanceof Promise ? answer.then(deliver) : deliver(answer);
    });
  }

  async return(): Promise<IteratorResult<Answer>> {
    await this.#events.return?.();
    return { done: true, value: undefined };
  }

  #toAnswer(event: unknown): IteratorResult<Answer> | Promise<IteratorResult<Answer>> {
    const answer = this.#answer(event);
    return answer instanceof Promise
      ? answer.then((value) => ({ done: false, value }))
      : { done: false, value: answer };
  }
}
