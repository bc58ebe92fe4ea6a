import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ServerProcess } from '../rotation/server-process.ts';
import { temporaryDirectory } from '../support/engine.ts';

const createDocument = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
  ... on Error { message } ... on CreateUploadPayload { uploadUrl source { id } } } }`;
const stateDocument =
  'query ($id: ID!) { source(by: { id: $id }) { state stateReason entries { nodes { message } } } }';

const mebibyte = 1024 * 1024;
const line = `${'x'.repeat(1023)}\n`;

/** A server of its own, with a directory for what is uploaded to it. */
async function prepare() {
  const dataDir = join(await temporaryDirectory(), 'data');
  const directory = join(dataDir, 'uploads');
  mkdirSync(directory, { recursive: true });
  const process = await ServerProcess.prepare(dataDir, []);
  let base = '';
  const ask = async (query: string, variables: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${process.token}` };
    const body = JSON.stringify({ query, variables });
    const response = await fetch(`${base}/graphql`, { method: 'POST', headers, body });
    return (await response.json()).data;
  };
  return {
    process,
    kept: () => readdirSync(directory),
    async start(wrapper: string[] = []) {
      base = await process.start(wrapper);
    },
    async ticket(name: string, size: number): Promise<{ url: string; id: string }> {
      const { createUpload } = await ask(createDocument, { input: { name, size } });
      if (createUpload.uploadUrl === undefined) throw new Error(createUpload.message);
      return { url: createUpload.uploadUrl, id: createUpload.source.id };
    },
    state: async (id: string) => (await ask(stateDocument, { id })).source,
    directory,
  };
}

/** Sends portions until so many bytes went, or the server answers, and gives what it answers and what went by then. */
function send(
  url: string,
  bytes: number,
  headers: Record<string, string> = {},
): Promise<{ status: number; sent: number }> {
  const portion = Buffer.from(line.repeat(256));
  let sent = 0;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method: 'PUT', headers }, (response) => {
      response.resume();
      outgoing.destroy();
      resolve({ status: response.statusCode ?? 0, sent });
    });
    outgoing.on('error', reject);
    const write = () => {
      for (let hasRoom = true; hasRoom && sent < bytes; sent += portion.length) hasRoom = outgoing.write(portion);
      if (sent < bytes) outgoing.once('drain', write);
      else outgoing.end();
    };
    write();
  });
}

test('five gigabytes against a limit of 100 MB are cut off early, take little memory, and leave nothing', {
  timeout: 120_000,
}, async () => {
  const { process, start, ticket, state, kept } = await prepare();
  await start();
  const size = 100 * mebibyte;
  const memory = (field: string) =>
    1024 *
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${process.pid}/status`, 'utf8'))?.[1]);
  const small = await ticket('small.log', mebibyte);
  expect((await send(small.url, mebibyte)).status).toBe(201);
  const before = memory('VmRSS');
  // Of one that says how much comes, nothing is taken at all.
  const honest = await ticket('honest.log', size);
  const told = await send(honest.url, 5 * 1024 * mebibyte, { 'content-length': `${5 * 1024 * mebibyte}` });
  expect(told.status).toBe(413);
  expect(told.sent).toBeLessThan(20 * mebibyte);
  const large = await ticket('large.log', size);
  const { status, sent } = await send(large.url, 5 * 1024 * mebibyte);
  expect(status).toBe(413);
  expect(sent).toBeLessThan(size + 20 * mebibyte);
  expect(memory('VmHWM') - before).toBeLessThan(64 * mebibyte);
  expect(await state(large.id)).toMatchObject({ state: 'FAILED' });
  await vi.waitFor(() => expect(kept().length).toBe(1));
});

test('a server that is killed meanwhile has no half of it, and says so', { timeout: 60_000 }, async () => {
  const { process, start, ticket, state, kept } = await prepare();
  await start();
  const whole = await ticket('whole.log', mebibyte);
  await send(whole.url, mebibyte);
  const half = await ticket('half.log', 2 * mebibyte);
  const outgoing = httpRequest(half.url, { method: 'PUT', headers: { 'content-length': `${2 * mebibyte}` } });
  outgoing.on('error', () => {});
  outgoing.write(line.repeat(1024));
  await vi.waitFor(() => expect(kept().length).toBe(2));
  await process.kill();
  expect(kept().length).toBe(2);
  await start();
  expect(kept().length).toBe(1);
  expect(await state(half.id)).toMatchObject({ state: 'FAILED', stateReason: expect.stringContaining('stopped') });
  expect(await state(whole.id)).toMatchObject({ state: 'ACTIVE' });
});

// Skipped, and said so, where no file system can be mounted. In CI that is a failure.
const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!mayMount && process.env.CI === 'true') throw new Error('CI must not skip the test of a full disk.');
if (!mayMount) process.stderr.write('Skipping the test of a full disk: no file system can be mounted.\n');

test.skipIf(!mayMount)(
  'a disk that is full is told, keeps nothing of it, and is of use for what fits',
  {
    timeout: 60_000,
  },
  async () => {
    const { start, ticket, state, directory } = await prepare();
    const script = 'directory=$1; shift; mount -t tmpfs -o size=1m none "$directory" && exec "$@"';
    await start(['unshare', '-rm', 'sh', '-c', script, 'sh', directory]);
    const large = await ticket('large.log', 2 * mebibyte);
    expect((await send(large.url, 2 * mebibyte)).status).toBe(507);
    expect(await state(large.id)).toMatchObject({ state: 'FAILED', stateReason: 'The disk of the server is full.' });
    const fits = await ticket('fits.log', mebibyte / 2);
    expect((await send(fits.url, mebibyte / 2)).status).toBe(201);
    expect(await state(fits.id)).toMatchObject({ state: 'ACTIVE' });
  },
);
