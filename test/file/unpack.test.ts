import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import zlib, { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Packing, packingProblem } from '../../src/file/packing.ts';
import { type PackedFile, Unpacker } from '../../src/file/unpack.ts';
import { temporaryDirectory } from '../support/engine.ts';

const roomy = { maxUnpackedBytes: 1 << 30, unpackedCacheBytes: 1 << 30 };

async function setUp(limits = roomy) {
  const directory = await temporaryDirectory();
  const cache = join(directory, 'unpacked');
  const unpacker = new Unpacker(cache, limits);

  async function packed(name: string, bytes: Buffer | string, packing: Packing = 'gzip') {
    const path = join(directory, name);
    writeFileSync(path, bytes);
    const handle = await open(path);
    onTestFinished(() => handle.close());
    const { dev: device, ino: inode, size, mtimeMs: modifiedAt } = await handle.stat();
    const file: PackedFile = { packing, device, inode, size, modifiedAt };
    return { file, handle };
  }

  async function opened({ file, handle }: Awaited<ReturnType<typeof packed>>) {
    const content = await unpacker.open(file, handle);
    onTestFinished(() => content.close());
    return content;
  }

  /** What can be read of a file with these bytes, and what is wrong with it. */
  async function unpacked(bytes: Buffer | string, packing: Packing = 'gzip') {
    const one = await packed('one', bytes, packing);
    const content = await opened(one);
    return { text: (await content.readFile()).toString(), problem: unpacker.known(one.file)?.problem };
  }

  return { directory, cache, unpacker, packed, opened, unpacked };
}

