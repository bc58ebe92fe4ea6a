import { afterAll, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import { bytesOf } from '../../src/download/bytes.ts';
import { recordTextOf } from '../../src/download/records.ts';
import type { Chain } from '../../src/file/chain.ts';
import { compileFilter } from '../../src/filter/compile.ts';
import { detect } from '../../src/format/detect.ts';
import { ScanPool } from '../../src/scan/pool.ts';
import { copiedMeanwhile } from '../support/interrupted-chain.ts';

const { limits } = defaultConfig();
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `request ${from + index}\n`).join('');
const [older, newer] = [lines(0, 60), lines(60, 100)];

/** What is written once the log was emptied: less than there was, and more. */
const written = { little: 'request of later\n', much: 'request of later\n'.repeat(100) };

const pool = new ScanPool();
afterAll(() => pool.close());

function recordsOf(chain: Chain): AsyncGenerator<Uint8Array, void> {
  const input = { contains: 'request' };
  const filter = compileFilter(input, limits, []);
  const detected = detect([], 'TEXT');
  const sieve = { filter, input, signal: null, limits, detected, timezone: 'UTC', pool };
  return recordTextOf(chain, { begins: null, maxRecordBytes: limits.maxRecordBytes }, sieve);
}

const downloads = {
  bytes: (chain: Chain): AsyncGenerator<Uint8Array, void> => bytesOf(chain, new AbortController().signal),
  records: recordsOf,
};

test.each(
  [downloads.bytes, downloads.records].flatMap((download) =>
    [written.little, written.much].flatMap((later) => [0, 1, 2, 3].map((apart) => ({ download, later, apart }))),
  ),
)(
  'a log is downloaded whole, at whatever moment it is copied and emptied (%#)',
  {
    timeout: 60_000,
  },
  async ({ download, later, apart }) => {
    for (let from = 0; ; from++) {
      const chain = await copiedMeanwhile({ older, newer, later }, { from, apart });
      let text = '';
      for await (const portion of download(chain)) text += Buffer.from(portion).toString();
      // Up to where it ended when that was asked, which may have been when it was emptied already.
      expect([older + newer, older + newer + later]).toContain(text);
      if (chain.change === 'nothing') return;
    }
  },
);
