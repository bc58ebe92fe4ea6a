import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { S3Config } from '../../src/config.ts';
import { DiskStorage } from '../../src/storage/disk.ts';
import { S3Storage } from '../../src/storage/s3.ts';
import { type Storage, StorageError, storageKey } from '../../src/storage/storage.ts';
import { temporaryDirectory } from '../support/engine.ts';
import { startS3 } from './s3.ts';

const { directory: _kept, ...s3 } = await startS3();
const newKey = () => storageKey(`${randomUUID()}.log`);
const cacheBytes = 1_000_000;

const storages: [string, () => Promise<{ storage: Storage; again: () => Storage }>][] = [
  [
    'a disk',
    async () => {
      const directory = join(await temporaryDirectory(), 'uploads');
      return { storage: new DiskStorage(directory), again: () => new DiskStorage(directory) };
    },
  ],
  [
    'an object store',
    async () => {
      const own = { ...s3, prefix: `${randomUUID()}/` };
      const directory = join(await temporaryDirectory(), 'fetched');
      const open = () => new S3Storage(own, { directory, bytes: cacheBytes });
      return { storage: open(), again: open };
    },
  ],
];

async function* portions(count: number, bytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(bytes, 97 + (index % 26));
}

async function* broken(count: number): AsyncGenerator<Uint8Array> {
  yield* portions(count);
  throw new Error('The sender is gone.');
}

const textOf = async (storage: Storage, key = newKey()) => {
  const path = await storage.file(key);
  return path === null ? null : await readFile(path);
};

describe.each(storages)('on %s', (_name, open) => {
  test.each([0, 1, 3, 400])('what was put in %i portions is there as it was', async (count) => {
    const { storage, again } = await open();
    const key = newKey();
    const parts: Uint8Array[] = [];
    for await (const part of portions(count)) parts.push(part);
    const expected = Buffer.concat(parts);
    expect(await storage.put(key, portions(count))).toBe(expected.length);
    expect((await textOf(storage, key))?.equals(expected)).toBe(true);
    expect((await textOf(again(), key))?.equals(expected)).toBe(true);
    expect(await again().sweep()).toEqual([key]);
  });

  test.each([0, 1, 400])('what ends in the middle, after %i portions, leaves nothing', async (count) => {
    const { storage, again } = await open();
    const key = newKey();
    await expect(storage.put(key, broken(count))).rejects.toThrow('The sender is gone.');
    expect(await textOf(storage, key)).toBeNull();
    expect(await again().sweep()).toEqual([]);
  });

  test('what is removed is gone, and may be removed again', async () => {
    const { storage, again } = await open();
    const [key, other] = [newKey(), newKey()];
    await storage.put(key, portions(2));
    await storage.put(other, portions(1));
    await textOf(storage, key);
    for (const one of [key, key, newKey()]) await storage.remove(one);
    expect(await textOf(storage, key)).toBeNull();
    expect(await again().sweep()).toEqual([other]);
  });

  test('many are put and read at the same time', async () => {
    const { storage } = await open();
    const keys = Array.from({ length: 20 }, newKey);
    await Promise.all(keys.map((key, index) => storage.put(key, portions(index + 1, 1000))));
    const read = await Promise.all([...keys, ...keys].map((key) => textOf(storage, key)));
    expect(read.map((bytes) => bytes?.length)).toEqual([...keys, ...keys].map((_, index) => ((index % 20) + 1) * 1000));
  });

  test('nothing is there under a name that was never given', async () => {
    const { storage } = await open();
    expect(await storage.file(newKey())).toBeNull();
    for (const name of ['../secret.key', 'a.log', `${randomUUID()}.exe`, '', `${randomUUID()}.log/../x`]) {
      expect(() => storageKey(name)).toThrow(TypeError);
    }
  });
});

describe('an object store', () => {
  const storageAt = async (config: S3Config) => {
    const directory = join(await temporaryDirectory(), 'fetched');
    return { storage: new S3Storage(config, { directory, bytes: cacheBytes }), directory };
  };

  test('of which the keys are wrong, or that is not there, says so, and nothing of the keys', async () => {
    const secretAccessKey = 'a-secret-that-nobody-may-see';
    const wrong = { ...s3, accessKeyId: 'nobody', secretAccessKey };
    for (const config of [wrong, { ...s3, endpoint: 'http://127.0.0.1:9', secretAccessKey }]) {
      const { storage } = await storageAt(config);
      const tries = [storage.put(newKey(), portions(1)), storage.sweep(), storage.file(newKey())];
      for (const tried of await Promise.allSettled<unknown>(tries)) {
        const reason: unknown = tried.status === 'rejected' ? tried.reason : null;
        expect(reason).toBeInstanceOf(StorageError);
        expect(JSON.stringify(reason) + String(reason)).not.toContain(secretAccessKey);
      }
    }
  });

  test('that fails now and then is asked again', async () => {
    let asked = 0;
    const { port } = new URL(s3.endpoint);
    const flaky = createServer((request, response) => {
      if (asked++ % 2 === 0) {
        response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
        return;
      }
      const target = `http://127.0.0.1:${port}${request.url}`;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const { host: _host, connection: _connection, ...headers } = request.headers;
        const method = request.method ?? 'GET';
        const body = method === 'GET' ? undefined : new Uint8Array(Buffer.concat(chunks));
        const sent = Object.entries(headers).flatMap(([name, value]) =>
          typeof value === 'string' && !['content-length', 'expect'].includes(name) ? [[name, value]] : [],
        );
        const answer = await fetch(target, { method, headers: Object.fromEntries(sent), ...(body && { body }) });
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    });
    await new Promise<void>((resolve) => flaky.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      flaky.close();
    });
    const address = flaky.address();
    const flakyPort = typeof address === 'object' && address !== null ? address.port : 0;
    const { storage } = await storageAt({ ...s3, endpoint: `http://127.0.0.1:${flakyPort}` });
    // Whatever it makes of the signature: it was asked more than once.
    await storage.put(newKey(), portions(1)).catch(() => {});
    expect(asked).toBeGreaterThan(1);
  });

  test('is fetched from once, and no more is kept than there is room for', async () => {
    const { storage, directory } = await storageAt({ ...s3, prefix: `${randomUUID()}/` });
    const keys = [newKey(), newKey(), newKey()];
    for (const key of keys) await storage.put(key, portions(10, 60_000));
    const paths = await Promise.all(Array.from({ length: 5 }, () => storage.file(keys[0] ?? newKey())));
    expect(new Set(paths).size).toBe(1);
    for (const key of keys) await storage.file(key);
    expect(readdirSync(directory)).toEqual([keys[2]]);
    expect((await textOf(storage, keys[0]))?.length).toBe(600_000);
  });
});
