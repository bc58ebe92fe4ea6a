import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Network } from '../examples/network.ts';
import { temporaryDirectory } from '../support/engine.ts';
import { nothingLost } from './account.ts';
import { NumberedLog } from './numbered-log.ts';
import { ServerProcess } from './server-process.ts';
import { SocketReader } from './socket-reader.ts';

/** How often the server is killed. */
const kills = Number(process.env.TAILQL_TEST_KILLS ?? 5);

test(`a client that keeps its cursor misses and repeats nothing while the server is killed ${kills} times`, {
  timeout: 60_000 + kills * 20_000,
}, async () => {
  const directory = await temporaryDirectory();
  const logs = ['a', 'b', 'c', 'd', 'e'].map((name) => new NumberedLog(join(directory, `${name}.log`)));
  const server = await ServerProcess.prepare(join(directory, 'data'), logs);
  const network = await Network.open(await server.start());
  const reader = await SocketReader.open({ url: new URL(network.url).origin, token: server.token }, logs);
  const over = new AbortController();
  // What was not read while the server was down is not deleted.
  const writing = Promise.all(logs.map((log) => log.run(over.signal, 10, (end) => reader.has(log, end))));
  try {
    for (let kill = 0; kill < kills; kill++) {
      // Also before it has caught up.
      const goal = reader.received + Math.floor(Math.random() * 3000);
      await reader.until(() => reader.received > goal);
      await server.kill();
      network.target = Number(new URL(await server.start()).port);
    }
  } finally {
    over.abort();
    await writing;
  }
  for (const log of logs) log.end();
  await reader.until(() => logs.every((log) => reader.has(log, log.count - 1)));
  expect(reader.accounts()).toEqual(logs.map(() => nothingLost));
});
