import { join } from 'node:path';
import type { Segmentation } from '../append/appender.ts';
import { listFiles } from '../file/listing.ts';
import type { Limits } from '../limits.ts';
import type { AuditTrail } from './audit-trail.ts';
import { streamLocation } from './owned-logs.ts';
import type { Source } from './source.ts';

/** Which files a stream is written to: an audit stream one for each day (UTC), any other one until it is full. */
export function segmentationOf(
  source: Source,
  { dataDir, limits, trail }: { dataDir: string; limits: Pick<Limits, 'streamSegmentBytes'>; trail: AuditTrail },
): Segmentation {
  const location = streamLocation(dataDir, source);
  if (location.kind !== 'daily') {
    const { path } = location;
    return { path: () => path, last: async () => path, maxBytes: limits.streamSegmentBytes, tip: null };
  }
  const { directory, prefix, suffix } = location;
  const day = (now: number) => new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  return {
    path: (now) => join(directory, `${prefix}${day(now)}${suffix}`),
    last: async () => {
      const file = (await listFiles(location)).at(-1);
      return file?.packing === null ? file.path : null;
    },
    maxBytes: null,
    tip: () => trail.tip(source),
  };
}
