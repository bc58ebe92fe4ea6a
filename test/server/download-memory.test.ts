import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { begin } from '../support/download.ts';
import { temporaryDirectory } from '../support/engine.ts';

const mebibyte = 1024 * 1024;
const size = 300;

/** What the process saw of its memory so far. */
interface Look {
  /** Bytes. */
  growth: number;
  looks: number;
}

function startProcess(directory: string, what: string): ChildProcess {
  const program = fileURLToPath(new URL('./download-process.ts', import.meta.url));
  // What is kept is to be seen, not how much garbage V8 lets lie in each thread: that may be 50 MB.
  const execArgv = ['--max-semi-space-size=2', '--import', 'tsx'];
  const child = fork(program, [directory, what, String(size)], { execArgv });
  onTestFinished(() => {
    child.kill();
  });
  return child;
}

test.each([
  ['what a filter finds, compressed', 'lines', 'gzip'],
  ['the bytes', 'sparse', 'identity'],
  ['the bytes, compressed', 'sparse', 'gzip'],
  ['what a filter finds', 'lines', 'identity'],
])(
  'of 300 MiB takes little memory, whatever the client takes: %s',
  { timeout: 120_000 },
  async (_what, kind, coding) => {
    const child = startProcess(await temporaryDirectory(), kind);
    const [{ link }] = await once(child, 'message');
    const look = async (): Promise<Look> => {
      child.send('look');
      const [found] = await once(child, 'message');
      return found;
    };
    const response = await begin(link, { headers: { 'accept-encoding': coding } });
    // As long as nobody reads, what the server reads ahead would pile up.
    while ((await look()).looks < 100) await setTimeout(5);
    let bytes = 0;
    for await (const portion of response) bytes += portion.length;
    expect(response.complete).toBe(true);
    if (coding === 'identity') expect(bytes).toBeGreaterThanOrEqual(size * mebibyte);
    const { growth } = await look();
    expect(growth).toBeLessThan(64 * mebibyte);
  },
);
