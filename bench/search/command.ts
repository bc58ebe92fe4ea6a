import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

export const isInstalled = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

/**
 * Runs a program to its end, and gives what it printed; throws when it failed.
 *
 * @param home where it may keep its files: lnav writes some
 */
export async function run(program: string, args: string[], home: string): Promise<string> {
  // Bytes are bytes in the C locale, where grep is fastest.
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, LC_ALL: 'C' };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  // 1 says that nothing was found.
  if (code !== 0 && code !== 1) throw new Error(`${program} ${args.join(' ')} ended with ${code}.`);
  return output;
}
