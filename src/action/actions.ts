import type { AuditLog } from '../access/audit.ts';
import { type Principal, requireScope } from '../access/principal.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/client.ts';
import { type InputProblem, InvalidInputError } from '../errors.ts';
import type { EngineEvents } from '../events.ts';
import type { Action } from './action.ts';
import { prepareLog, readLog } from './action-log.ts';
import { ActionFeed } from './feed.ts';
import { type ActionFilterInput, parseFilter } from './filter.ts';
import { Importer } from './importer.ts';
import { type ActionRules, parseAction } from './new-action.ts';
import { type ActionOrder, type ActionPage, readPage } from './page.ts';
import { decodePlace } from './place.ts';
import { ActionReader } from './reader.ts';
import { Recorder } from './recorder.ts';
import { requestOf } from './request.ts';
import { readActions } from './row.ts';
import { SeriesCatalog } from './series.ts';
import { ActionStats } from './stats.ts';
import { StatsReader } from './stats-reader.ts';
import { Upkeep } from './upkeep.ts';

type FilterInput = ActionFilterInput | null | undefined;

export interface ActionListRequest {
  filter: FilterInput;
  order: ActionOrder;
  take: { first: number } | { last: number };
  after: string | null;
  before: string | null;
}

/** Longest idempotency key, in characters; a UUID has 36. */
const longestKey = 200;

/** Bounds of windows and of the time between two events of one, in ms. */
const [shortestWindow, longestWindow] = [1000, 86_400_000];
const [shortestInterval, longestInterval] = [250, 3_600_000];

/**
 * What services did. The log belongs to the installation: all who are signed in may read it, tokens of the scope
 * ACTIONS_WRITE write it, administrators clear and archive it.
 */
export class Actions {
  /** What administrators do with it, and what is done by itself. */
  readonly upkeep: Upkeep;
  readonly #config: Config;
  readonly #database: Database;
  readonly #catalog: SeriesCatalog;
  readonly #feed: ActionFeed;
  readonly #recorder: Recorder;

