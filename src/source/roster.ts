import type { Database } from '../db/client.ts';
import { insert, type Rows } from '../db/sql.ts';
import type { ProvidedLog } from './expand.ts';
import type { Grantee } from './grant.ts';
import { insertSources, newRow } from './row.ts';
import type { Source } from './source.ts';

/** The database's rows of the logs that the configuration provides. */
export class Roster {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes rows and grants agree with what is provided, and returns the rows by name. */
  async reconcile(logs: ProvidedLog[]): Promise<Map<string, Source>> {
    const rows = await this.#reconcileRows(logs.map(({ name }) => name));
    await this.#reconcileGrants(logs, rows);
    return rows;
  }

  async #reconcileRows(names: string[]): Promise<Map<string, Source>> {
    const { source } = this.#database.client;
    const rows = new Map(
      (await source.findMany({ where: { kind: 'FILE', ownerId: null } })).map((row) => [row.name, row]),
    );
    const current = new Set(names);
    const ids = (retired: (row: Source) => boolean) => [...rows.values()].filter(retired).map((row) => row.id);
    const back = ids((row) => row.retiredAt !== null && current.has(row.name));
    const gone = ids((row) => row.retiredAt === null && !current.has(row.name));
    if (back.length > 0) await source.updateMany({ where: { id: { in: back } }, data: { retiredAt: null } });
    if (gone.length > 0) await source.updateMany({ where: { id: { in: gone } }, data: { retiredAt: new Date() } });
    const made = names
      .filter((name) => !rows.has(name))
      .map((name) => newRow({ name, kind: 'FILE', format: null, ownerId: null }));
    await this.#database.sql.write(() => insertSources(made));
    for (const row of made) rows.set(row.name, row);
    return rows;
  }

  /** Makes the database's grants agree with what the configuration says, of the logs it provides. */
  async #reconcileGrants(logs: ProvidedLog[], rows: Map<string, Source>): Promise<void> {
    const { sourceGrant } = this.#database.client;
    const granted = await sourceGrant.findMany({ where: { source: { kind: 'FILE', ownerId: null } } });
    const wanted = logs.flatMap(({ name, grantees }) => {
      const { id: sourceId } = rows.get(name) ?? {};
      return sourceId === undefined ? [] : grantees.map((grantee) => ({ sourceId, grantee }));
    });
    const have = new Set(granted.map(({ sourceId, grantee }) => asText(sourceId, grantee)));
    const want = new Set(wanted.map(({ sourceId, grantee }) => asText(sourceId, grantee)));
    const over = granted.filter(({ sourceId, grantee }) => !want.has(asText(sourceId, grantee)));
    for (const { sourceId, grantee } of over) await sourceGrant.deleteMany({ where: { sourceId, grantee } });
    const lacking = wanted.filter(({ sourceId, grantee }) => !have.has(asText(sourceId, grantee)));
    const grants = [...new Map(lacking.map((grant) => [asText(grant.sourceId, grant.grantee), grant])).values()];
    await this.#database.sql.write(() => insert({ ...grantTable, rows: grants.map(asGrant) }));
  }
}

/** Grants as one text each, in which they can be compared: no id has a space. */
const asText = (sourceId: string, grantee: string): string => `${sourceId} ${grantee}`;

const grantTable: Omit<Rows, 'rows'> = {
  table: 'SourceGrant',
  columns: [
    { name: 'sourceId', type: 'TEXT' },
    { name: 'grantee', type: 'TEXT' },
  ],
  key: null,
};
const asGrant = ({ sourceId, grantee }: { sourceId: string; grantee: Grantee }) => [sourceId, grantee];
