import type { ExecutionArgs } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Principal, SignedIn } from '../src/access/principal.ts';
import type { CredentialWatch } from '../src/access/watch.ts';
import { LimitReachedError, UnauthenticatedError } from '../src/errors.ts';
import type { Limits } from '../src/limits.ts';
import type { Deliver } from '../src/stream.ts';
import type { RequestContext } from './context.ts';
import { type Deliverable, deliverAll } from './direct.ts';
import { refusal } from './errors.ts';
import { Quota, retryAfterMs } from './quota.ts';

/** Longest delay of a Node timer; https://nodejs.org/api/timers.html. */
const longestDelayMs = 2 ** 31 - 1;

/**
 * Holds subscriptions to what their principal may have, on every transport: not too many at a time, and none beyond
 * the end of the credential they were opened with, whether it expires or is revoked.
 */
export function useSubscriptionLimits(limits: Limits, watch: CredentialWatch): Plugin<RequestContext> {
  const quota = new Quota(limits.maxSubscriptionsPerUser);
  return {
    onSubscribe({ args, subscribeFn, setSubscribeFn, setResultAndStopExecution }) {
      const { principal } = args.contextValue;
      if (principal.kind === 'anonymous') return;
      const release = quota.take(principal.userId);
      if (release === null) {
        const limit = limits.maxSubscriptionsPerUser;
        const message = `You have ${limit} subscriptions open, which is the most; end one first.`;
        setResultAndStopExecution({ errors: [refusal(new LimitReachedError(message, { limit, retryAfterMs }))] });
        return;
      }
      // Not by the hooks for results and errors: with these the events get wrapped, and are no longer `Deliverable`.
      setSubscribeFn(async (subscription: ExecutionArgs) => {
        try {
          const result = await subscribeFn(subscription);
          if (isAsyncIterable(result)) return new Guarded(result, principal, { release, watch });
          release();
          return result;
        } catch (error) {
          release();
          throw error;
        }
      });
    },
  };
}

/** @throws {UnauthenticatedError} when the credential has come to its end */
export function checkNotExpired(principal: Principal): void {
  if (principal.kind === 'user' && principal.expiresAt !== null && principal.expiresAt.getTime() <= Date.now()) {
    throw expired();
  }
}

/** In a socket's closing frame, too. */
export const revoked = () => new UnauthenticatedError('Your sign-in was ended; sign in again.');

const expired = () => new UnauthenticatedError('Your sign-in has expired; connect again with a new token.');

/** Events of a subscription, up to the end of the credential. */
class Guarded<Event> implements Deliverable<Event> {
  readonly #source: AsyncIterable<Event>;
  readonly #events: AsyncIterator<Event>;
  readonly #release: () => void;
  readonly #unwatch: () => void;
  #timer: NodeJS.Timeout | undefined;
  #state: 'open' | 'expired' | 'revoked' | 'closed' = 'open';

  constructor(
    events: AsyncIterable<Event>,
    principal: SignedIn,
    { release, watch }: { release: () => void; watch: CredentialWatch },
  ) {
    this.#source = events;
    this.#events = events[Symbol.asyncIterator]();
    this.#release = release;
    this.#unwatch = watch.add(principal, () => this.#end('revoked'));
    const { expiresAt } = principal;
    if (expiresAt !== null) this.#endAt(expiresAt.getTime());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** One promise an event: this is what every entry of every subscriber goes through. */
  next(): Promise<IteratorResult<Event>> {
    return this.#events.next().then(this.#pass, this.#fail);
  }

  async deliver(deliver: Deliver<Event>): Promise<void> {
    try {
      await deliverAll(this.#source, deliver);
      this.#checkNotEnded();
    } finally {
      await this.return();
    }
  }

  readonly #pass = (result: IteratorResult<Event>): IteratorResult<Event> | Promise<IteratorResult<Event>> => {
    // When the time came, the events were told to end, which let go whoever was waiting for one.
    try {
      this.#checkNotEnded();
    } catch (error) {
      return this.#fail(error);
    }
    return result.done ? this.return() : result;
  };

  #checkNotEnded(): void {
    if (this.#state === 'expired') throw refusal(expired());
    if (this.#state === 'revoked') throw refusal(revoked());
  }

  /** Nobody calls `return` on an iterator that has thrown. */
  readonly #fail = async (error: unknown): Promise<never> => {
    await this.return();
    throw error;
  };

  async return(): Promise<IteratorResult<Event>> {
    if (this.#state !== 'closed') {
      this.#state = 'closed';
      clearTimeout(this.#timer);
      this.#unwatch();
      this.#release();
      await this.#events.return?.();
    }
    return { done: true, value: undefined };
  }

  #endAt(time: number): void {
    const leftMs = time - Date.now();
    if (leftMs > 0) {
      this.#timer = setTimeout(() => this.#endAt(time), Math.min(leftMs, longestDelayMs)).unref();
    } else this.#end('expired');
  }

  #end(why: 'expired' | 'revoked'): void {
    if (this.#state !== 'open') return;
    this.#state = why;
    // A failure to end is told by `next`, which somebody waits for.
    this.#events.return?.().catch(() => {});
  }
}
