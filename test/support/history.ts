import { encodeCursor } from '../../src/cursor.ts';
import type { Engine } from '../../src/engine.ts';
import type { RawRecord } from '../../src/entry.ts';
import { administrator } from './engine.ts';

/** All records of a log, oldest first, read in pages of so many from the beginning or from the end. */
export async function readAll(
  engine: Engine,
  id: string,
  from: 'beginning' | 'end',
  pageSize = 3,
): Promise<RawRecord[]> {
  const source = await engine.sources.find(administrator, { id });
  if (source === null) throw new Error('The source is gone.');
  const all: RawRecord[] = [];
  for (let cursor: string | undefined; ; ) {
    const request =
      from === 'end' ? { before: cursor, take: { last: pageSize } } : { after: cursor, take: { first: pageSize } };
    const page = await engine.logs.page(administrator, source, request);
    const records = page.entries.map(({ record }) => record);
    if (records.length > pageSize) throw new Error(`A page of ${records.length} entries.`);
    if (from === 'end') all.unshift(...records);
    else all.push(...records);
    if (from === 'end' ? !page.hasPrevious : !page.hasNext) return all;
    const next = encodeCursor([[id, from === 'end' ? page.start : page.end]]);
    if (next === cursor) throw new Error('A page led to itself.');
    cursor = next;
  }
}
