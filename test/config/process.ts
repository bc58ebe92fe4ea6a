import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

export interface Start {
  directory: string;
  environment?: { [name: string]: string };
}

/** Starts the command line as an operator does, with nothing else in its environment. */
export function start(args: string[], { directory, environment = {} }: Start): ChildProcessWithoutNullStreams {
  const env = { PATH: process.env.PATH ?? '', ...environment };
  return spawn(process.execPath, ['--import', tsx, cli, ...args], { cwd: directory, env });
}

/** Exit code, or the signal that ended the process. */
export const ending = (child: ChildProcessWithoutNullStreams): Promise<number | string | null> =>
  new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });

/** Runs the command line to its end. */
export async function run(args: string[], options: Start) {
  const child = start(args, options);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ending(child)]);
  return { stdout, stderr, code };
}
