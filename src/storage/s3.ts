import { createWriteStream, mkdirSync } from 'node:fs';
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { S3Config } from '../config.ts';
import { isStorageKey, type Storage, StorageError, type StorageKey } from './storage.ts';

/** Bytes of one part, and parts under way: what an upload holds in memory. S3 allows 10,000 parts of one object. */
const [partBytes, partsAtOnce] = [8 * 1024 * 1024, 2];

/**
 * An object store that speaks S3, with the bucket in the path. What is read is fetched into a directory before, and stays
 * there while there is room.
 */
export class S3Storage implements Storage {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #directory: string;
  readonly #cacheBytes: number;
  readonly #fetching = new Map<StorageKey, Promise<string | null>>();

  /** @param cache where objects are fetched to, and how many bytes of them may stay there */
  constructor(config: S3Config, cache: { directory: string; bytes: number }) {
    const { endpoint, region, accessKeyId, secretAccessKey, bucket, prefix } = config;
    const credentials = { accessKeyId, secretAccessKey };
    // Not every such server knows the checksums that are newer than the protocol.
    const checksums = {
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    } as const;
    this.#client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 3, ...checksums });
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#directory = cache.directory;
    this.#cacheBytes = cache.bytes;
    mkdirSync(cache.directory, { recursive: true, mode: 0o700 });
  }

  async put(key: StorageKey, content: AsyncIterable<Uint8Array>): Promise<number> {
    let size = 0;
    let failure: { error: unknown } | null = null;
    async function* counted() {
      try {
        for await (const bytes of content) {
          size += bytes.length;
          yield bytes;
        }
      } catch (error) {
        failure = { error };
        throw error;
      }
    }
    const body = Readable.from(counted(), { objectMode: false });
    const params = { ...this.#at(key), Body: body };
    // It aborts the whole when a part fails, so that nothing is kept.
    const upload = new Upload({ client: this.#client, params, partSize: partBytes, queueSize: partsAtOnce });
    try {
      await upload.done();
      return size;
    } catch (error) {
      await upload.abort().catch(() => {});
      if (failure !== null) throw (failure as { error: unknown }).error;
      throw cannot(error);
    }
  }

  async remove(key: StorageKey): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#at(key))).catch((error: unknown) => {
      throw cannot(error);
    });
    await rm(join(this.#directory, key), { force: true });
  }

  async sweep(): Promise<StorageKey[]> {
    const fetched = await readdir(this.#directory);
    for (const name of fetched.filter((one) => !isStorageKey(one))) await rm(join(this.#directory, name));
    const keys: StorageKey[] = [];
    for (let token: string | undefined; ; ) {
      const request = { Bucket: this.#bucket, Prefix: this.#prefix, ContinuationToken: token };
      const answer = await this.#client.send(new ListObjectsV2Command(request)).catch((error: unknown) => {
        throw cannot(error);
      });
      const names = (answer.Contents ?? []).flatMap(({ Key = '' }) => Key.slice(this.#prefix.length));
      keys.push(...names.filter(isStorageKey));
      token = answer.NextContinuationToken;
      if (token === undefined) return keys;
    }
  }

  async file(key: StorageKey): Promise<string | null> {
    const path = join(this.#directory, key);
    const now = new Date();
    // Its time of access says what to keep; that of writing belongs to the log.
    const known = await stat(path).catch(() => null);
    if (known !== null) {
      await utimes(path, now, known.mtime);
      return path;
    }
    const fetching = this.#fetching.get(key) ?? this.#fetch(key).finally(() => this.#fetching.delete(key));
    this.#fetching.set(key, fetching);
    return fetching;
  }

  async #fetch(key: StorageKey): Promise<string | null> {
    const path = join(this.#directory, key);
    try {
      const { Body: body, LastModified: time } = await this.#client.send(new GetObjectCommand(this.#at(key)));
      if (!(body instanceof Readable)) return null;
      await pipeline(body, createWriteStream(`${path}.~`, { mode: 0o600 }));
      if (time !== undefined) await utimes(`${path}.~`, new Date(), time);
      await rename(`${path}.~`, path);
    } catch (error) {
      await rm(`${path}.~`, { force: true });
      if (error instanceof Error && error.name === 'NoSuchKey') return null;
      throw cannot(error);
    }
    await this.#makeRoom(key);
    return path;
  }

  /** Removes what was asked for least lately; whoever reads it has it open. */
  async #makeRoom(latest: StorageKey): Promise<void> {
    const names = (await readdir(this.#directory)).filter(isStorageKey);
    const looked = names.map(async (name) => ({
      name,
      stats: await stat(join(this.#directory, name)).catch(() => null),
    }));
    const files = (await Promise.all(looked)).flatMap(({ name, stats }) => (stats ? [{ name, stats }] : []));
    files.sort((a, b) => b.stats.atimeMs - a.stats.atimeMs);
    let bytes = 0;
    for (const { name, stats } of files) {
      bytes += stats.size;
      if (bytes > this.#cacheBytes && name !== latest) await rm(join(this.#directory, name), { force: true });
    }
  }

  #at(key: StorageKey): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }
}

/** What the store says may have keys in it, so it is told to operators alone. */
const cannot = (error: unknown): StorageError =>
  new StorageError('unavailable', 'The object store does not take or give anything just now.', { cause: error });
