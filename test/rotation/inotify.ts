import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

/** Runs a command in a user namespace of its own, in which there may be no inotify instance. */
export const withoutInotify = [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  ...['echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', 'sh'],
];

/** `describe` for tests that need that: skipped, and said so, where it cannot be. In CI that is a failure. */
export function describeWithoutInotify(title: string, body: () => void): void {
  const [program = '', ...args] = [...withoutInotify, 'true'];
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  const reason = `no user namespace can be made to use up inotify in: ${stderr}`;
  if (status !== 0 && process.env.CI === 'true')
    throw new Error(`CI must not skip the test without inotify, but ${reason}`);
  if (status !== 0) process.stderr.write(`Skipping the test without inotify: ${reason}\n`);
  describe.skipIf(status !== 0)(title, body);
}
