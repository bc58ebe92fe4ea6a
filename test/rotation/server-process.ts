import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { createToken } from '../../server/token-command.ts';
import { type Config, defaultConfig } from '../../src/config.ts';
import type { NumberedLog } from './numbered-log.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** A server in a process of its own, that can be killed. Gone when the test is. */
export class ServerProcess {
  readonly token: string;
  readonly #config: Config;
  #child: ChildProcess | null = null;

  private constructor(config: Config, token: string) {
    this.#config = config;
    this.token = token;
  }

  /** Prepares a server for these logs; `start` starts it. */
  static async prepare(dataDir: string, logs: Pick<NumberedLog, 'path' | 'name'>[]): Promise<ServerProcess> {
    const sources = logs.map(({ path, name }) => ({ path, name, format: 'TEXT' as const }));
    const config = defaultConfig({ dataDir, sources });
    const server = new ServerProcess(config, await createToken(config, 'test', ['ADMIN']));
    onTestFinished(() => server.kill());
    return server;
  }

  /**
   * Starts it, and resolves to its URL, without a slash at the end.
   * @param wrapper a command that is given the server's command line to run
   * @param port 0: one that is free
   */
  start(wrapper: string[] = [], port = 0): Promise<string> {
    const { dataDir, sources } = this.#config;
    const [program = '', ...args] = [...wrapper, process.execPath, '--import', tsx, cli, '--port', `${port}`];
    const env = { PATH: process.env.PATH ?? '', TAILQL_DATA_DIR: dataDir, TAILQL_SOURCES: JSON.stringify(sources) };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    return new Promise((resolve, reject) => {
      let shown = '';
      const show = (text: string) => {
        shown = (shown + text).slice(-10_000);
        const url = /^GraphQL +(http:\S+)\/graphql$/m.exec(shown)?.[1];
        if (url !== undefined) resolve(url);
      };
      child.stdout.setEncoding('utf8').on('data', show);
      child.stderr.setEncoding('utf8').on('data', show);
      child.once('close', () => reject(new Error(`The server ended: ${shown}`)));
    });
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('The server does not run.');
    return this.#child.pid;
  }

  /** Ends it as a power cut does: it has no time for anything. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it as an operator does. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const over = once(child, 'close');
    child.kill(signal);
    await over;
  }
}