/** Lines that hardly compress, so that a damage in the middle is in the middle. */
const lines = (count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${number} ${Math.sin(number + 1)} ${Math.cos(number + 1)}\n`);

const flipped = (bytes: Buffer, at: number): Buffer => {
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
  return damaged;
};

const endsTooEarly = 'It ends too early: only the whole lines before that can be read.';
const damaged = (what: string) => `It is damaged (${what}): only the whole lines before that can be read.`;
const members = (...contents: string[]) => Buffer.concat(contents.map((content) => gzipSync(content)));

describe('a gzip file is read', () => {
  test.each<[string, Buffer | string, string, string | null]>([
    ['to its end', gzipSync('one\ntwo\n'), 'one\ntwo\n', null],
    ['with a last line without newline', gzipSync('one\ntwo'), 'one\ntwo', null],
    ['when nothing is in it', gzipSync(''), '', null],
    ['over all its members', members('one\n', '', 'two\nth', 'ree\n'), 'one\ntwo\nthree\n', null],
    [
      'without the zeros that it is padded with',
      Buffer.concat([members('one\n'), Buffer.alloc(50_000)]),
      'one\n',
      null,
    ],
    ['up to where it was cut off', gzipSync('one\ntwo\nthree').subarray(0, -1), 'one\ntwo\n', endsTooEarly],
    ['when it has no bytes', '', '', endsTooEarly],
    [
      'up to another thing',
      Buffer.concat([members('one\n'), Buffer.from('two\n')]),
      'one\n',
      damaged('incorrect header check'),
    ],
    [
      'although its checksum is wrong',
      flipped(gzipSync('one\ntwo\n'), 23),
      'one\ntwo\n',
      damaged('incorrect data check'),
    ],
    ['not at all when it is none', 'one\ntwo\n', '', damaged('incorrect header check')],
  ])('%s', async (_how, bytes, text, problem) => {
    const { unpacked } = await setUp();
    expect(await unpacked(bytes)).toEqual({ text, problem });
  });

  test('up to the byte that is damaged, in whole lines', async () => {
    const { unpacked } = await setUp();
    const text = lines(20_000).join('');
    // Stored blocks: five bytes that say how many follow, and these as they are.
    const stored = gzipSync(text, { level: 0 });
    let [block, intact] = [10, 0];
    while (intact < 500_000) {
      const length = stored.readUInt16LE(block + 1);
      block += 5 + length;
      intact += length;
    }
    const wholeLines = text.slice(0, text.lastIndexOf('\n', intact - 1) + 1);
    const problem = damaged('invalid stored block lengths');
    expect(await unpacked(flipped(stored, block + 3))).toEqual({ text: wholeLines, problem });
  });

  test('up to every byte at which it may have been cut off', async () => {
    const { unpacked } = await setUp();
    const text = lines(30).join('');
    const whole = gzipSync(text);
    let before = -1;
    for (let length = 0; length < whole.length; length += 7) {
      const { text: read, problem } = await unpacked(whole.subarray(0, length));
      expect(problem).toBe(endsTooEarly);
      expect(text.startsWith(read) && (read === '' || read.endsWith('\n'))).toBe(true);
      expect(read.length).toBeGreaterThanOrEqual(before);
      before = read.length;
    }
    expect(before).toBe(text.length);
  });

  test('up to the limit, when it expands beyond', async () => {
    const { unpacked, cache } = await setUp({ ...roomy, maxUnpackedBytes: 100_000 });
    const bomb = gzipSync(Buffer.concat([Buffer.from('one\ntwo\n'), Buffer.alloc(50 << 20)]));
    const { text, problem } = await unpacked(bomb);
    expect(text).toBe('one\ntwo\n');
    expect(problem).toMatch(/^Its content is longer than 100000 bytes: .* raise "limits.maxUnpackedBytes"/);
    expect(readdirSync(cache).map((name) => statSync(join(cache, name)).size)).toEqual([8]);
  });
});

describe('a zstd file', () => {
  const compress: unknown = 'zstdCompressSync' in zlib ? zlib.zstdCompressSync : null;

  test.skipIf(typeof compress !== 'function')('is read to its end (skipped: this Node has no zstd)', async () => {
    const { unpacked } = await setUp();
    const bytes: unknown = typeof compress === 'function' ? compress(Buffer.from('one\ntwo\n')) : null;
    if (!(bytes instanceof Buffer)) throw new Error('No bytes.');
    expect(await unpacked(bytes, 'zstd')).toEqual({ text: 'one\ntwo\n', problem: null });
    expect(await unpacked(Buffer.concat([bytes, bytes]), 'zstd')).toMatchObject({ text: 'one\ntwo\none\ntwo\n' });
    expect((await unpacked('no zstd\n', 'zstd')).problem).toMatch(/^It is damaged/);
  });

  test.skipIf(typeof compress === 'function')('is refused where Node has no zstd (skipped: it has)', async () => {
    const { unpacked } = await setUp();
    expect(packingProblem('zstd')).toMatch(/from version 22.15/);
    await expect(unpacked('', 'zstd')).rejects.toMatchObject({
      refusal: 'UNREADABLE',
      message: packingProblem('zstd'),
    });
  });
});

describe('unpacking', () => {
  test('is done once for all who wait, and for those who come later', async () => {
    const { packed, opened, cache } = await setUp();
    const one = await packed('one', gzipSync(lines(10_000).join('')));
    const contents = await Promise.all(Array.from({ length: 10 }, () => opened(one)));
    contents.push(await opened(one));
    const files = await Promise.all(contents.map(async (content) => (await content.stat()).ino));
    expect(new Set(files).size).toBe(1);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  test('is done again when the file has changed', async () => {
    const { packed, opened } = await setUp();
    expect(`${await (await opened(await packed('one', gzipSync('old\n')))).readFile()}`).toBe('old\n');
    expect(`${await (await opened(await packed('one', gzipSync('newer\n')))).readFile()}`).toBe('newer\n');
  });

  test('keeps what was used last, and leaves what is open readable', async () => {
    const text = lines(1000).join('');
    const { packed, opened, cache } = await setUp({ ...roomy, unpackedCacheBytes: 2 * text.length });
    const [a, b, c] = [
      await packed('a', gzipSync(text)),
      await packed('b', gzipSync(text)),
      await packed('c', gzipSync(text)),
    ];
    const inodes = () => readdirSync(cache).map((name) => statSync(join(cache, name)).ino);
    const inodeOf = async (one: typeof a) => (await (await opened(one)).stat()).ino;
    await inodeOf(a);
    const old = await opened(b);
    const first = await inodeOf(a);
    const third = await inodeOf(c);
    expect(inodes().sort()).toEqual([first, third].sort());
    expect(`${await old.readFile()}`).toBe(text);
    expect(`${await (await opened(b)).readFile()}`).toBe(text);
  });

  test('is done again when somebody removed what was kept', async () => {
    const { packed, opened, cache } = await setUp();
    const one = await packed('one', gzipSync('one\n'));
    await opened(one);
    rmSync(cache, { recursive: true });
    expect(`${await (await opened(one)).readFile()}`).toBe('one\n');
  });

  test('leaves nothing but what the server alone can read, and nothing once it has stopped', async () => {
    const { packed, opened, unpacker, cache } = await setUp();
    await opened(await packed('one', gzipSync('one\n')));
    const modes = [cache, ...readdirSync(cache).map((name) => join(cache, name))].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600]);
    await unpacker.close();
    await expect(stat(cache)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('tells when the file was written, not when it was unpacked', async () => {
    const { packed, opened } = await setUp();
    const { file, handle } = await packed('one', gzipSync('one\n'));
    await handle.utimes(1_000_000, 1_000_000);
    const content = await opened({ file: { ...file, modifiedAt: 1_000_000_000 }, handle });
    expect((await content.stat()).mtimeMs).toBe(1_000_000_000);
  });

  test('ends when the server stops', async () => {
    const member = gzipSync(Buffer.alloc(32 << 20));
    const endless = Buffer.concat(Array.from({ length: 1000 }, () => member));
    const { packed, unpacker, cache } = await setUp();
    const { file, handle } = await packed('one', endless);
    const content = unpacker.open(file, handle).then(
      () => 'done',
      (error: unknown) => String(error),
    );
    await expect.poll(() => readdirSync(cache), { interval: 5, timeout: 30_000 }).toHaveLength(1);
    await unpacker.close();
    expect(await content).toContain('The server is stopping.');
    await expect(stat(cache)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test('a look at the beginning reads no more, and writes nothing', async () => {
  const { packed, unpacker, cache } = await setUp();
  const text = lines(100_000).join('');
  const whole = gzipSync(text);
  const { file, handle } = await packed('one', Buffer.concat([whole.subarray(0, 20_000), Buffer.alloc(10_000)]));
  expect(await unpacker.peek(file, handle)).toEqual({
    beginning: Buffer.from(text.slice(0, 255)),
    size: null,
    problem: null,
  });
  expect(unpacker.known(file)).not.toBeNull();
  await expect(stat(cache)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a look at the beginning of a short file tells all of it', async () => {
  const { packed, unpacker } = await setUp();
  const short = await packed('short', gzipSync('one\n'));
  expect(await unpacker.peek(short.file, short.handle)).toMatchObject({ size: 4, problem: null });
  const cut = await packed('cut', gzipSync('one\ntwo').subarray(0, -8));
  const content = { beginning: Buffer.from('one\n'), size: 4, problem: endsTooEarly };
  expect(await unpacker.peek(cut.file, cut.handle)).toEqual(content);
});
