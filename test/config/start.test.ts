import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { expect, test } from 'vitest';
import { freshDirectory } from '../support/directory.ts';
import { ending, start } from './process.ts';

/** Resolves when standard output has shown the last line of the banner. */
const banner = (child: ChildProcessWithoutNullStreams): Promise<string> =>
  new Promise((resolve, reject) => {
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (/^Sign in.*\n/m.test(shown)) resolve(shown);
    });
    child.once('close', () => reject(new Error(`ended before the banner was complete: ${shown}`)));
  });

test.each(['SIGINT', 'SIGTERM'] as const)('the server shows where it is and stops with 0 on %s', async (signal) => {
  const directory = await freshDirectory();
  const child = start(['--port', '0'], { directory, environment: { TAILQL_SOURCES: '[]' } });
  const ended = ending(child);
  const shown = await banner(child);
  expect(shown).toMatch(/^GraphQL +http:\/\/127\.0\.0\.1:\d+\/graphql$/m);
  expect(shown).toMatch(/^Sources +2$/m);
  expect(shown).toContain(`${directory}/data/tailql.db`);
  child.kill(signal);
  expect(await ended).toBe(0);
});
