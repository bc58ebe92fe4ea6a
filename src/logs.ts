import type { Principal } from './access/principal.ts';
import type { Positions } from './batch.ts';
import type { Config } from './config.ts';
import { decodeCursor } from './cursor.ts';
import { type Delivery, deliveryProblems } from './delivery.ts';
import { type Position, placeAfter } from './entry.ts';
import { type InputProblem, InvalidInputError, NotFoundError } from './errors.ts';
import type { EngineEvents } from './events.ts';
import { compileFilter } from './filter/compile.ts';
import type { FilterInput } from './filter/input.ts';
import type { Entry } from './format/entry.ts';
import type { PageRequest } from './history/page.ts';
import type { Sought } from './history/scan.ts';
import { beginningOfLog, PositionLostError } from './history/span.ts';
import { type PageWithLate, pageWithLate } from './late.ts';
import type { Limits } from './limits.ts';
import { type MergedPage, merged, type Part } from './merged.ts';
import type { AccessWatch } from './source/access-watch.ts';
import type { Log, LogPage, LogPageRequest } from './source/log.ts';
import type { Source } from './source/source.ts';
import type { Sources } from './source/sources.ts';
import { Tail, type TailRequest } from './stream.ts';

/** A stretch of one log, as entries. */
export type EntryPage = LogPage & {
  sourceId: string;
  /** When the entry happened at which reading ended; ms since 1970, UTC. */
  reachedTime: number | null;
};

export interface EntryRequest {
  /** Cursors; exclusive. */
  after?: string | null | undefined;
  before?: string | null | undefined;
  take: PageRequest['take'];
  filter?: FilterInput | null | undefined;
  /** Aborted when nobody waits any more. */
  signal?: AbortSignal | null;
}

export interface FollowRequest {
  sourceIds: string[];
  after?: string | null | undefined;
  last?: number | null | undefined;
  filter?: FilterInput | null | undefined;
  delivery: Delivery;
}

/** What stands in the logs, for those who may read them. */
export class Logs {
  readonly #sources: Sources;
  readonly #access: AccessWatch;
  readonly #limits: Limits;
  readonly #events: EngineEvents;

  constructor(
    { sources, access }: { sources: Sources; access: AccessWatch },
    { limits }: Pick<Config, 'limits'>,
    events: EngineEvents,
  ) {
    this.#sources = sources;
    this.#access = access;
    this.#limits = limits;
    this.#events = events;
  }

  /**
   * A page of one log, oldest first.
   *
   * @throws {NotFoundError} when there is no such source, or the principal may not see it
   * @throws {InvalidInputError} when a cursor is damaged, of another source, or its place is gone
   */
  async page(
    principal: Principal,
    source: Source,
    { after, before, take, ...search }: EntryRequest,
  ): Promise<EntryPage> {
    const log = await this.#sources.logOf(principal, source);
    const sought = this.#sought(search);
    const bounds = { after: positionIn(log, after, ['after']), before: positionIn(log, before, ['before']) };
    const request = { ...bounds, take, sought };
    const page = await this.#read(log, request);
    const reached = page.entries.at('first' in take ? -1 : 0);
    return { ...page, sourceId: source.id, reachedTime: reached?.parsed.timestamp ?? null };
  }

  /**
   * A page of several logs, by time; the order of writing is kept within each. Its cursors are of all of them.
   *
   * @throws {NotFoundError} when one of the sources is not there, or the principal may not see it
   * @throws {InvalidInputError} when the filter is wrong, or a cursor is damaged, says nothing of one of the sources, or
   *   its place is gone
   */
  async mergedPage(
    principal: Principal,
    sourceIds: string[],
    { after, before, take, ...search }: EntryRequest,
  ): Promise<MergedPage> {
    const logs = await this.#sources.logs(principal, sourceIds, this.#limits.maxSourcesPerTail);
    const sought = this.#sought(search);
    const [low, high] = [positionsIn(logs, after, 'after'), positionsIn(logs, before, 'before')];
    const parts = logs.map(async (log): Promise<Part> => {
      const bounds = { after: low?.get(log.source.id) ?? null, before: high?.get(log.source.id) ?? null };
      const one = 'first' in take ? take : { last: take.last + 1 };
      const page = await this.#read(log, { ...bounds, take: one, sought });
      return { sourceId: log.source.id, page, beginning: bounds.after ?? (await beginningOfLog(log.chain)) };
    });
    return merged(await Promise.all(parts), take);
  }

  /** The entry that a cursor addresses; null when it is gone, or the principal may not see it. */
  async entry(principal: Principal, cursor: string): Promise<Entry | null> {
    const [[sourceId, position] = [], ...others] = decodeCursor(cursor, ['cursor']);
    if (sourceId === undefined || position === undefined || others.length > 0 || position.length === 0) return null;
    try {
      const log = await this.#sources.log(principal, sourceId);
      const { entries } = await log.page({ after: null, before: placeAfter(position), take: { last: 1 } });
      return entries[0] ?? null;
    } catch (error) {
      if (error instanceof NotFoundError || error instanceof PositionLostError) return null;
      throw error;
    }
  }

