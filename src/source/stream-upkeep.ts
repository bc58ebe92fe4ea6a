import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { forgetOld } from '../append/request.ts';
import { compress, retain } from '../append/upkeep.ts';
import type { PrismaClient } from '../db/client.ts';
import type { ChainFile } from '../file/listing.ts';
import type { AuditTrail } from './audit-trail.ts';
import { streamLocation } from './owned-logs.ts';

interface Surroundings {
  client: PrismaClient;
  dataDir: string;
}

/** Removes what streams are not to keep any longer, and compresses what is old. */
export async function keepStreams({ client, dataDir }: Surroundings, trail: AuditTrail): Promise<void> {
  await forgetOld(client);
  for (const { source, ...retention } of await client.stream.findMany({ include: { source: true } })) {
    const location = streamLocation(dataDir, source);
    const isChain = location.kind === 'daily';
    const before = (files: ChainFile[]) => (isChain ? trail.anchor(source, files) : Promise.resolve());
    await retain(location, retention, { now: Date.now(), before });
    await compress(location, Date.now());
  }
}

/** Removes what is there of streams that are there no more, for a server was stopped in the middle of it. */
export async function sweepStreams({ client, dataDir }: Surroundings): Promise<void> {
  const directory = join(dataDir, 'streams');
  const rows = await client.stream.findMany({ select: { sourceId: true } });
  const ids = new Set(rows.map(({ sourceId }) => sourceId));
  for (const name of await readdir(directory).catch(() => [])) {
    if (!ids.has(name)) await rm(join(directory, name), { recursive: true });
  }
}
