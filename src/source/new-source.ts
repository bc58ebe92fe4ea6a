import { numberOf, query, type Work } from '../db/sql.ts';
import { ConflictError, type InputProblem, InvalidInputError, LimitReachedError } from '../errors.ts';
import { insertSources } from './row.ts';
import type { Source } from './source.ts';

/** What is wrong with the name that somebody gives a log of theirs; null: nothing. */
export function sourceNameProblem(name: string): InputProblem | null {
  if (/^[^\p{Cc}\p{Cs}]{1,100}$/u.test(name) && name.trim() === name) return null;
  const message = 'Choose a name of 1 to 100 characters, without control characters, and no space at either end.';
  return { path: ['name'], message, code: 'INVALID_NAME' };
}

/** @throws {InvalidInputError} when nothing can be called that */
export function checkSourceName(name: string): void {
  const problem = sourceNameProblem(name);
  if (problem !== null) throw new InvalidInputError([problem]);
}

export const nameTaken = (name: string): ConflictError =>
  new ConflictError(`You have a source called "${name}" already; choose another name.`);

/**
 * Puts a source that somebody owns into the database. Part of a transaction, in which whoever makes another one for the
 * same owner waits: so that what is counted of theirs stays true until the end.
 *
 * @throws {LimitReachedError} when they have `most` already
 * @throws {ConflictError} when they have one of that name
 */
export function* putSource(source: Source & { ownerId: string }, most: number): Work<void> {
  const { ownerId, name } = source;
  yield* query('UPDATE "User" SET "id" = "id" WHERE "id" = $1', [ownerId]);
  const [[count] = []] = yield* query('SELECT count(*) FROM "Source" WHERE "ownerId" = $1', [ownerId]);
  if (numberOf(count) >= most) {
    throw new LimitReachedError(`You have ${most} sources, which is the most; delete some.`, { limit: most });
  }
  const same = yield* query('SELECT 1 FROM "Source" WHERE "ownerId" = $1 AND "name" = $2', [ownerId, name]);
  if (same.length > 0) throw nameTaken(name);
  yield* insertSources([source]);
}
