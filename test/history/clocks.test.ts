import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FilterInput } from '../../src/filter/input.ts';
import { administrator, startEngine, temporaryDirectory } from '../support/engine.ts';
import { textOf } from '../support/entries.ts';
import { rawOf } from './segments.ts';

/** A log `app.log`, written where clocks show the time of Berlin. */
async function setUp(lines: string[], modifiedAt = new Date()) {
  const directory = await temporaryDirectory();
  const path = join(directory, 'app.log');
  writeFileSync(path, textOf(lines));
  utimesSync(path, modifiedAt, modifiedAt);
  const engine = await startEngine({
    dataDir: join(directory, 'data'),
    sources: [{ path, name: 'app', timezone: 'Europe/Berlin' }],
  });
  const source = await engine.sources.find(administrator, { name: 'app' });
  if (source === null) throw new Error('There is no source.');
  return (filter: FilterInput | null = null) =>
    engine.logs.page(administrator, source, { take: { first: 1000 }, filter });
}

test('what happened in the hour that clocks show twice is found, whichever of the two it was', async () => {
  const lines: string[] = [];
  const begin = Date.parse('2026-10-24T23:00:00Z');
  const clock = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' });
  for (let second = 0; second < 4 * 3600; second++) {
    const rare = second % 60 === 30 ? 'rare' : 'other';
    lines.push(`${clock.format(begin + second * 1000)} INFO ${rare} ${'x'.repeat(40)} ${second}`);
  }
  const page = await setUp(lines);
  for (const [from, to] of [
    ['02:00', '02:05'],
    ['02:20', '02:25'],
    ['02:40', '02:41'],
    ['02:55', '03:05'],
    ['01:59', '02:01'],
  ]) {
    const isWithin = (line: string) => line.slice(11, 16) >= String(from) && line.slice(11, 16) < String(to);
    const expected = lines.filter((line) => isWithin(line) && line.includes('rare'));
    // Of a time that occurs twice the first is meant, and what happened later has that time.
    const moment = (time = '') => Date.parse(`2026-10-25T${time}:00${time < '03:00' ? '+02:00' : '+01:00'}`);
    const found = await page({ contains: 'rare', from: moment(from), to: moment(to) });
    expect(rawOf(found.entries)).toEqual(expected);
  }
});

test('a timestamp without a year is of the year in which its file was last written to', async () => {
  const lines = ['Dec 31 23:00:00 web-1 cron[1]: old', 'Feb 10 10:50:54 web-1 cron[2]: new'];
  const page = await setUp(lines, new Date('2024-02-10T12:00:00Z'));
  const { entries } = await page();
  expect(entries.map(({ parsed }) => parsed.timestamp)).toEqual([
    Date.parse('2023-12-31T22:00:00Z'),
    Date.parse('2024-02-10T09:50:54Z'),
  ]);
  const found = await page({ from: Date.parse('2024-01-01T00:00:00Z'), to: Date.parse('2024-03-01T00:00:00Z') });
  expect(rawOf(found.entries)).toEqual([lines[1]]);
});
