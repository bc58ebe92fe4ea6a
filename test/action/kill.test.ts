import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { textOf } from '../../src/db/sql.ts';
import { ServerProcess } from '../rotation/server-process.ts';
import { reported } from '../support/actions.ts';
import { temporaryDirectory } from '../support/engine.ts';
import { recountedRollups, storedRollups } from '../support/rollups.ts';

/** How often the server is killed. */
const kills = Number(process.env.TAILQL_TEST_KILLS ?? 5);

const writers = 4;

const document = `mutation ($input: RecordActionsInput!) {
  recordActions(input: $input) { ... on RecordActionsPayload { recorded } }
}`;

test(`what was acknowledged is there once, and statistics are right, after the server was killed ${kills} times`, {
  timeout: 60_000 + kills * 20_000,
}, async () => {
  const dataDir = join(await temporaryDirectory(), 'data');
  const server = await ServerProcess.prepare(dataDir, []);
  let url = await server.start();
  const acknowledged: string[] = [];
  const over = new AbortController();

  /** Sends one batch after the other, each until it is acknowledged. */
  async function write(): Promise<void> {
    while (!over.signal.aborted) {
      const numbers = Array.from({ length: 1 + Math.floor(Math.random() * 40) }, () => randomUUID());
      const actions = numbers.map((number, index) =>
        reported({ action: `a${index % 5}`, durationMs: index * 7, metadata: number }),
      );
      const body = JSON.stringify({ query: document, variables: { input: { actions, idempotencyKey: randomUUID() } } });
      for (;;) {
        const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
        try {
          const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
          const answer = await response.json();
          if (answer.data?.recordActions?.recorded === numbers.length) break;
          throw new Error(JSON.stringify(answer));
        } catch (error) {
          // It was killed, or is not there yet.
          if (!(error instanceof TypeError)) throw error;
          if (over.signal.aborted) return;
          await sleep(5);
        }
      }
      acknowledged.push(...numbers);
    }
  }

  const writing = Promise.all(Array.from({ length: writers }, write));
  try {
    for (let kill = 0; kill < kills; kill++) {
      const goal = acknowledged.length + Math.floor(Math.random() * 2000);
      while (acknowledged.length <= goal) await Promise.race([sleep(Math.random() * 20), writing]);
      await server.kill();
      url = await server.start();
    }
  } finally {
    over.abort();
    await writing;
    await server.kill();
  }

  const database = await openDatabase(`file:${join(dataDir, 'tailql.db')}`);
  onTestFinished(() => database.close());
  const { sql } = database;
  expect(await sql.read('PRAGMA integrity_check', [])).toEqual([['ok']]);
  const rows = await sql.read('SELECT "metadata" FROM "Action"', []);
  const numbers = rows.map(([metadata]) => JSON.parse(textOf(metadata)));
  expect(new Set(numbers).size).toBe(numbers.length);
  const found = new Set(numbers);
  expect(acknowledged.filter((number) => !found.has(number))).toEqual([]);
  expect(await storedRollups(sql)).toEqual(await recountedRollups(sql));
});
