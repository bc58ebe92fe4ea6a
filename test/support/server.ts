import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { type RunningServer, startServer } from '../../server/main.ts';
import { createToken } from '../../server/token-command.ts';
import { type Config, type ConfigInput, defaultConfig } from '../../src/config.ts';
import { freshDirectory } from './directory.ts';
import { openSocket, type SocketOptions, type TestSocket } from './socket.ts';

export interface TestServerOptions extends Omit<ConfigInput, 'dataDir' | 'port'> {
  /**
   * Log files to begin with, by a path relative to `directory`. Without `sources`, each is a source of that name, but for
   * rotated ones (`app.log.1`, `app.log.2.gz`), which belong to theirs.
   */
  files?: { [file: string]: string | Uint8Array };
}

/** One error of an answer, as a client sees it. */
export interface AnswerError {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string; problems?: Problem[]; requestId?: string; [name: string]: unknown };
}

export interface Problem {
  path: string[];
  code: string;
  message: string;
}

/** What GraphQL answered, over whatever transport. */
export interface Answer<Data = unknown> {
  data?: Data;
  errors?: AnswerError[];
}

/** An answer over HTTP. */
export interface HttpAnswer<Data = unknown> extends Answer<Data> {
  status: number;
  headers: Headers;
}

/** A real server on a free port, with log files and a data directory of its own. */
export interface TestServer {
  readonly config: Config;
  /** Without a slash at the end; the API is at `${url}/graphql`. */
  readonly url: string;
  readonly wsUrl: string;
  /** Empty once the administrator has a password. */
  readonly signInUrl: string;
  /** An API token with the scope ADMIN. */
  readonly token: string;
  /** Holds the log files, and the data directory as `data`. */
  readonly directory: string;
  /** Asks over POST, as `token` unless told otherwise; null asks without one. */
  query<Data = Record<string, unknown>>(
    document: string,
    variables?: object,
    options?: { token?: string | null },
  ): Promise<HttpAnswer<Data>>;
  /** Like `query`; throws when there are errors, and gives only the data. */
  data<Data = Record<string, unknown>>(document: string, variables?: object): Promise<Data>;
  /** The global id of the source with this name. */
  sourceId(name: string): Promise<string>;
  /** A WebSocket that has introduced itself with `token`; null connects without one, `raw` does not introduce itself. */
  socket(options?: { token?: string | null | 'raw' } & SocketOptions): Promise<TestSocket>;
  /** Appends to a log file, and makes it when it is not there. */
  append(file: string, text: string): Promise<void>;
  /** The absolute path of a log file. */
  path(file: string): string;
  /** Once is enough; servers that were not stopped are when the test file has run. */
  stop(): Promise<void>;
}

/** A search is not cut short because the machine is busy. */
const patience = { searchMsPerPage: 60_000, searchMsPerSummary: 60_000 };

/** Starts a server; its log files, its data and everything it listens on are gone when the test file has run. */
export async function startTestServer({ files = {}, ...overrides }: TestServerOptions = {}): Promise<TestServer> {
  const directory = await freshDirectory();
  const path = (file: string) => join(directory, file);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(path(file)), { recursive: true });
    await writeFile(path(file), text);
  }
  const config = defaultConfig({
    sources: Object.keys(files)
      .filter((name) => !/\.\d+(\.gz)?$/.test(name))
      .map((name) => ({ name, path: path(name) })),
    ...overrides,
    limits: { ...patience, ...overrides.limits },
    dataDir: path('data'),
    port: 0,
  });
  return serve(config, directory);
}

/** Starts a server with this configuration; `directory` is where its log files are. */
export async function serve(config: Config, directory: string): Promise<TestServer> {
  const server = await startServer(config);
  const stop = once(server);
  running.push(stop);
  const token = await createToken(config, 'test', ['ADMIN']);
  const wsUrl = `${server.url.replace('http', 'ws')}/graphql`;

  async function query<Data>(document: string, variables: object = {}, options: { token?: string | null } = {}) {
    const { token: credential = token } = options;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...(credential !== null && { authorization: `Bearer ${credential}` }),
      },
      body: JSON.stringify({ query: document, variables }),
    });
    const answer: Answer<Data> = JSON.parse(await response.text());
    return { ...answer, status: response.status, headers: response.headers };
  }

  async function data<Data>(document: string, variables: object = {}): Promise<Data> {
    const answer = await query<Data>(document, variables);
    if (answer.errors || answer.data === undefined) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  }

  return {
    config,
    url: server.url,
    wsUrl,
    signInUrl: server.signInUrl ?? '',
    token,
    directory,
    query,
    data,
    async sourceId(name) {
      const { source } = await data<{ source: { id: string } | null }>(
        'query ($name: String!) { source(by: { name: $name }) { id } }',
        { name },
      );
      if (source === null) throw new Error(`There is no source named ${name}.`);
      return source.id;
    },
    async socket({ token: credential = token, ...options } = {}) {
      const socket = await openSocket(wsUrl, options);
      if (credential === 'raw') return socket;
      const payload = credential === null ? undefined : { authorization: `Bearer ${credential}` };
      await socket.introduce(payload);
      return socket;
    },
    append: (file, text) => appendFile(join(directory, file), text),
    path: (file) => join(directory, file),
    stop,
  };
}

function once(server: RunningServer): () => Promise<void> {
  let stopping: Promise<void> | null = null;
  return () => {
    stopping ??= server.stop();
    return stopping;
  };
}

const running: (() => Promise<void>)[] = [];

afterAll(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});
