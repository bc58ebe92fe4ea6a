import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { afterAll } from 'vitest';
import type { S3Config } from '../../src/config.ts';

/** An object store of its own on a free port, which keeps everything in a directory; gone when the test file has run. */
export async function startS3(): Promise<S3Config & { directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'tailql-s3-'));
  const bucket = 'logs';
  const options = { port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets: [{ name: bucket }] };
  const server = new S3rver(options);
  const { port } = await server.run();
  afterAll(async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });
  const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
  return { endpoint: `http://127.0.0.1:${port}`, bucket, region: 'us-east-1', prefix: 'tailql/', ...keys, directory };
}