  private constructor(
    config: Config,
    surroundings: ActionSurroundings,
    { catalog, head }: { catalog: SeriesCatalog; head: number },
  ) {
    this.#config = config;
    this.#database = surroundings.database;
    this.#catalog = catalog;
    const { sql } = surroundings.database;
    this.#feed = new ActionFeed(sql, head, surroundings.events);
    this.#recorder = new Recorder(sql, catalog, {
      maxQueued: config.limits.maxActionsQueued,
      maxSeries: config.limits.maxActionSeries,
      recorded: (actions) => this.#feed.push(actions),
    });
    this.upkeep = new Upkeep(config, surroundings, catalog);
  }

  static async open(config: Config, surroundings: ActionSurroundings): Promise<Actions> {
    const { sql } = surroundings.database;
    await prepareLog(sql);
    const catalog = new SeriesCatalog(sql);
    await catalog.refresh();
    return new Actions(config, surroundings, { catalog, head: (await readLog(sql)).lastId });
  }

  /**
   * Records actions, all or none. With a key, once: a call with the same key and the same actions has no effect, and is
   * answered with what is still there of the actions of the first.
   *
   * @param inputs as `parseAction` takes them
   * @throws {InvalidInputError} when one cannot be used, or they are too many
   * @throws {ConflictError} when other actions were recorded under the key within the last 24 hours
   * @throws {LimitReachedError} when too much waits to be recorded, or there would be too many series
   */
  async record(principal: Principal, inputs: readonly unknown[], key: string | null): Promise<Action[]> {
    const { userId } = requireScope(principal, 'ACTIONS_WRITE');
    const actions = this.#parse(inputs, key);
    return this.#recorder.record({ actions, request: key === null ? null : requestOf(userId, key, actions) });
  }

  /** Takes actions as JSON lines. */
  importer(principal: Principal): Importer {
    requireScope(principal, 'ACTIONS_WRITE');
    const { maxBatchWrite, maxRecordBytes } = this.#config.limits;
    return new Importer(this.#recorder, { rules: this.#rules, batchSize: maxBatchWrite, maxLineBytes: maxRecordBytes });
  }

  /** @throws {InvalidInputError} when a cursor or the filter is wrong */
  async page(principal: Principal, { filter, ...request }: ActionListRequest): Promise<ActionPage> {
    requireScope(principal, 'ACTIONS_READ');
    const { limits } = this.#config;
    const surroundings = { sql: this.#database.sql, catalog: this.#catalog, searchMs: limits.searchMsPerPage };
    return readPage(surroundings, { ...request, filter: parseFilter(filter, limits) });
  }

  /** One action by its id; null: there is none. */
  async find(principal: Principal, id: string): Promise<Action | null> {
    requireScope(principal, 'ACTIONS_READ');
    if (!/^\d{1,15}$/.test(id)) return null;
    return (await readActions(this.#database.sql, this.#catalog, [Number(id)]))[0] ?? null;
  }

  /**
   * @param buckets most of the timeline
   * @throws {InvalidInputError} when the filter or the number of buckets is wrong
   */
  stats(principal: Principal, filter: FilterInput, buckets: number): ActionStats {
    requireScope(principal, 'ACTIONS_READ');
    this.#checkRange('buckets', buckets, 1, 1000);
    return new ActionStats(this.#counting(), parseFilter(filter, this.#config.limits), buckets);
  }

  /**
   * What is recorded from now on, or after a cursor.
   *
   * @throws {InvalidInputError} when the cursor or the filter is wrong
   */
  async follow(principal: Principal, input: FilterInput, cursor: string | null): Promise<ActionReader> {
    requireScope(principal, 'ACTIONS_READ');
    const filter = parseFilter(input, this.#config.limits);
    const { sql } = this.#database;
    const { lastId } = await readLog(sql);
    const after = cursor === null ? lastId : decodePlace('RECORDED', cursor, ['after']).id;
    if (after > lastId) {
      const message = 'This cursor is of another action log; subscribe without one.';
      throw new InvalidInputError([{ path: ['after'], message, code: 'CURSOR_OF_OTHER_LOG' }]);
    }
    return new ActionReader({ sql, catalog: this.#catalog, feed: this.#feed }, { filter, after });
  }

  /** @throws {InvalidInputError} when the filter or a length of time is wrong */
  followStats(principal: Principal, input: FilterInput, time: { windowMs: number; everyMs: number }): StatsReader {
    requireScope(principal, 'ACTIONS_READ');
    this.#checkRange('windowMs', time.windowMs, shortestWindow, longestWindow);
    this.#checkRange('everyMs', time.everyMs, shortestInterval, longestInterval);
    const filter = parseFilter(input, this.#config.limits);
    return new StatsReader({ ...this.#counting(), feed: this.#feed }, { ...time, filter });
  }

  async close(): Promise<void> {
    await this.upkeep.close();
    await this.#recorder.close();
  }

  get #rules(): ActionRules {
    const { maxActionErrorLength, maxActionMetadataLength } = this.#config.limits;
    const redactedKeys = this.#config.actions.redactedKeys.map((key) => key.toLowerCase());
    return { maxErrorLength: maxActionErrorLength, maxMetadataLength: maxActionMetadataLength, redactedKeys };
  }

  #counting() {
    const { sql } = this.#database;
    return { sql, catalog: this.#catalog, countMs: this.#config.limits.searchMsPerSummary };
  }

  #parse(inputs: readonly unknown[], key: string | null) {
    const { maxBatchWrite } = this.#config.limits;
    const problems: InputProblem[] = [];
    if (inputs.length === 0 || inputs.length > maxBatchWrite) {
      const message = `Send 1 to ${maxBatchWrite} actions at once, not ${inputs.length}.`;
      problems.push({ path: ['actions'], message, code: inputs.length === 0 ? 'EMPTY' : 'TOO_MANY' });
    }
    if (key !== null && (key === '' || key.length > longestKey)) {
      const message = `"idempotencyKey" must have 1 to ${longestKey} characters.`;
      problems.push({ path: ['idempotencyKey'], message, code: 'INVALID_KEY' });
    }
    if (problems.length > 0) throw new InvalidInputError(problems);
    const now = Date.now();
    const actions = inputs.flatMap(
      (input, index) => parseAction(input, { rules: this.#rules, now, path: ['actions', `${index}`], problems }) ?? [],
    );
    if (problems.length > 0) throw new InvalidInputError(problems);
    return actions;
  }

  #checkRange(name: string, value: number, least: number, most: number): void {
    if (value >= least && value <= most) return;
    const message = `"${name}" must be from ${least} to ${most}, not ${value}.`;
    throw new InvalidInputError([{ path: [name], message, code: 'OUT_OF_RANGE' }]);
  }
}

export interface ActionSurroundings {
  database: Database;
  audit: AuditLog;
  events: EngineEvents;
}
