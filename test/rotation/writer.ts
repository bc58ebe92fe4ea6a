import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('writer-process.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** A process that writes numbered lines to a log, about 2,000 a second, until it is ended. */
export interface Writer {
  /** Receives SIGHUP when its log was rotated. */
  pid: number;
  /** Resolves to how many lines it has written, all of them. */
  end(): Promise<number>;
}

/** Starts it; `reopened` is touched whenever it has opened its log again. */
export function startWriter(path: string, reopened: string): Writer {
  const child = spawn(process.execPath, ['--import', tsx, program, path, reopened], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.pid === undefined) throw new Error('The writer did not start.');
  const ended = Promise.all([text(child.stdout), once(child, 'close')]);
  return {
    pid: child.pid,
    async end() {
      child.stdin.end();
      const [count] = await ended;
      return Number(count);
    },
  };
}
