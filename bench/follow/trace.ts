import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Stage } from '../bench.ts';
import { stop } from '../child.ts';

/** Counts what a process reads from the files in a directory, with strace(1). */
export class Trace {
  readonly #stop: () => Promise<void>;
  readonly #output: string;
  readonly #directory: string;

  private constructor(stop: () => Promise<void>, output: string, directory: string) {
    this.#stop = stop;
    this.#output = output;
    this.#directory = directory;
  }

  /** Null when there is no strace here, or it may not look at the process. */
  static async start(stage: Stage, pid: number, directory: string): Promise<Trace | null> {
    const output = `${directory}.strace`;
    const calls = 'trace=read,pread64,readv,preadv,preadv2';
    const options = ['-f', '-p', String(pid), '-e', calls, '-y', '-s', '0', '-o', output];
    const strace = spawn('strace', options, { stdio: ['ignore', 'ignore', 'pipe'] });
    stage.defer(() => stop(strace));
    const begun = await new Promise<boolean>((resolve) => {
      strace.stderr.once('data', (text) => resolve(String(text).includes('attached')));
      strace.once('error', () => resolve(false));
      strace.once('exit', () => resolve(false));
    });
    return begun ? new Trace(() => stop(strace), output, directory) : null;
  }

  /** Bytes read from the files since the start. */
  async end(): Promise<number> {
    await this.#stop();
    let bytes = 0;
    /** By thread: whether the call that it has begun, and whose end stands further down, reads one of the files. */
    const unfinished = new Map<string, boolean>();
    const input = createReadStream(this.#output);
    for await (const line of createInterface({ input })) {
      const [, thread = '', path = ''] = /^(\d+) +\w+\(\d+<([^>]*)>/.exec(line) ?? /^(\d+) /.exec(line) ?? [];
      const resumes = line.includes(' resumed>');
      const ours = resumes ? (unfinished.get(thread) ?? false) : path.startsWith(`${this.#directory}/`);
      if (line.endsWith('<unfinished ...>')) unfinished.set(thread, ours);
      const count = / = (\d+)$/.exec(line)?.[1];
      if (ours && count !== undefined) bytes += Number(count);
    }
    input.close();
    return bytes;
  }
}
