import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';

const run = promisify(execFile);

/** Where Debian's package puts the programs, one directory for each major version. */
const installations = '/usr/lib/postgresql';

/** How long a new server may take to answer, in ms. */
const startTimeoutMs = 30_000;

export interface Postgres {
  /** The maintenance database, as a user who may do everything. */
  readonly url: string;
  /** The directory of the server's Unix socket. */
  readonly socketDirectory: string;
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** The directory of the newest installed server's programs; null when there is none. */
async function findPrograms(): Promise<string | null> {
  const versions = await readdir(installations).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : path.join(installations, newest, 'bin');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port on 127.0.0.1');
  return address.port;
}

/** PostgreSQL refuses to run as root: root hands it to the user that Debian's package made. */
async function serverUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

/** Runs statements over one short connection. */
async function execute(url: string, sql: string): Promise<void> {
  const adapter = await new PrismaPg({ connectionString: url, max: 1 }).connect();
  try {
    await adapter.executeRaw({ sql, args: [], argTypes: [] });
  } finally {
    await adapter.dispose();
  }
}

/** The URL of an empty database, made on the server at `url`. */
export async function createDatabase(url: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(url, `CREATE DATABASE ${name}`);
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/**
 * Starts a private PostgreSQL in a temporary directory, on 127.0.0.1 and a free port. User `tailql`, password `secret`.
 * Null when PostgreSQL is not installed. `stop` ends it and removes the directory.
 */
export async function startPostgres(): Promise<Postgres | null> {
  const programs = await findPrograms();
  if (programs === null) return null;
  const user = await serverUser();
  const directory = await mkdtemp(path.join(tmpdir(), 'tailql-postgres-'));
  if (user !== null) await chown(directory, user.uid, user.gid);
  const options = { cwd: directory, ...user };
  const data = path.join(directory, 'data');
  const passwordFile = path.join(directory, 'password');
  await writeFile(passwordFile, 'secret');
  const access = ['-U', 'tailql', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  // Nothing here must survive a crash, so nothing waits for the disk.
  const initialize = ['-D', data, ...access, '--no-sync', '-E', 'UTF8', '--locale=C'];
  await run(path.join(programs, 'initdb'), initialize, options);
  const port = await freePort();
  const settings = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'max_connections=200'];
  const server = spawn(
    path.join(programs, 'postgres'),
    [
      '-D',
      data,
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-k',
      directory,
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    { ...options, stdio: 'ignore' },
  );
  const url = `postgresql://tailql:secret@127.0.0.1:${port}/postgres`;
  // A run that ends without stopping it must not leave it behind.
  const kill = () => server.kill('SIGQUIT');
  process.once('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    await end(server);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilAnswering(url, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, socketDirectory: directory, createDatabase: () => createDatabase(url), stop };
}

async function untilAnswering(url: string, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    try {
      return await execute(url, 'SELECT 1');
    } catch (error) {
      if (server.exitCode !== null || performance.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

/** SIGQUIT: at once, without waiting for connections. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGQUIT');
  await ended;
}
