import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from 'vitest';

const run = promisify(execFile);

/** Where Debian's package puts it; not in everybody's PATH. */
const program = '/usr/sbin/logrotate';

/** `describe` for tests with the real logrotate: skipped, and said so, where it is not installed. In CI that is a failure. */
export function describeWithLogrotate(title: string, body: () => void): void {
  const installed = existsSync(program);
  if (!installed && process.env.CI === 'true') {
    throw new Error('logrotate is not installed (apt-get install logrotate): CI must not skip its tests.');
  }
  if (!installed) {
    process.stderr.write('Skipping the tests with logrotate: it is not installed (apt-get install logrotate).\n');
  }
  describe.skipIf(!installed)(title, body);
}

/**
 * Prepares to rotate a log by these directives, and gives what does it once.
 * @param directory where logrotate's own files go
 */
export async function prepareRotation(
  path: string,
  directory: string,
  directives: string,
): Promise<() => Promise<void>> {
  await mkdir(directory);
  const configuration = join(directory, 'logrotate.conf');
  // It refuses a configuration that others may write.
  await writeFile(configuration, `"${path}" {\nrotate 1000\n${directives}\n}\n`, { mode: 0o644 });
  return async () => {
    await run(program, ['--force', '--state', join(directory, 'state'), configuration]);
  };
}
