import { appendFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { textOf } from '../support/entries.ts';
import { next, rawOf, setUp } from './segments.ts';

/** As MariaDB 10.11 writes them; the second has no time, for its second is that of the one before. */
const records = [
  ['# Time: 261121 10:50:54', '# User@Host: shop[shop] @ localhost []', 'SELECT 1;'],
  ['# User@Host: root[root] @ localhost []', 'SELECT 2;'],
  ['# Time: 261121 10:52:01', '# User@Host: shop[shop] @ localhost []', 'SELECT 3;'],
].map((lines, index) => [
  ...lines.slice(0, -1),
  `# Thread_id: 3${index}  Schema: shop  QC_hit: No`,
  '# Query_time: 1.000160  Lock_time: 0.000000  Rows_sent: 1  Rows_examined: 1',
  '# Rows_affected: 0  Bytes_sent: 64',
  `SET timestamp=${Date.UTC(2026, 10, 21, 10, 50 + index) / 1000};`,
  ...lines.slice(-1),
]);
const whole = records.map((lines) => lines.join('\n'));
const lines = records.flat();
/** After each line of the last two, and before them. */
const cuts = lines.map((_, index) => index).slice(records[0]?.length);

test.each([
  ['.1', cuts],
  // Before and after its "# Time:", and one line later.
  ['.1.gz', cuts.slice(6, 9)],
] as const)(
  'a record is one entry at whichever line it was rotated, to %s',
  async (name, some) => {
    for (const cut of some) {
      const old = textOf(lines.slice(0, cut));
      const files = { [name]: name === '.1' ? old : gzipSync(old), '': textOf(lines.slice(cut)) };
      const log = await setUp(files, {}, {}, 'MYSQL_SLOW');
      for (const [index, one] of [name, ''].entries()) utimesSync(log.path + one, index + 1, index + 1);
      for (const from of ['beginning', 'end'] as const) {
        expect(rawOf(await log.pages(from, 1))).toEqual(whole);
        expect(rawOf(await log.pages(from, 1, { contains: 'select' }))).toEqual(whole);
      }
      expect(await log.download('select')).toBe(textOf(whole));
    }
  },
  60_000,
);

test('that is so while it is written', async () => {
  for (const cut of cuts) {
    const log = await setUp({ '': '' }, {}, {}, 'MYSQL_SLOW');
    const tail = await log.follow({});
    appendFileSync(log.path, textOf(lines.slice(0, cut)));
    renameSync(log.path, `${log.path}.1`);
    writeFileSync(log.path, textOf(lines.slice(cut)));
    const found: string[] = [];
    // On a machine so slow that a record seemed to be over when it was cut, the rest of it stands on its own.
    while (found.join('\n').length < whole.join('\n').length) found.push(...(await next(tail, 1)));
    expect(found.join('\n')).toBe(whole.join('\n'));
    await tail.return();
  }
}, 60_000);
