import { insert, numberOf, query, type Row, type Sql, textOf, type Work } from '../db/sql.ts';
import type { ActionStatus, NewAction, Series } from './action.ts';

type Names = Pick<NewAction, 'service' | 'action' | 'status'>;

const columns = '"id", "service", "action", "status"';

/** All series there are. They are few, so they are kept in memory; and none is ever removed or renamed. */
export class SeriesCatalog {
  readonly #sql: Sql;
  readonly #byId = new Map<number, Series>();
  /** By service, then by action, then by status: a text made of all three would be made for each action. */
  readonly #byNames = new Map<string, Map<string, Partial<Record<ActionStatus, Series>>>>();
  #lastId = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get all(): Iterable<Series> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: number): Series | undefined {
    return this.#byId.get(id);
  }

  find({ service, action, status }: Names): Series | undefined {
    return this.#byNames.get(service)?.get(action)?.[status];
  }

  /** Reads those that were added, also by other processes, since they were last read. */
  async refresh(): Promise<void> {
    this.#add(
      await this.#sql.read(`SELECT ${columns} FROM "ActionSeries" WHERE "id" > $1 ORDER BY "id"`, [this.#lastId]),
    );
  }

  /**
   * Within a transaction that holds the row of the log: the id for the names of each action, new ones included. Those
   * are in the catalog once it was refreshed after the transaction.
   */
  *idsFor(actions: readonly Names[]): Work<number[]> {
    const ids = actions.map((names) => this.find(names)?.id ?? 0);
    if (!ids.includes(0)) return ids;
    const rows = yield* query(`SELECT ${columns} FROM "ActionSeries" WHERE "id" > $1 ORDER BY "id"`, [this.#lastId]);
    const added = new Map(rows.map(seriesIn).map((series) => [keyOf(series), series.id]));
    let lastId = rows.length === 0 ? this.#lastId : numberOf(rows.at(-1)?.[0]);
    const fresh: Series[] = [];
    for (const [index, names] of actions.entries()) {
      if (ids[index] !== 0 || added.has(keyOf(names))) continue;
      const { service, action, status } = names;
      fresh.push({ id: ++lastId, service, action, status });
      added.set(keyOf(names), lastId);
    }
    yield* insertSeries(fresh);
    return actions.map((names, index) => ids[index] || (added.get(keyOf(names)) ?? 0));
  }

  #add(rows: Row[]): void {
    for (const series of rows.map(seriesIn)) {
      this.#byId.set(series.id, series);
      const { service, action, status } = series;
      const actions = this.#byNames.get(service) ?? new Map<string, Partial<Record<ActionStatus, Series>>>();
      this.#byNames.set(service, actions.set(action, { ...actions.get(action), [status]: series }));
      this.#lastId = Math.max(this.#lastId, series.id);
    }
  }
}

const insertSeries = (series: Series[]): Work<void> =>
  insert({
    table: 'ActionSeries',
    columns: [
      { name: 'id', type: 'INTEGER' },
      { name: 'service', type: 'TEXT' },
      { name: 'action', type: 'TEXT' },
      { name: 'status', type: '"ActionStatus"' },
    ],
    rows: series.map(({ id, service, action, status }) => [id, service, action, status]),
    key: null,
  });

const keyOf = ({ service, action, status }: Names): string => `${status}\0${service}\0${action}`;

function seriesIn([id, service, action, status]: Row): Series {
  return { id: numberOf(id), service: textOf(service), action: textOf(action), status: statusIn(textOf(status)) };
}

const statusIn = (text: string): ActionStatus => (text === 'SUCCESS' ? text : 'FAILED');
