import { type Column, insert, type Work } from '../db/sql.ts';
import { uuid7 } from '../db/uuid.ts';
import { foldedName } from './name.ts';
import type { Source } from './source.ts';

/** The row of a source that is made now. */
export function newRow<Owner extends string | null>(
  row: Pick<Source, 'name' | 'kind' | 'format'> & { ownerId: Owner },
): Source & { ownerId: Owner } {
  const { name, kind, format, ownerId } = row;
  const unset = { timezone: null, retiredAt: null };
  return { id: uuid7(), name, foldedName: foldedName(name), kind, format, ownerId, createdAt: new Date(), ...unset };
}

/** Puts sources into the database. All are one statement: Prisma keeps some kilobytes for each row of its own. */
export const insertSources = (sources: readonly Source[]): Work<void> =>
  insert({ table: 'Source', columns, rows: sources.map(asStored), key: null });

/** Those that are set in a new row. */
const columns: Column[] = [
  { name: 'id', type: 'TEXT' },
  { name: 'name', type: 'TEXT' },
  { name: 'foldedName', type: 'TEXT' },
  { name: 'kind', type: '"SourceKind"' },
  { name: 'createdAt', type: 'TIMESTAMP(3)' },
  { name: 'format', type: 'TEXT' },
  { name: 'ownerId', type: 'TEXT' },
];

/** Times as Prisma writes them: SQLite keeps text, and compares it. */
const asStored = ({ id, name, foldedName, kind, createdAt, format, ownerId }: Source) => [
  ...[id, name, foldedName, kind, createdAt.toISOString().replace('Z', '+00:00')],
  ...[format, ownerId],
];
