import type { Sql } from '../db/sql.ts';
import { readLog } from './action-log.ts';
import { actionsIn, rollupsIn } from './counting.ts';
import { type Cover, coverOf, type TimeRange } from './cover.ts';
import type { ActionFilter } from './filter.ts';
import type { Level } from './rollup-key.ts';
import { levels } from './rollup-key.ts';
import { type Searching, soughtOf } from './search.ts';
import type { SeriesCatalog } from './series.ts';
import { Tally } from './tally.ts';
import { longestFor, type TimelineBucket, timelineOf } from './timeline.ts';

export interface ServiceTally {
  service: string;
  tally: Tally;
}

export interface ActionNameTally extends ServiceTally {
  action: string;
}

/** The actions that a filter lets through, counted: together, and by their names. */
export interface Totals {
  tally: Tally;
  /** The most frequent first. */
  services: ServiceTally[];
  actions: ActionNameTally[];
}

export interface Surroundings {
  sql: Sql;
  catalog: SeriesCatalog;
  /** How long one count may take, in ms. */
  countMs: number;
}

/**
 * Statistics of the actions that a filter lets through. Each part is counted when it is asked for, and once.
 *
 * Where the filter says no more than names, status and time, it is rollups that are added up, so it does not matter how
 * many actions there are; only what is left at the ends of the time is counted one by one. Else everything is.
 */
export class ActionStats {
  readonly #surroundings: Surroundings;
  readonly #filter: ActionFilter;
  readonly #buckets: number;
  #totals: Promise<Totals> | null = null;
  #timeline: Promise<TimelineBucket[]> | null = null;

  /** @param buckets most of the timeline */
  constructor(surroundings: Surroundings, filter: ActionFilter, buckets: number) {
    this.#surroundings = surroundings;
    this.#filter = filter;
    this.#buckets = buckets;
  }

  totals(): Promise<Totals> {
    this.#totals ??= this.#count();
    return this.#totals;
  }

  /** Oldest first, without gaps. */
  timeline(): Promise<TimelineBucket[]> {
    this.#timeline ??= this.#countTimeline();
    return this.#timeline;
  }

  async #count(): Promise<Totals> {
    const searching = await this.#searching();
    const { from, to } = this.#filter;
    const range = clamped({ from: from ?? 0, to: to ?? endOfTime });
    const cover = await this.#cover(range, 3);
    const tallies = new Map<string, ActionNameTally>();
    const tallyOf = ({ service, action }: { service: string; action: string }): Tally => {
      const key = `${service}\0${action}`;
      const known = tallies.get(key) ?? { service, action, tally: new Tally() };
      tallies.set(key, known);
      return known.tally;
    };
    for (const part of cover.rollups) {
      for await (const rollups of rollupsIn(searching, part, 'all')) {
        for (const rollup of rollups) tallyOf(rollup.series).addRollup(rollup);
      }
    }
    for (const part of cover.actions) {
      for await (const actions of actionsIn(searching, part)) {
        for (const { series, durationUs } of actions) tallyOf(series).addAction(series.status, durationUs);
      }
    }
    return totalsOf([...tallies.values()]);
  }

  async #countTimeline(): Promise<TimelineBucket[]> {
    const range = await this.#extent();
    if (range === null) return [];
    const searching = await this.#searching();
    const timeline = timelineOf(range, this.#buckets);
    const cover = await this.#cover(range, longestFor(timeline));
    for (const part of cover.rollups) {
      for await (const rollups of rollupsIn(searching, part, 'counts')) {
        for (const { start, count, failed } of rollups) timeline.add(start, count, failed);
      }
    }
    for (const part of cover.actions) {
      for await (const actions of actionsIn(searching, part)) {
        for (const { series, timestamp } of actions) timeline.add(timestamp, 1, series.status === 'FAILED' ? 1 : 0);
      }
    }
    return timeline.buckets;
  }

  async #searching(): Promise<Searching> {
    const { sql, catalog, countMs } = this.#surroundings;
    await catalog.refresh();
    return { sql, catalog, sought: soughtOf(this.#filter, catalog), until: performance.now() + countMs };
  }

  /** What rollups cannot tell is asked of each action. */
  async #cover(range: TimeRange, longest: Level): Promise<Cover> {
    const { minUs, maxUs, needle } = this.#filter;
    if (minUs !== null || maxUs !== null || needle !== null) return { rollups: [], actions: [range] };
    const { minutesFrom } = await readLog(this.#surroundings.sql);
    return coverOf(range, { longest, minutesFrom });
  }

  /** From when to when: as the filter says, else from the first action to the last. Null: there is nothing. */
  async #extent(): Promise<TimeRange | null> {
    const { sql } = this.#surroundings;
    const { from, to } = this.#filter;
    const [first] = (await sql.read('SELECT min("timestamp") FROM "Action"', []))[0] ?? [];
    const [last] = (await sql.read('SELECT max("timestamp") FROM "Action"', []))[0] ?? [];
    if (typeof first !== 'number' || typeof last !== 'number') return null;
    const range = clamped({ from: from ?? Math.min(first, to ?? first), to: to ?? Math.max(last + 1, from ?? last) });
    return range.from < range.to ? range : null;
  }
}

/** Later than any action, where rollups of all lengths end. */
const endOfTime = levels[2] * 60_000;

const clamped = ({ from, to }: TimeRange): TimeRange => ({ from: Math.max(from, 0), to: Math.min(to, endOfTime) });

function totalsOf(actions: ActionNameTally[]): Totals {
  const services = new Map<string, ServiceTally>();
  const tally = new Tally();
  for (const { service, tally: part } of actions) {
    const known = services.get(service) ?? { service, tally: new Tally() };
    services.set(service, known);
    known.tally.add(part);
    tally.add(part);
  }
  const byTotal = (one: ServiceTally & { action?: string }, other: ServiceTally & { action?: string }) =>
    other.tally.total - one.tally.total ||
    compare(one.service, other.service) ||
    compare(one.action ?? '', other.action ?? '');
  return { tally, services: [...services.values()].sort(byTotal), actions: actions.sort(byTotal) };
}

/** By code units: the same on every machine. */
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
