import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { packingProblem } from '../../src/file/packing.ts';
import { all, cursorOf, first, rawOf, second, setUp, third } from './segments.ts';

describe('a segment that cannot be read as a whole says why, and the rest of the log is read:', () => {
  const some = gzipSync(second);
  const wrong = Buffer.from(some);
  wrong.writeUInt8(wrong.readUInt8(wrong.length - 6) ^ 0xff, wrong.length - 6);

  test.each<[string, Buffer, string[], RegExp]>([
    ['cut off', some.subarray(0, -3), all.slice(10, 20), /^It ends too early/],
    ['without bytes', Buffer.alloc(0), [], /^It ends too early/],
    ['with a wrong checksum', wrong, all.slice(10, 20), /^It is damaged \(incorrect data check\)/],
    ['not compressed at all', Buffer.from(second), [], /^It is damaged \(incorrect header check\)/],
    [
      'a bomb',
      gzipSync(Buffer.concat([Buffer.from(second), Buffer.alloc(8 << 20)])),
      all.slice(10, 20),
      /limits.maxUnpackedBytes/,
    ],
  ])('%s', async (_what, bytes, entries, problem) => {
    const { raw, problems } = await setUp(
      { '.2.gz': gzipSync(first), '.1.gz': bytes, '': third },
      { limits: { maxUnpackedBytes: 100_000 } },
    );
    const expected = [...all.slice(0, 10), ...entries, ...all.slice(20, 33)];
    expect(await raw({ take: { first: 100 } })).toEqual(expected);
    expect(await raw({ take: { last: 100 } })).toEqual(expected);
    expect(await problems()).toEqual({
      'app.log.2.gz': null,
      'app.log.1.gz': expect.stringMatching(problem),
      'app.log': null,
    });
  });

  test('a link to a file that the configuration does not allow', async () => {
    const { directory, path, raw, problems } = await setUp({ '': third });
    mkdirSync(join(directory, 'secret'));
    writeFileSync(join(directory, 'secret/app.log.1.gz'), gzipSync(second));
    symlinkSync(join(directory, 'secret/app.log.1.gz'), `${path}.1.gz`);
    expect(await raw({ take: { first: 100 } })).toEqual(all.slice(20, 33));
    expect(await problems()).toMatchObject({ 'app.log.1.gz': expect.stringContaining('does not allow') });
  });

  test.skipIf(packingProblem('zstd') === null)('zstd where Node has none (skipped: it has)', async () => {
    const { page, problems } = await setUp({ '.1.zst': 'anything', '': third });
    expect(rawOf((await page({ take: { last: 100 } })).entries)).toEqual(all.slice(20, 33));
    expect(await page({ take: { last: 13 } })).toMatchObject({ hasPrevious: false });
    expect(await problems()).toEqual({ 'app.log.1.zst': packingProblem('zstd'), 'app.log': null });
  });
});

test.skipIf(packingProblem('zstd') !== null)(
  'segments compressed with zstd are read (skipped: this Node has no zstd)',
  async () => {
    const { path, page, raw } = await setUp({ '.1': first, '': second });
    const { entries } = await page({ take: { first: 5 } });
    execFileSync('zstd', ['-q', '--rm', `${path}.1`]);
    expect(await raw({ take: { first: 100 } })).toEqual(all.slice(0, 20));
    expect(await raw({ after: entries.map(cursorOf).at(-1), take: { first: 100 } })).toEqual(all.slice(5, 20));
  },
);
