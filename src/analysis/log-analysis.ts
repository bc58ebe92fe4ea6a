import { encodeCursor } from '../cursor.ts';
import type { Position } from '../entry.ts';
import type { Scale } from '../history/histogram.ts';
import type { Sought } from '../history/scan.ts';
import type { Examined } from '../scan/piece.ts';
import type { ScanPool } from '../scan/pool.ts';
import type { Log } from '../source/log.ts';
import { scaleFor } from '../summaries.ts';
import { examined, Findings, packed } from './findings.ts';
import { reportBuckets } from './report.ts';

/** Parts that are held at once: of a log in which no two lines are alike each is some megabytes. */
const mostParts = 8;

/** The scale of a log in which no entry has a time. */
const timeless: Scale = { from: 0, bucketMs: 1000, buckets: 1 };

/** How far an analysis is. */
export interface Progress {
  bytesRead: number;
  bytesTotal: number;
  entries: number;
  /** Cursors of the places between which it looks; null in a log in which nothing stands. */
  fromCursor: string | null;
  toCursor: string | null;
}

/**
 * What a log consists of, as JSON of a `Report`. The work is done in threads; here parts are only passed on.
 *
 * @param progress is kept up to date meanwhile
 * @throws as `examine`
 */
export async function analyseLog(log: Log, sought: Sought, pool: ScanPool, progress: Progress): Promise<string> {
  const sourceId = log.source.id;
  const scale = (await scaleFor([log], sought.filter, reportBuckets)) ?? timeless;
  const cursor = (position: Position | null) => position && encodeCursor([[sourceId, position]]);
  let parts: Uint8Array<ArrayBuffer>[] = [];
  await log.examine<Examined>(sought, {
    begin({ bytes, from, to }) {
      parts = [];
      Object.assign(progress, { bytesRead: 0, bytesTotal: bytes, entries: 0 });
      Object.assign(progress, { fromCursor: cursor(from), toCursor: cursor(to) });
    },
    piece: (task) => pool.run({ ...task, kind: 'examine', scale }),
    joint(records) {
      const findings = new Findings(scale);
      for (const record of records) findings.see(examined(record, record.time));
      return { part: packed(findings), entries: records.length };
    },
    async take({ part, entries }, bytes) {
      parts.push(part);
      progress.bytesRead += bytes;
      progress.entries += entries;
      if (parts.length >= mostParts) parts = [await pool.run({ kind: 'fold', parts, scale })];
    },
  });
  return pool.run({ kind: 'conclude', parts, scale, sourceId, format: await log.format() });
}
