import { InvalidInputError } from '../errors.ts';

/** By what actions are sorted: when they were recorded, when they happened, how long they took. */
export type OrderField = 'RECORDED' | 'TIMESTAMP' | 'DURATION';

/** A place in the order of a field: that of an action, or between two. Of equal keys the id decides. */
export interface Place {
  /** RECORDED: the id. TIMESTAMP: ms since 1970, UTC. DURATION: us. */
  key: number;
  id: number;
}

const letters: Record<OrderField, string> = { RECORDED: 'r', TIMESTAMP: 't', DURATION: 'd' };

/** A place as opaque, URL-safe text. */
export const encodePlace = (field: OrderField, { key, id }: Place): string =>
  Buffer.from(`${letters[field]}${key}.${id}`).toString('base64url');

/** The place of the id in the order of recording. */
export const recordedCursor = (id: number): string => encodePlace('RECORDED', { key: id, id });

/** @throws {InvalidInputError} when this is no cursor of this order */
export function decodePlace(field: OrderField, cursor: string, path: string[]): Place {
  const [, letter, key, id] = /^([rtd])(\d{1,16})\.(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (letter === letters[field]) return { key: Number(key), id: Number(id) };
  const message =
    letter === undefined
      ? 'This is not a cursor of actions; pass a cursor as you received it.'
      : 'This cursor is of another order; pass one that you received with the same orderBy.';
  throw new InvalidInputError([
    { path, message, code: letter === undefined ? 'CURSOR_DAMAGED' : 'CURSOR_OF_OTHER_ORDER' },
  ]);
}
