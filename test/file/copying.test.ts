import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Chain } from '../../src/file/chain.ts';
import { progressOf } from '../../src/file/copying.ts';
import { type ChainFile, lookAt } from '../../src/file/listing.ts';
import { Unpacker } from '../../src/file/unpack.ts';
import { temporaryDirectory } from '../support/engine.ts';
import { openIn } from '../support/open-files.ts';

/** A log that was just copied, as both were listed, and what can be told of them since. */
async function setUp() {
  const directory = await temporaryDirectory();
  const path = join(directory, 'app.log');
  writeFileSync(path, 'one\ntwo\n');
  copyFileSync(path, `${path}.1`);
  const unpacker = new Unpacker(join(directory, 'unpacked'), { unpackedCacheBytes: 1, maxUnpackedBytes: 1 });
  const chain = new Chain({ kind: 'rotated', path }, () => true, unpacker);
  const listed = async (name: string): Promise<ChainFile> => {
    const file = await lookAt(directory, name);
    if (file === null) throw new Error(`There is no ${name}.`);
    return file;
  };
  const [copy, original] = [await listed('app.log.1'), await listed('app.log')];
  const progress = () => progressOf(copy, original, { directory, open: (file) => chain.openReadable(file) });
  return { directory, path, progress };
}

test.each([
  ['as it was', 'being made', () => {}],
  ['emptied', 'unclear', (path: string) => truncateSync(path)],
  ['emptied and written to again, to more than before', 'made', (path: string) => writeFileSync(path, 'x'.repeat(99))],
  ['written to', 'being made', (path: string) => appendFileSync(path, 'three\n')],
])('where the original is %s, the copy is %s', async (_how, expected, change) => {
  const { path, progress } = await setUp();
  change(path);
  expect(await progress()).toBe(expected);
});

test.each(['app.log', 'app.log.1'])('nothing stays open when %s was renamed meanwhile', async (name) => {
  const { directory, progress } = await setUp();
  renameSync(join(directory, name), join(directory, 'elsewhere'));
  await expect(progress()).rejects.toThrow();
  expect(openIn(directory)).toEqual([]);
});
