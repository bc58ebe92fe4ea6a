import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expandSources } from '../../src/source/expand.ts';
import { temporaryDirectory } from '../support/engine.ts';

const names = async (directory: string, pattern: string) =>
  (await expandSources([{ path: join(directory, pattern), name: 'x' }])).map(({ name }) => name);

async function fill(...files: string[]): Promise<string> {
  const directory = await temporaryDirectory();
  for (const file of files) {
    mkdirSync(join(directory, file, '..'), { recursive: true });
    writeFileSync(join(directory, file), '');
  }
  return directory;
}

test('a pattern stands for the files that match it, by their place below its beginning', async () => {
  const directory = await fill('a.log', 'b.txt', 'sub/c.log', 'sub/deep/d.log');
  expect(await names(directory, '*.log')).toEqual(['x/a.log']);
  expect(await names(directory, '**/*.log')).toEqual(['x/a.log', 'x/sub/c.log', 'x/sub/deep/d.log']);
  expect(await names(directory, '{a,b}.*')).toEqual(['x/a.log', 'x/b.txt']);
});

test('rotated predecessors belong to their log, also while its current file is away', async () => {
  const directory = await fill('a.log', 'a.log.1', 'a.log.2.gz', 'a.log-20261121', 'b.log.1');
  expect(await names(directory, '*.log*')).toEqual(['x/a.log', 'x/b.log']);
  renameSync(join(directory, 'a.log'), join(directory, 'a.log.3'));
  expect(await names(directory, '*.log*')).toEqual(['x/a.log', 'x/b.log']);
  expect(await names(directory, '*.1')).toEqual(['x/a.log.1', 'x/b.log.1']);
});

test('links to files are found; what is behind links to directories is not', async () => {
  const directory = await fill('real.log', 'other/o.log', 'sub/s.log');
  symlinkSync('real.log', join(directory, 'current.log'));
  symlinkSync('..', join(directory, 'sub/loop'));
  symlinkSync('../other', join(directory, 'sub/link'));
  expect(await names(directory, '**/*.log')).toEqual(['x/current.log', 'x/other/o.log', 'x/real.log', 'x/sub/s.log']);
});

test('a path without wildcards is a log whether or not its file is there', async () => {
  const directory = await fill();
  expect(await expandSources([{ path: join(directory, 'absent.log') }])).toMatchObject([
    { name: join(directory, 'absent.log'), location: { kind: 'rotated' } },
  ]);
});
