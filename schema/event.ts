import { errorTypeMap, wrapErrorIfMatches } from '@pothos/plugin-errors';
import { InvalidInputError, LimitReachedError, NotFoundError } from '../src/errors.ts';

/**
 * Errors as events of a subscription. The errors plugin does this for queries and mutations; its wrapper around a
 * subscription is an async generator, which keeps a quiet one from ending, so subscriptions do it by hand.
 */
const userErrors = [InvalidInputError, NotFoundError, LimitReachedError];
export type UserError = InvalidInputError | NotFoundError | LimitReachedError;

/** The error, if a user can fix it: then it may be an event. Throws any other. */
export function userError(error: unknown): UserError {
  if (error instanceof InvalidInputError || error instanceof NotFoundError || error instanceof LimitReachedError) {
    return error;
  }
  throw error;
}

/** Keeps GraphQL from taking an event that is an error for one that was thrown. */
export function asData<Event extends object>(event: Event): Event {
  // The plugin says that it returns something; it returns what it was given, or a proxy of it.
  return wrapErrorIfMatches(event, userErrors) as Event;
}

/** Name of the type of an event that went through `asData`. */
export const errorTypeName = (event: object): string | undefined => errorTypeMap.get(event)?.name;

/** A stream of one event. */
export function once<Event>(event: Event): AsyncIterableIterator<Event> {
  const events = [event];
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const value = events.shift();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    async return() {
      events.length = 0;
      return { done: true, value: undefined };
    },
  };
}
