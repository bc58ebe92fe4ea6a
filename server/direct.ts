import type { ExecutionResult } from 'graphql';
import type { OperationResult } from 'graphql-ws';
import { isAsyncIterable } from 'graphql-yoga';
import type { Deliver } from '../src/stream.ts';
import { type Answer, WrittenAnswer } from './answer.ts';
import { type Connection, sendShared } from './frame.ts';

/** Events that can be handed out as they come, as well as asked for one by one. */
export interface Deliverable<Event> extends AsyncIterableIterator<Event> {
  deliver(deliver: Deliver<Event>): Promise<void>;
}

const isDeliverable = <Event>(events: AsyncIterable<Event>): events is Deliverable<Event> =>
  'deliver' in events && typeof events.deliver === 'function';

/**
 * Hands out events as they come where they can be, until they end. Not an async function: what waits in one takes half a
 * kilobyte, for each subscriber.
 */
export const deliverAll = <Event>(events: AsyncIterable<Event>, deliver: Deliver<Event>): Promise<void> =>
  isDeliverable(events) ? events.deliver(deliver) : deliverEach(events, deliver);

async function deliverEach<Event>(events: AsyncIterable<Event>, deliver: Deliver<Event>): Promise<void> {
  for await (const event of events) await deliver(event);
}

/** Bytes that may wait in a socket before its subscriptions wait as well: some batches, and little for a thousand sockets. */
const mostBufferedBytes = 64 * 1024;

/** The result of a subscription, which `send` is given as it comes; or why there is none. */
export async function answerDirectly(result: OperationResult, send: Deliver<Answer>): Promise<Answered> {
  const answered = await result;
  if (!isAsyncIterable(answered)) return answered;
  // Slower, and nobody would notice.
  if (!isDeliverable(answered)) throw new Error('Some plugin wraps the answers of subscriptions.');
  return new DirectAnswers(answered, send);
}

type Answered = AsyncIterable<ExecutionResult> | ExecutionResult;

/**
 * The answers of a subscription, written to its socket in the call in which an entry was read from its file. What asks
 * for them, the implementation of the protocol, sees only that they end.
 */
class DirectAnswers implements AsyncIterableIterator<ExecutionResult> {
  readonly #answers: Deliverable<Answer>;
  readonly #send: Deliver<Answer>;

  constructor(answers: Deliverable<Answer>, send: Deliver<Answer>) {
    this.#answers = answers;
    this.#send = send;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    await this.#answers.deliver(this.#send);
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    await this.#answers.return?.();
    return { done: true, value: undefined };
  }
}

/**
 * Sends the answers to one operation, as messages of the protocol.
 * https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md#next
 *
 * @param present an answer as the client may see it
 */
export function sendAnswers(
  connection: Connection,
  id: string,
  present: (answer: ExecutionResult) => object,
): Deliver<Answer> {
  const { socket } = connection;
  const head = `{"id":${asciiJson(id)},"type":"next","payload":`;
  return (answer) => {
    if (socket.readyState !== socket.OPEN) return undefined;
    const { ending } = answer instanceof WrittenAnswer ? answer : new WrittenAnswer(JSON.stringify(present(answer)));
    if (socket.bufferedAmount < mostBufferedBytes) {
      sendShared(connection, head, ending);
      return undefined;
    }
    // A socket that fails is closed, which ends its subscriptions.
    return new Promise((resolve) => sendShared(connection, head, ending, resolve));
  };
}

/** Text as JSON in ASCII. */
const asciiJson = (text: string): string =>
  JSON.stringify(text).replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
