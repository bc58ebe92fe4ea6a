import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine.ts';
import { sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';
import { account, nothingLost } from './account.ts';
import { NumberedLog } from './numbered-log.ts';
import { Reader, readAll } from './reader.ts';

/** How long logs are written, in seconds. */
const seconds = Number(process.env.TAILQL_TEST_SECONDS ?? 8);

/** Five logs of 500 lines a second, each rotated every 200 lines, and two readers each: one stays, one comes and goes. */
async function stress(kept: number) {
  const directory = await temporaryDirectory();
  const logs = ['a', 'b', 'c', 'd', 'e'].map((name) => new NumberedLog(join(directory, `${name}.log`)));
  const sources = logs.map(({ path, name }) => ({ path, name, format: 'TEXT' as const }));
  const engine = await startEngine({ dataDir: join(directory, 'data'), sources });
  const over = new AbortController();
  const all = logs.map((log) => follow(engine, log, kept, over.signal));
  // A reader that fails ends them all, and is what is told.
  await Promise.race([sleep(seconds * 1000), ...all]).finally(() => over.abort());
  const accounts = await Promise.all(all);
  return accounts;
}

async function follow(engine: Engine, log: NumberedLog, kept: number, signal: AbortSignal) {
  const id = await sourceId(engine, log.name);
  const [live, returning] = [new Reader(log.name), new Reader(log.name)];
  await live.open(engine, id);
  await returning.open(engine, id);
  let end = Number.POSITIVE_INFINITY;

  async function comeAndGo(): Promise<void> {
    while (returning.last < end - 1) {
      const goal = returning.last + 1 + Math.floor(Math.random() * 300);
      await returning.readUntil(() => returning.last >= Math.min(goal, end - 1));
      await returning.leave();
      const back = log.count + Math.floor(Math.random() * 200);
      while (log.count < back && !signal.aborted) await sleep(5);
      await returning.open(engine, id);
    }
  }

  const reading = Promise.all([live.readUntil(() => live.last === end - 1), comeAndGo()]);
  const writing = log.run(signal, kept, (number) => Math.min(live.last, returning.last) >= number);
  await Promise.race([writing, reading]);
  await writing;
  end = log.count + 1;
  log.end();
  await reading;
  await live.leave();
  await returning.leave();
  const history = await readAll(engine, id, log.name);
  return {
    live: account(live.told, end),
    returning: account(returning.told, end),
    history: account(history, end),
  };
}

const timeout = (seconds + 60) * 1000;

test('logs that are rotated by renaming, twice a second, lose, repeat and move no line', { timeout }, async () => {
  const accounts = await stress(1000);
  const all = { live: nothingLost, returning: nothingLost, history: nothingLost };
  expect(accounts).toMatchObject(accounts.map(() => all));
});

test('logs whose rotated files but two are deleted once they were read lose, repeat and move no line', {
  timeout,
}, async () => {
  const accounts = await stress(2);
  expect(accounts).toMatchObject(accounts.map(() => ({ live: nothingLost, returning: nothingLost })));
  for (const { history } of accounts) expect(history).toMatchObject({ repeated: [], disordered: [] });
});
