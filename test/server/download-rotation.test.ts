import { copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { begin, type Downloaded, linkTo, rest } from '../support/download.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Lines of 10,000 bytes. */
const longLines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `request ${from + index} `.padEnd(9999, 'x'))
    .join('\n')
    .concat('\n');

/** More than sockets hold on their way: so its reader is still within it when the client has read a little. */
const large = longLines(0, 4000);
const small = longLines(4000, 200);
const later = longLines(4200, 10);

async function compress(path: string, to: string): Promise<void> {
  await writeFile(to, gzipSync(await readFile(path)));
  await rm(path);
}

/** As logrotate does with `copytruncate`. */
async function copyAndEmpty(path: string, to: string): Promise<void> {
  await copyFile(path, to);
  await truncate(path);
}

/** Downloads while `change` is made: it begins when some of the answer was read. */
async function during(
  files: { [name: string]: string },
  filter: object | undefined,
  change: (path: TestServer['path']) => Promise<void>,
): Promise<Downloaded> {
  const server = await startTestServer({ files });
  const response = await begin(await linkTo(server, 'app.log', filter));
  await new Promise((resolve) => response.once('readable', resolve));
  await change(server.path);
  return rest(response);
}

describe.each([undefined, { contains: 'request' }])('with filter %j, a download', (filter) => {
  const everything = Buffer.from(large + small);

  test.each<[string, (path: TestServer['path']) => Promise<void>]>([
    [
      'renamed',
      async (path) => {
        await rename(path('app.log.1'), path('app.log.2'));
        await rename(path('app.log'), path('app.log.1'));
        await writeFile(path('app.log'), later);
      },
    ],
    [
      'renamed and compressed',
      async (path) => {
        await compress(path('app.log.1'), path('app.log.2.gz'));
        await compress(path('app.log'), path('app.log.1.gz'));
        await writeFile(path('app.log'), later);
      },
    ],
    [
      'copied and emptied',
      async (path) => {
        await rename(path('app.log.1'), path('app.log.2'));
        await copyAndEmpty(path('app.log'), path('app.log.1'));
        await writeFile(path('app.log'), later, { flag: 'a' });
      },
    ],
  ])('goes on when the files were %s meanwhile', { timeout: 60_000 }, async (_how, change) => {
    const { body, complete } = await during({ 'app.log.1': large, 'app.log': small }, filter, change);
    expect(complete).toBe(true);
    expect(body.length).toBe(everything.length);
    expect(body.equals(everything)).toBe(true);
  });

  test('gives nothing twice, and all of it, when a copy of the last file is only half made', {
    timeout: 60_000,
  }, async () => {
    const { body, complete } = await during({ 'app.log.1': large, 'app.log': small }, filter, async (path) => {
      await rename(path('app.log.1'), path('app.log.2'));
      await writeFile(path('app.log.1'), small.slice(0, 1_005_184));
    });
    expect(complete).toBe(true);
    expect(body.length).toBe(everything.length);
    expect(body.equals(everything)).toBe(true);
  });

  test('goes on in the copy when the file that it reads was emptied', { timeout: 60_000 }, async () => {
    const { body, complete } = await during({ 'app.log': large }, filter, async (path) => {
      await copyAndEmpty(path('app.log'), path('app.log.1'));
      await writeFile(path('app.log'), later, { flag: 'a' });
    });
    expect(complete).toBe(true);
    expect(body.equals(Buffer.from(large))).toBe(true);
  });

  test.each<[string, (path: TestServer['path']) => Promise<void>]>([
    ['emptied', (path) => truncate(path('app.log.1'))],
    ['written anew', (path) => writeFile(path('app.log.1'), later.repeat(500))],
  ])('is cut when the file that it reads was %s', { timeout: 60_000 }, async (_how, change) => {
    const { body, complete } = await during({ 'app.log.1': large, 'app.log': small }, filter, change);
    expect(complete).toBe(false);
    expect(large.startsWith(body.toString())).toBe(true);
  });

  test('is cut when the last file was deleted', { timeout: 60_000 }, async () => {
    const { body, complete } = await during({ 'app.log.1': large, 'app.log': small }, filter, async (path) => {
      await rm(path('app.log'));
      await writeFile(path('app.log'), later);
    });
    expect(complete).toBe(false);
    expect(everything.toString().startsWith(body.toString())).toBe(true);
  });
});
