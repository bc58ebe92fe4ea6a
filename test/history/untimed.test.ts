import { appendFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/filter/compile.ts';
import type { FilterInput } from '../../src/filter/input.ts';
import type { Tail } from '../../src/stream.ts';
import { administrator } from '../support/engine.ts';
import { textOf } from '../support/entries.ts';
import { next, rawOf, setUp } from './segments.ts';

/** How far (bytes) an entry without a time may begin after one that says when it happened, to have its time. */
const reach = 1024 * 1024;

const time = (clock: string) => Date.parse(`2026-11-21T${clock}Z`);

/** A line of so many bytes, with its newline. */
const padded = (text: string, bytes: number) => text.padEnd(bytes - 1);
const timed = (clock: string, bytes = 200) =>
  padded(`{"timestamp":"2026-11-21T${clock}Z","message":"at ${clock}"}`, bytes);
const untimed = (number: number, bytes = 200) =>
  padded(`{"message":"${number % 3 === 0 ? 'odd' : 'even'} ${number}"}`, bytes);

/** What an entry is known by: the line is too long to look at. */
const nameOf = (line: string) => /"message":"([^"]*)"/.exec(line)?.[1];

/** What of these lines fulfils a filter, by the rule. */
function expected(lines: string[], filter: FilterInput, limits: Parameters<typeof compileFilter>[1]) {
  const { condition } = compileFilter(filter, limits, []);
  let [offset, saidAt, said] = [0, Number.NEGATIVE_INFINITY, 0];
  return lines.filter((raw) => {
    const own = /"timestamp":"([^"]*)"/.exec(raw)?.[1];
    if (own !== undefined) [saidAt, said] = [offset, Date.parse(own)];
    const known = offset - saidAt <= reach ? said : null;
    offset += raw.length + 1;
    const message = nameOf(raw) ?? '';
    return condition.matches({ raw, parsed: { timestamp: known, level: 'UNKNOWN', message, fields: {} } }, known);
  });
}

type Log = Awaited<ReturnType<typeof setUp>>;

async function counted({ engine, source }: Log, filter: FilterInput): Promise<number> {
  const bounded = { from: time('00:00:00'), to: time('23:59:59'), and: [filter] };
  const found = await engine.summaries.histogram(administrator, [(await source()).id], { most: 10, filter: bounded });
  return found.buckets.reduce((sum, { total }) => sum + total, 0);
}

async function downloaded({ engine, download }: Log, filter: FilterInput): Promise<string[]> {
  const query = compileFilter(filter, engine.config.limits, []).condition.print();
  return (await download(query)).split('\n').slice(0, -1);
}

/** Files of a log, oldest first, none of which was written to lately. */
async function setUpOld(files: string[][]): Promise<Log> {
  const names = files.map((_, index) => (index === files.length - 1 ? '' : `.${files.length - 1 - index}`));
  const contents = Object.fromEntries(files.map((lines, index) => [names[index] ?? '', textOf(lines)]));
  const log = await setUp(contents, {}, {}, 'JSON_LINES');
  for (const [index, name] of names.entries()) utimesSync(log.path + name, index + 1, index + 1);
  return log;
}

const filters: FilterInput[] = [
  { from: time('09:59:00') },
  { to: time('10:01:00') },
  { from: time('09:59:00'), to: time('10:01:00'), contains: 'odd' },
  { not: { from: time('10:01:00') }, contains: 'odd' },
];

async function expectAgreement(log: Log, lines: string[], size: number, some = filters): Promise<void> {
  for (const filter of some) {
    const names = expected(lines, filter, log.engine.config.limits).map(nameOf);
    expect(rawOf(await log.pages('beginning', size, filter)).map(nameOf)).toEqual(names);
    expect(rawOf(await log.pages('end', size, filter)).map(nameOf)).toEqual(names);
    expect((await downloaded(log, filter)).map(nameOf)).toEqual(names);
    // What has no time is in no bucket.
    if (filter.not === undefined) expect(await counted(log, filter)).toBe(names.length);
  }
}

