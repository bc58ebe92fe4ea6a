import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Batch } from '../../src/batch.ts';
import type { Tail } from '../../src/stream.ts';
import type { TailEvent } from '../../src/tail-event.ts';
import { administrator, sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';
import {
  caughtUp,
  cursorOf,
  delivery,
  hasLine,
  type LogSetup,
  lines,
  rawOf,
  setUp,
  until,
  written,
} from '../support/one-log.ts';

/** What each of the tails hands out up to a line; those that have caught up. */
const upTo = (tails: Tail[], line: string): Promise<TailEvent[][]> =>
  Promise.all(tails.map((tail) => until(tail, hasLine(line))));

async function live(tails: Tail[]): Promise<Tail[]> {
  await Promise.all(tails.map((tail) => until(tail, caughtUp)));
  return tails;
}

const filtered = ({ engine, id }: LogSetup, query: string, maxLatencyMs = 0) =>
  engine.logs.follow(administrator, {
    sourceIds: [id],
    filter: { query },
    delivery: { ...delivery, maxLatencyMs, maxBatch: 7 },
  });

/** Whether two tails were handed out the same objects, not only the same entries. */
function expectShared(one: TailEvent[] | undefined, other: TailEvent[] | undefined): void {
  expect(one?.length).toBeGreaterThan(0);
  expect(other?.length).toBe(one?.length);
  for (const [index, event] of (one ?? []).entries()) {
    expect(event).toBeInstanceOf(Batch);
    expect(other?.[index]).toBe(event);
  }
}

test('live readers of the same get the same batches, wherever they began', async () => {
  const setup = await setUp(written(lines(0, 10)));
  const [first] = await until(await setup.follow({ last: 3 }), hasLine('line 9'));
  const starts = [{}, { last: 5 }, { after: cursorOf(first) }, {}];
  const tails = await live(await Promise.all(starts.map((start) => setup.follow({ ...start, maxBatch: 7 }))));
  appendFileSync(setup.path, written(lines(10, 40)));
  const [one, ...others] = await upTo(tails, 'line 39');
  expect(rawOf(one ?? [])).toEqual(lines(10, 40));
  for (const other of others) expectShared(one, other);
});

test('what a filter leaves is the same for all whose filters say the same, in whatever words', async () => {
  const setup = await setUp('');
  const [one, same, other, all] = await live([
    await filtered(setup, '"line 1" AND "line"'),
    await filtered(setup, '"line 1" line'),
    await filtered(setup, '"line 2"'),
    await setup.follow({ maxBatch: 7 }),
  ]);
  if (!one || !same || !other || !all) throw new Error('No tails.');
  appendFileSync(setup.path, written([...lines(0, 40), 'line 1, and line 2: the last']));
  const [a, b, c, d] = await upTo([one, same, other, all], 'line 1, and line 2: the last');
  expectShared(a, b);
  expect(rawOf(a ?? [])).toEqual(
    [...lines(0, 40), 'line 1, and line 2: the last'].filter((line) => line.includes('line 1')),
  );
  expect(rawOf(c ?? [])).toEqual(
    [...lines(0, 40), 'line 1, and line 2: the last'].filter((line) => line.includes('line 2')),
  );
  expect(rawOf(d ?? [])).toEqual([...lines(0, 40), 'line 1, and line 2: the last']);
});

test('who comes later takes what the first has put together, and not what has come since', async () => {
  const setup = await setUp('');
  const [first, later] = await live([await filtered(setup, 'line', 300), await filtered(setup, 'line', 300)]);
  if (!first || !later) throw new Error('No tails.');
  const events: TailEvent[] = [];
  for (const line of ['line 1', 'line 2', 'line 3']) {
    appendFileSync(setup.path, `${line}\n`);
    events.push(...(await until(first, hasLine(line))));
  }
  const [same] = await upTo([later], 'line 3');
  expectShared(events, same);
});

test('a reader that is behind others reads the same entries by itself', async () => {
  const setup = await setUp('');
  const [quick, slow] = await live([await setup.follow({ maxBatch: 1 }), await setup.follow({ maxBatch: 1 })]);
  if (!quick || !slow) throw new Error('No tails.');
  const count = 700;
  for (const line of lines(0, count)) appendFileSync(setup.path, `${line}\n`);
  const first = await until(quick, hasLine(`line ${count - 1}`));
  const later = await until(slow, hasLine(`line ${count - 1}`));
  expect(rawOf(later)).toEqual(rawOf(first));
});

test('a batch says where its reader is in all its logs, also beside one that is further in another log', async () => {
  const directory = await temporaryDirectory();
  const names = ['a', 'b'];
  const path = (name: string) => join(directory, `${name}.log`);
  for (const name of names) writeFileSync(path(name), '');
  const engine = await startEngine({
    dataDir: join(directory, 'data'),
    sources: names.map((name) => ({ name, path: path(name), format: 'TEXT' as const })),
  });
  const ids = await Promise.all(names.map((name) => sourceId(engine, name)));
  const open = () => engine.logs.follow(administrator, { sourceIds: ids, delivery: { ...delivery, maxBatch: 1 } });
  const [ahead, behind] = await live([await open(), await open()]);
  if (!ahead || !behind) throw new Error('No tails.');
  for (const name of ['b', 'a']) {
    appendFileSync(path(name), `${name} 1\n`);
    await until(ahead, hasLine(`${name} 1`));
  }
  const left = ['a 1', 'b 1'];
  while (left.length > 0) {
    const [event] = await until(behind, (events) => rawOf(events).length > 0);
    for (const line of event ? rawOf([event]) : []) left.splice(left.indexOf(line), 1);
    const resumed = await engine.logs.follow(administrator, { sourceIds: ids, after: cursorOf(event), delivery });
    expect(rawOf(await until(resumed, caughtUp))).toEqual(left);
    await resumed.return();
  }
});
