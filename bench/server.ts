import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../src/package.ts';
import type { Stage } from './bench.ts';
import { stop } from './child.ts';

/** The built server, running as its users run it. */
export interface Server {
  url: URL;
  authorization: string;
  /** Process id. */
  pid: number;
  /** One request over a connection that is kept open; resolves to the whole answer as text. */
  query(query: string, variables: Record<string, unknown>): Promise<string>;
  /** Global id of the source of this name. */
  sourceId(name: string): Promise<string>;
}

export interface LogFile {
  name: string;
  path: string;
  format: string;
}

/**
 * Starts the server over these logs, in a process of its own on any free port, with a new data directory.
 *
 * @param options for its Node
 * @param settings more of its configuration
 */
export async function startServer(
  stage: Stage,
  sources: LogFile[],
  options: string[] = [],
  settings: object = {},
): Promise<Server> {
  const program = join(packageRoot, 'dist', 'tailql.js');
  if (!existsSync(program)) throw new Error('There is no built server to measure; run "npm run build" first.');
  const config = join(stage.directory, 'tailql.config.yaml');
  await writeFile(config, stringify({ port: 0, dataDir: join(stage.directory, 'data'), sources, ...settings }));
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^TAILQL_|^DATABASE_URL/.test(name)),
  );
  const surroundings = { cwd: stage.directory, env: environment };
  const configured = [program, '--config', config];

  // TAILQL_BENCH_NODE: options for the server's Node, such as "--cpu-prof" to see what costs the time.
  const nodeOptions = [...options, ...(process.env.TAILQL_BENCH_NODE?.split(' ') ?? [])];
  const child = spawn(process.execPath, [...nodeOptions, ...configured], {
    ...surroundings,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const agent = new Agent({ keepAlive: true });
  stage.defer(async () => {
    agent.destroy();
    await stop(child);
  });
  let url: URL | null = null;
  for await (const line of createInterface(child.stdout)) {
    const found = /^GraphQL\s+(\S+)/.exec(line)?.[1];
    if (found === undefined) continue;
    url = new URL(found);
    break;
  }
  if (url === null) throw new Error('The server did not start; what it says is above.');
  child.stdout.resume();

  const create = [...configured, 'token', 'create', 'bench', '--scope', 'ADMIN'];
  const { stdout } = await promisify(execFile)(process.execPath, create, surroundings);
  const authorization = `Bearer ${stdout.trim()}`;
  const server: Server = {
    url,
    authorization,
    pid: child.pid ?? 0,
    query: (query, variables) => post(server, agent, JSON.stringify({ query, variables })),
    async sourceId(name) {
      const answer = await server.query('query ($name: String!) { source(by: { name: $name }) { id } }', { name });
      const shape = z.object({ data: z.object({ source: z.object({ id: z.string() }) }) });
      return shape.parse(JSON.parse(answer)).data.source.id;
    },
  };
  return server;
}

function post({ url, authorization }: Server, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`The server answered ${response.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
