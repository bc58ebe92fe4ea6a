import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { sourceId, startEngine, temporaryDirectory } from '../support/engine.ts';
import { account, nothingLost } from './account.ts';
import { lineOf } from './line.ts';
import { describeWithLogrotate, prepareRotation } from './logrotate.ts';
import { Reader, readAll } from './reader.ts';
import { startWriter } from './writer.ts';

const name = 'app.log';
const rotations = 6;

const until = (expectation: () => void) => vi.waitFor(expectation, { timeout: 30_000, interval: 5 });

/** How the writer learns that its log was rotated. It may go on in the old file until it has. */
type Signal = 'none' | 'hangup' | 'hangup, and wait';

/** The readers of a log that was rotated under a live writer, and what they were told. */
async function rotate(directives: string, signal: Signal) {
  const directory = await temporaryDirectory();
  const path = join(directory, name);
  const reopened = join(directory, 'reopened');
  writeFileSync(path, '');
  const engine = await startEngine({
    dataDir: join(directory, 'data'),
    sources: [{ path, name, format: 'TEXT' }],
    limits: { pollIntervalMs: 50 },
  });
  const id = await sourceId(engine, name);
  const [live, returning] = [new Reader(name), new Reader(name)];
  await live.open(engine, id);
  await returning.open(engine, id);

  const writer = startWriter(path, reopened);
  const rotateOnce = await prepareRotation(
    path,
    join(directory, 'logrotate'),
    `${directives}\n${script(signal, writer.pid, reopened)}`,
  );
  let written = Number.POSITIVE_INFINITY;
  const reading = live.readUntil(() => live.last === written - 1);
  for (let rotation = 0; rotation < rotations; rotation++) {
    const goal = live.last + 200;
    const second = Math.floor(Date.now() / 1000);
    await Promise.race([reading, until(() => expect(live.last).toBeGreaterThan(goal))]);
    // A dated name is good for one rotation; time(2), by which it is made, may be some milliseconds behind.
    if (directives.includes('dateext')) await until(() => expect(Date.now() / 1000).toBeGreaterThan(second + 1.1));
    // It is away for one rotation, and then for two.
    if (rotation % 3 !== 1) {
      await returning.readUntil(() => returning.last >= goal);
      await returning.leave();
    }
    await rotateOnce();
    if (rotation % 3 !== 0) await returning.open(engine, id);
  }
  const count = await writer.end();
  written = count + 1;
  appendFileSync(path, `${lineOf(name, count)}\n`);
  await Promise.all([reading, returning.readUntil(() => returning.last === count)]);
  await live.leave();
  await returning.leave();
  return {
    live: account(live.told, written),
    returning: account(returning.told, written),
    history: account(await readAll(engine, id, name), written),
  };
}

function script(signal: Signal, pid: number, reopened: string): string {
  if (signal === 'none') return '';
  const wait = signal === 'hangup' ? '' : `until [ -e ${reopened} ]; do sleep 0.01; done`;
  return `postrotate\nrm -f ${reopened}\nkill -HUP ${pid}\n${wait}\nendscript`;
}

describeWithLogrotate('logrotate', () => {
  test.each([
    ['create', 'create', 'hangup'],
    ['delaycompress', 'create\ncompress\ndelaycompress', 'hangup'],
    // What a writer puts into a file that was compressed meanwhile is nowhere any more.
    ['compress', 'create\ncompress', 'hangup, and wait'],
    ['dateext', 'create\ndateext\ndateformat -%Y%m%d-%s', 'hangup'],
  ] as const)('with %s loses, repeats and moves no line', { timeout: 60_000 }, async (_mode, directives, signal) => {
    expect(await rotate(directives, signal)).toEqual({
      live: nothingLost,
      returning: nothingLost,
      history: nothingLost,
    });
  });

  test('with copytruncate repeats and moves no line, and where one is lost, that is told', {
    timeout: 60_000,
  }, async () => {
    const { live, returning, history } = await rotate('copytruncate', 'none');
    const told = { missing: [], repeated: [], disordered: [] };
    expect({ live, returning, history }).toMatchObject({
      live: told,
      returning: told,
      // What logrotate has lost is in no file.
      history: { repeated: [], disordered: [] },
    });
  });
});