test('lines without a time, of more bytes than are looked back over, are found alike from either side', async () => {
  const lines = [timed('10:00:00'), ...Array.from({ length: 15_000 }, (_, index) => untimed(index))];
  lines.push(timed('12:00:00'), untimed(15_000));
  const log = await setUpOld([lines]);
  const found = expected(lines, { from: time('09:59:00') }, log.engine.config.limits);
  // With the one that begins 5242 lines, of 200 bytes, after the first, and the two at the end.
  expect(found).toHaveLength(5243 + 2);
  await expectAgreement(log, lines, 1000, filters.slice(0, 1));
});

const quarter = reach / 4;

/** Lines of which the last but two begins so many bytes after the second, which says when it happened. */
const linesOver = (bytes: number) => [
  timed('09:00:00'),
  timed('10:00:00', quarter),
  ...[1, 2, 3].map((number) => untimed(number, number === 3 ? bytes - 3 * quarter : quarter)),
  ...[untimed(6), untimed(9), timed('12:00:00')],
];

/** Lines in files: how many in each. */
const divisions = [[8], [2, 6], [5, 3], [1, 2, 1, 4], [2, 1, 1, 1, 1, 2]];

function divided(lines: string[], sizes: number[]): string[][] {
  const rest = [...lines];
  return sizes.map((size) => rest.splice(0, size));
}

describe.each(divisions.map((sizes) => ({ sizes })))('an entry without a time, in files of $sizes', ({ sizes }) => {
  test.each([
    ['has that of one that begins a MiB before it', reach, 'odd 6'],
    ['has not that of one that begins a byte sooner', reach + 1, 'odd 3'],
  ])('%s', async (_what, bytes, last) => {
    const lines = linesOver(bytes);
    const log = await setUpOld(divided(lines, sizes));
    const found = expected(lines, { from: time('09:59:00'), to: time('10:01:00') }, log.engine.config.limits);
    expect(found.map(nameOf).at(-1)).toBe(last);
    await expectAgreement(log, lines, 2);
  });

  test.each([1, 2, 4])('has the same as it is written, after line %d', async (known) => {
    for (const bytes of [reach, reach + 1]) {
      const lines = linesOver(bytes);
      const log = await setUp({ '': textOf(lines.slice(0, known)) }, {}, {}, 'JSON_LINES');
      const filter = { or: [{ from: time('09:59:00'), to: time('10:01:00') }, { contains: '12:00:00' }] };
      const wanted = expected(lines, filter, log.engine.config.limits).filter((line) => lines.indexOf(line) >= known);
      const tail = await log.follow({ filter });
      for (const [index, part] of divided(lines, sizes).entries()) {
        const fresh = part.filter((line) => lines.indexOf(line) >= known);
        if (fresh.length > 0 && fresh.length === part.length) {
          renameSync(log.path, `${log.path}.${9 - index}`);
          writeFileSync(log.path, '');
        }
        appendFileSync(log.path, textOf(fresh));
      }
      expect((await next(tail, wanted.length)).map(nameOf)).toEqual(wanted.map(nameOf));
      await tail.return();
    }
  });
});

test('an entry without a time has that of one that a reader who was too slow did not get', async () => {
  const log = await setUp({ '': textOf([timed('09:00:00')]) }, { limits: { liveWindowEntries: 10 } }, {}, 'JSON_LINES');
  const ids = { sourceIds: [(await log.source()).id], delivery: { maxBatch: 100, maxLatencyMs: 0 } };
  const filter = { or: [{ from: time('09:59:00') }, { contains: 'nowhere' }] };
  const follow = (onLag: 'PAUSE' | 'SKIP_WITH_GAP') =>
    log.engine.logs.follow(administrator, { ...ids, filter, delivery: { ...ids.delivery, onLag } });
  const [quick, slow] = [await follow('PAUSE'), await follow('SKIP_WITH_GAP')];
  for (let number = 0; number < 10; number++) {
    appendFileSync(log.path, textOf([timed('10:00:00'), ...Array.from({ length: 9 }, () => untimed(number))]));
    await next(quick, 10);
  }
  await untilGap(slow);
  appendFileSync(log.path, textOf([untimed(10)]));
  expect((await next(slow, 1)).map(nameOf)).toEqual(['even 10']);
  await Promise.all([quick.return(), slow.return()]);
});

async function untilGap(tail: Tail): Promise<void> {
  for (let kind: string | undefined; kind !== 'gap'; ) kind = (await tail.next()).value?.kind ?? 'gap';
}
