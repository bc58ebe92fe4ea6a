import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Reporter } from '../../examples/actions/reporter.ts';
import { createToken } from '../../server/token-command.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;

const programs = {
  TypeScript: [process.execPath, '--import', 'tsx', 'examples/actions/main.ts'],
  Python: ['python3', 'examples/actions/reporter.py'],
};

async function run([program = '', ...args]: string[], server: TestServer, token: string) {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, TAILQL_URL: `${server.url}/graphql`, TAILQL_TOKEN: token },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
  }
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, shown };
}

const recorded = async (server: TestServer) =>
  (
    await server.data<{ actions: { nodes: { action: string }[] } }>(
      '{ actions(last: 1000) { nodes { service action status durationMs error metadata } } }',
    )
  ).actions.nodes;

test('there is Python where no test may be skipped', () => {
  expect(hasPython || process.env.CI !== 'true').toBe(true);
});

describe.each(Object.entries(programs))('the reporter in %s', (language, program) => {
  test.skipIf(language === 'Python' && !hasPython)(
    'reports what was done and how it ended, and is not noticed',
    async () => {
      const server = await startTestServer();
      const { code, shown } = await run(program, server, await createToken(server.config, 'test', ['ACTIONS_WRITE']));
      expect(shown).toMatch(/^The sum is 3\.?\nAs without a reporter: .*zero\n$/i);
      expect(code).toBe(0);
      expect(await recorded(server)).toEqual([
        {
          service: 'example',
          action: 'add',
          status: 'SUCCESS',
          durationMs: expect.any(Number),
          error: null,
          metadata: null,
        },
        {
          service: 'example',
          action: 'divide',
          status: 'FAILED',
          durationMs: expect.any(Number),
          error: expect.stringMatching(/zero/i),
          metadata: { by: 'zero' },
        },
      ]);
    },
  );

  test.skipIf(language === 'Python' && !hasPython)(
    'says why nothing was recorded, and the service goes on',
    async () => {
      const server = await startTestServer();
      const { code, shown } = await run(program, server, await createToken(server.config, 'test', ['ACTIONS_READ']));
      expect(shown).toMatch(/The sum is 3[\s\S]*2 reports were refused: .*ACTIONS_WRITE/);
      expect(code).toBe(0);
      expect(await recorded(server)).toEqual([]);
    },
  );
});

test('the reporter sends many reports in few requests, in their order, also when the server was away', async () => {
  const server = await startTestServer();
  const problems: string[] = [];
  let isAway = true;
  const send = globalThis.fetch;
  const requests = vi.spyOn(globalThis, 'fetch').mockImplementation(async (...args) => {
    if (!isAway) return send(...args);
    isAway = false;
    throw new TypeError('fetch failed');
  });
  onTestFinished(() => {
    requests.mockRestore();
  });
  const onProblem = (problem: string) => {
    problems.push(problem);
    throw new Error('Nobody may notice this.');
  };
  const reporter = new Reporter({ url: `${server.url}/graphql`, token: server.token, onProblem });
  for (let number = 0; number < 700; number++) await reporter.withAction('shop', `a${number % 3}`, () => number);
  await reporter.flush();
  expect(requests.mock.calls.length).toBeLessThanOrEqual(4);
  requests.mockRestore();
  expect(problems).toEqual([expect.stringMatching(/cannot be reached/)]);
  expect((await recorded(server)).map(({ action }) => action)).toEqual(
    Array.from({ length: 700 }, (_, number) => `a${number % 3}`),
  );
});
