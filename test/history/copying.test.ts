import { appendFileSync, copyFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Position } from '../../src/entry.ts';
import { readPage } from '../../src/history/page.ts';
import { lossAfter } from '../../src/loss.ts';
import { copiedMeanwhile } from '../support/interrupted-chain.ts';
import { all, first, second, setUp, third } from './segments.ts';

test('a log that is copied has every entry once: while the copy is made, when it is made, and when the log was emptied', async () => {
  const { path, pages, segments } = await setUp({ '': first });
  const raw = async () => (await pages('beginning', 7)).map(({ record }) => record.raw);
  const names = async () => (await segments()).map(({ name }) => name);
  const lines = all.slice(0, 10);
  for (const length of [0, 1, first.length - 3, first.length]) {
    writeFileSync(`${path}.1`, first.slice(0, length));
    expect(await raw()).toEqual(lines);
    expect(await names()).toEqual(['app.log']);
  }
  // What is written between the copying and the emptying is in the log, for as long as it is there.
  appendFileSync(path, 'between\n');
  expect(await raw()).toEqual([...lines, 'between']);
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  expect(await raw()).toEqual([...lines, 'between']);
  appendFileSync(path, second);
  expect(await raw()).toEqual([...lines, 'between', ...all.slice(10, 20)]);
  expect(await names()).toEqual(['app.log.1', 'app.log']);
});

test('a copy that is no longer written to stays, also when the log begins again as it did', async () => {
  const { path, pages } = await setUp({ '': 'same\n' });
  copyFileSync(path, `${path}.1`);
  utimesSync(`${path}.1`, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
  truncateSync(path);
  appendFileSync(path, 'same\nsame\n');
  expect((await pages('end', 5)).map(({ record }) => record.raw)).toEqual(['same', 'same', 'same']);
});

const limits = {
  begins: null,
  maxRecordBytes: 1000,
  searchBytesPerPage: 1_000_000,
  searchMsPerPage: 60_000,
  scanBytesPerPage: 1_000_000,
};

test.each([{ first: 100 }, { last: 100 }].flatMap((take) => [0, 1, 2, 3].map((apart) => ({ take, apart }))))(
  'a page has every entry, at whatever moment the log is copied and emptied: %j',
  async ({ take, apart }) => {
    for (let from = 0; ; from++) {
      const chain = await copiedMeanwhile({ older: first, newer: second, later: third }, { from, apart });
      const page = await readPage(chain, { after: null, before: null, take, sieve: null }, limits);
      // What was written later may be there as well.
      expect([all.slice(0, 20), all.slice(0, 33)]).toContainEqual(page.records.map(({ record }) => record.raw));
      if (chain.change === 'nothing') return;
    }
  },
);

test.each([0, 1, 2, 3])(
  'after a place that is gone the log goes on with all it has, at whatever moment it is copied and emptied (%i)',
  async (apart) => {
    const segment = { inode: 1, bornAt: Date.now() - 60_000, prefixLength: 4, prefixHash: 1 };
    const gone: Position = { segment, offset: 4, length: 0, marker: 1 };
    for (let from = 0; ; from++) {
      const chain = await copiedMeanwhile({ older: '', newer: second, later: third }, { from, apart });
      const { to } = await lossAfter(chain, gone, [], 'given');
      const page = await readPage(chain, { after: to, before: null, take: { first: 100 }, sieve: null }, limits);
      expect([all.slice(10, 20), all.slice(10, 33)]).toContainEqual(page.records.map(({ record }) => record.raw));
      if (chain.change === 'nothing') return;
    }
  },
);
