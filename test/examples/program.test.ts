import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs `npx tsx examples/CLIENT/main.ts ARGS`. */
function run(client: string, args: string[], server: TestServer) {
  const child = spawn(process.execPath, ['--import', 'tsx', `examples/${client}/main.ts`, ...args], {
    cwd: root,
    env: { ...process.env, TAILQL_URL: `${server.url}/graphql`, TAILQL_TOKEN: server.token },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const shown = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    shown.error += text;
  });
  return { child, shown, ended: new Promise((resolve) => child.once('close', resolve)) };
}

test.each(['urql', 'apollo'])('the program in examples/%s lists the sources when none is named', async (client) => {
  const server = await startTestServer({ files: { 'app.log': 'hello\n' } });
  const { shown, ended } = run(client, [], server);
  expect(await ended).toBe(1);
  expect(shown.out).toMatch(/^app\.log {2}\((TEXT|UNKNOWN), ACTIVE\)$/m);
  expect(shown.error).toBe('Name one of these sources.\n');
});

test.each(['urql', 'apollo'])('the program in examples/%s prints entries until it is interrupted', async (client) => {
  const server = await startTestServer({ files: { 'app.log': 'hello\n' } });
  const { child, shown, ended } = run(client, ['app.log'], server);
  await vi.waitFor(() => expect(shown.out).toBe('-  UNKNOWN  hello\n'), { timeout: 30_000 });
  await server.append('app.log', '\u001b[2J cleared\n');
  await vi.waitFor(() => expect(shown.out).toBe('-  UNKNOWN  hello\n-  UNKNOWN  \\u001b[2J cleared\n'), {
    timeout: 30_000,
  });
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(shown.error).toBe('');
});

test.each(['urql', 'apollo'])('the program in examples/%s shows what a search finds', async (client) => {
  const server = await startTestServer({
    files: {
      'php.log': '[21-Nov-2026 10:50:54 UTC] PHP Warning:  low\n[21-Nov-2026 10:50:55 UTC] PHP Notice:  fine\n',
    },
  });
  const { child, shown, ended } = run(client, ['php.log', 'level>=warn'], server);
  await vi.waitFor(() => expect(shown.out).toMatch(/low/), { timeout: 30_000 });
  await server.append(
    'php.log',
    '[21-Nov-2026 10:50:56 UTC] PHP Notice:  fine\n[21-Nov-2026 10:50:57 UTC] PHP Warning:  out\n',
  );
  await vi.waitFor(() => expect(shown.out).toMatch(/out/), { timeout: 30_000 });
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(shown).toEqual({ out: expect.not.stringContaining('fine'), error: '' });
});