  /**
   * The entries just before and after one, oldest first.
   *
   * @throws {InvalidInputError} when more are asked for than 100 before, or after, or fewer than none
   */
  async surrounding(
    principal: Principal,
    entry: Entry,
    count: { before: number; after: number },
  ): Promise<{ before: Entry[]; after: Entry[] }> {
    const problems = (['before', 'after'] as const).flatMap((name) => surroundingProblem(name, count[name]));
    if (problems.length > 0) throw new InvalidInputError(problems);
    const log = await this.#sources.logOf(principal, entry.context.source);
    const { position } = entry.record;
    const [before, after] = await Promise.all([
      this.#read(log, { after: null, before: position, take: { last: count.before } }),
      this.#read(log, { after: position, before: null, take: { first: count.after } }),
    ]);
    return { before: before.entries, after: after.entries };
  }

  /**
   * History after a position, or the newest entries, then everything new.
   *
   * @throws {NotFoundError} when one of the sources is not there, or the principal may not see it
   * @throws {InvalidInputError} when the cursor cannot be used with these sources
   */
  async follow(principal: Principal, { sourceIds, after, last, filter, delivery }: FollowRequest): Promise<Tail> {
    const problems = [...deliveryProblems(delivery), ...this.#startProblems(last)];
    if (problems.length > 0) throw new InvalidInputError(problems);
    const sought = this.#sought({ filter });
    const right = this.#access.watch(principal, sourceIds);
    try {
      const logs = await this.#sources.logs(principal, sourceIds, this.#limits.maxSourcesPerTail);
      const start = startOf(logs, { after, last, from: sought?.filter.bounds.from ?? null });
      return await Tail.open({ logs, start, sought, delivery, right }, this.#events);
    } catch (error) {
      right.release();
      throw error;
    }
  }

  #startProblems(last: number | null | undefined): InputProblem[] {
    const problems: InputProblem[] = [];
    const { maxPageSize } = this.#limits;
    if (typeof last === 'number' && (last < 0 || last > maxPageSize)) {
      const message = `"last" must be from 0 to ${maxPageSize}, not ${last}; fetch more history with Source.entries.`;
      problems.push({ path: ['last'], message, code: 'OUT_OF_RANGE' });
    }
    return problems;
  }

  /** Null where everything is wanted. */
  #sought({ filter = null, signal = null }: Pick<EntryRequest, 'filter' | 'signal'>): Sought | null {
    return filter && { filter: compileFilter(filter, this.#limits, ['filter']), input: filter, signal };
  }

  async #read(log: Log, request: LogPageRequest): Promise<PageWithLate> {
    try {
      return await pageWithLate(log, request);
    } catch (error) {
      if (!(error instanceof PositionLostError)) throw error;
      const path = [error.position === request.before ? 'before' : 'after'];
      const message =
        'The place this cursor stands for is no longer in the log: its file was deleted or overwritten. Start again without it.';
      throw new InvalidInputError([{ path, message, code: 'CURSOR_EXPIRED' }]);
    }
  }
}

/** Most entries on either side: they are read for each entry of a page. */
const mostSurrounding = 100;

function surroundingProblem(name: string, count: number): InputProblem[] {
  if (count >= 0 && count <= mostSurrounding) return [];
  const message = `"${name}" must be from 0 to ${mostSurrounding}, not ${count}; fetch more with Source.entries.`;
  return [{ path: [name], message, code: 'OUT_OF_RANGE' }];
}

function startOf(
  logs: Log[],
  { after, last, from }: Pick<FollowRequest, 'after' | 'last'> & { from: number | null },
): TailRequest['start'] {
  if (typeof after === 'string') return { kind: 'after', positions: positionsFor(logs, after) };
  if (typeof last === 'number') return last === 0 ? { kind: 'now' } : { kind: 'last', count: last };
  return { kind: from === null ? 'now' : 'beginning' };
}

/** A cursor may stand for more sources than are asked for, but not for fewer: where to begin with those? */
function positionsFor(logs: Log[], cursor: string, name: 'after' | 'before' = 'after'): Positions {
  const positions = decodeCursor(cursor, [name]);
  const lacking = logs.filter((log) => !positions.has(log.source.id)).map((log) => `"${log.source.name}"`);
  if (lacking.length === 0) return positions;
  const message = `The cursor says nothing of ${lacking.join(', ')}; pass one that you received for all these sources, or ask for these separately.`;
  throw new InvalidInputError([{ path: [name], message, code: 'CURSOR_FOREIGN' }]);
}

const positionsIn = (logs: Log[], cursor: string | null | undefined, name: 'after' | 'before'): Positions | null =>
  typeof cursor === 'string' ? positionsFor(logs, cursor, name) : null;

function positionIn(log: Log, cursor: string | null | undefined, path: string[]): Position | null {
  if (typeof cursor !== 'string') return null;
  const position = decodeCursor(cursor, path).get(log.source.id);
  if (position !== undefined) return position;
  const message = 'This cursor is of another source; pass one that you received from this source.';
  throw new InvalidInputError([{ path, message, code: 'CURSOR_FOREIGN' }]);
}
