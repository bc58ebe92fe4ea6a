import { join } from 'node:path';
import type { Config } from '../config.ts';
import { DiskStorage } from './disk.ts';
import type { Storage } from './storage.ts';

/** The storage that the configuration names. The library for an object store is loaded only where there is one. */
export async function openStorage({ dataDir, storage: { s3 }, limits }: Config): Promise<Storage> {
  if (s3 === undefined) return new DiskStorage(join(dataDir, 'uploads'));
  const { S3Storage } = await import('./s3.ts');
  return new S3Storage(s3, { directory: join(dataDir, 'fetched'), bytes: limits.fetchedCacheBytes });
}
