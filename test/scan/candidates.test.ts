import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Candidates } from '../../src/scan/candidates.ts';
import type { Piece } from '../../src/scan/piece.ts';
import { temporaryDirectory } from '../support/engine.ts';

/** A piece of a file with this content, as it was when the file was longer. */
async function pieceOf(content: string, end: number): Promise<Piece> {
  const path = join(await temporaryDirectory(), 'app.log');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return {
    fd,
    identity: { inode: 1, bornAt: 1 },
    prefix: Buffer.from(content),
    encoding: 'UTF-8',
    start: 0,
    end,
    detected: { format: 'TEXT', layout: null },
    parse: { timezone: 'UTC', writtenBefore: 0 },
    maxRecordBytes: 2 ** 20,
    timeBeforeFile: null,
    cancelled: new Int32Array(1),
  };
}

test.each([
  ['in a line', 'one\ntwo\npart', ['one', 'two', 'part']],
  ['in its only line', 'part', ['part']],
  ['after a line', 'one\ntwo\n', ['one', 'two']],
  ['at its beginning', '', []],
])('a piece of a file that was cut meanwhile comes to an end: %s', async (_where, content, lines) => {
  const found: string[] = [];
  let portions = 0;
  for await (const records of new Candidates(await pieceOf(content, 10_000_000), null, null).portions()) {
    found.push(...records.map(({ raw }) => raw));
    if (++portions > 10) throw new Error('It does not end.');
  }
  expect(found).toEqual(lines);
});
