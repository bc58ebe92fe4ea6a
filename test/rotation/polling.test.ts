import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/engine.ts';
import { nothingLost } from './account.ts';
import { describeWithoutInotify, withoutInotify } from './inotify.ts';
import { NumberedLog } from './numbered-log.ts';
import { ServerProcess } from './server-process.ts';
import { SocketReader } from './socket-reader.ts';

describeWithoutInotify('where inotify is used up', () => {
  test('logs are only polled, that is said once, and nothing is lost, repeated or moved', {
    timeout: 60_000,
  }, async () => {
    const directory = await temporaryDirectory();
    const logs = ['a', 'b', 'c', 'd', 'e'].map((each) => new NumberedLog(join(directory, `${each}.log`)));
    const server = await ServerProcess.prepare(join(directory, 'data'), logs);
    const url = await server.start(withoutInotify);
    const reader = await SocketReader.open({ url, token: server.token }, logs);
    const over = new AbortController();
    const writing = Promise.all(logs.map((log) => log.run(over.signal, 1000, () => true)));
    await reader.until(() => logs.every((log) => reader.has(log, 1500))).finally(() => over.abort());
    await writing;
    for (const log of logs) log.end();
    await reader.until(() => logs.every((log) => reader.has(log, log.count - 1)));
    expect(reader.accounts()).toEqual(logs.map(() => nothingLost));
    const warnings = readFileSync(join(directory, 'data/log/system.jsonl'), 'utf8').match(/only polled/g);
    expect(warnings).toHaveLength(1);
  });
});
