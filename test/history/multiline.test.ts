import { appendFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/cursor.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import type { Tail } from '../../src/stream.ts';
import { rawOf, setUp } from './segments.ts';

const head = (second: number, text: string) =>
  `[21-Nov-2026 10:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')} UTC] ${text}`;
const traceOf = (second: number, frames: number) =>
  [
    head(second, 'PHP Fatal error:  Uncaught Exception: no'),
    'Stack trace:',
    ...Array.from({ length: frames }, (_, frame) => `#${frame} /srv/app/${frame}.php(${frame}): call()`),
    '  thrown in /srv/a.php on line 3',
  ].join('\n');
const recordOf = (second: number) =>
  second % 3 === 0 ? traceOf(second, second % 40) : head(second, `PHP Notice:  number ${second}`);
const records = Array.from({ length: 300 }, (_, index) => recordOf(index));
const text = (some: string[]) => some.map((record) => `${record}\n`).join('');

/** A log of PHP that was not written to lately. */
async function setUpPhp(files: Record<string, string>) {
  const log = await setUp(files, {}, {}, 'PHP_FPM');
  for (const name of Object.keys(files)) utimesSync(log.path + name, new Date(0), new Date(0));
  const id = (await log.source()).id;
  const all = async (size: number, from: 'beginning' | 'end', filter?: FilterInput) => {
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await log.page(
        from === 'end'
          ? { before: cursor, take: { last: size }, filter }
          : { after: cursor, take: { first: size }, filter },
      );
      if (from === 'end') found.unshift(...rawOf(page.entries));
      else found.push(...rawOf(page.entries));
      if (from === 'end' ? !page.hasPrevious : !page.hasNext) return found;
      cursor = encodeCursor([[id, from === 'end' ? page.start : page.end]]);
    }
  };
  return { ...log, all };
}

/** What a tail gives, up to this record. */
async function upTo(tail: Tail, last: string): Promise<string[]> {
  const raw: string[] = [];
  while (raw.at(-1) !== last) {
    const { value } = await tail.next();
    if (value === undefined) break;
    if (value.kind === 'batch') raw.push(...rawOf(value.entries));
  }
  return raw;
}

describe('lines that make one record', () => {
  it.each([1, 7, 1000])('are one entry, in pages of %i from either end', async (size) => {
    const { all } = await setUpPhp({ '': text(records) });
    expect(await all(size, 'beginning')).toEqual(records);
    expect(await all(size, 'end')).toEqual(records);
  });

  it('are one entry when a rotation came in between', async () => {
    const whole = text(records);
    for (const cut of [text(records.slice(0, 99)).length + 60, text(records.slice(0, 103)).length - 5]) {
      const at = whole.indexOf('\n', cut) + 1;
      const { all, page } = await setUpPhp({ '.1': whole.slice(0, at), '': whole.slice(at) });
      expect(await all(10, 'beginning')).toEqual(records);
      expect(await all(10, 'end')).toEqual(records);
      const found = await all(10, 'beginning', { contains: 'thrown' });
      expect(found).toEqual(records.filter((record) => record.includes('thrown')));
      expect(await all(3, 'end', { contains: 'thrown' })).toEqual(found);
      const { entries } = await page({ take: { first: 1000 } });
      expect(rawOf(entries)).toEqual(records);
    }
  });

  it('are found by what stands in any of them', async () => {
    const { all } = await setUpPhp({ '': text(records) });
    const expected = records.filter((record) => record.includes('/srv/app/17.php'));
    expect(expected.length).toBeGreaterThan(5);
    expect(await all(4, 'beginning', { contains: '/SRV/app/17.php' })).toEqual(expected);
    expect(await all(4, 'end', { contains: '/srv/app/17.php', levels: ['FATAL', 'ERROR'] })).toEqual(expected);
  });

  it('are one entry to a live reader, written at once with what follows', async () => {
    const { path, follow } = await setUpPhp({ '': text(records.slice(0, 3)) });
    const tail = await follow({});
    appendFileSync(path, text([traceOf(60, 5), recordOf(61), traceOf(63, 9), recordOf(64)]));
    expect(await upTo(tail, recordOf(64))).toEqual([traceOf(60, 5), recordOf(61), traceOf(63, 9), recordOf(64)]);
    await tail.return();
  });

  it('are one entry to a live reader, written piece by piece', async () => {
    const { path, follow } = await setUpPhp({ '': text(records.slice(0, 3)) });
    const tail = await follow({});
    const trace = `${traceOf(60, 5)}\n`;
    for (let at = 0; at < trace.length; at += 50) appendFileSync(path, trace.slice(at, at + 50));
    appendFileSync(path, `${recordOf(61)}\n`);
    // On a machine so slow that the record seemed to be over in between, the rest of it stands on its own.
    expect((await upTo(tail, recordOf(61))).join('\n')).toBe([traceOf(60, 5), recordOf(61)].join('\n'));
    await tail.return();
  });

  it('are one entry to a live reader when the log is rotated in between, and to one who comes back', async () => {
    const { path, follow, page } = await setUpPhp({ '': text(records.slice(0, 3)) });
    const tail = await follow({});
    const trace = `${traceOf(60, 5)}\n`;
    const cut = trace.indexOf('#2');
    appendFileSync(path, trace.slice(0, cut));
    renameSync(path, `${path}.1`);
    writeFileSync(path, `${trace.slice(cut)}${recordOf(61)}\n`);
    const cursors: { after: string; before: string[] }[] = [];
    const found: string[] = [];
    while (found.at(-1) !== recordOf(61)) {
      const { value } = await tail.next();
      if (value === undefined) break;
      if (value.kind === 'batch') found.push(...rawOf(value.entries));
      if ('positions' in value) cursors.push({ after: encodeCursor(value.positions), before: [...found] });
    }
    await tail.return();
    expect(found.join('\n')).toBe([traceOf(60, 5), recordOf(61)].join('\n'));
    utimesSync(path, new Date(0), new Date(0));
    // Whoever stops at any event goes on with exactly what comes after it.
    for (const { after, before } of cursors) {
      const rest = rawOf((await page({ after, take: { first: 10 } })).entries);
      expect([...before, ...rest].join('\n')).toBe(found.join('\n'));
    }
  });
});
