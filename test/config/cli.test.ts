import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freshDirectory } from '../support/directory.ts';
import { run } from './process.ts';

let directory: string;
beforeEach(async () => {
  directory = await freshDirectory();
});

const secret = 'correct-horse-battery-staple-0123456789';
const writeConfig = (yaml: string): void => writeFileSync(join(directory, 'tailql.config.yaml'), yaml);

test('config validate says one line when all is well', async () => {
  writeConfig('port: 5000');
  expect(await run(['config', 'validate'], { directory })).toEqual({
    stdout: 'The configuration is valid.\n',
    stderr: '',
    code: 0,
  });
});

test('config validate lists every problem on standard error and exits with 2', async () => {
  writeConfig('limits:\n  maxPageSize: forty\nprot: 1\n');
  const environment = { TAILQL_LOG_LEVEL: 'verbose' };
  expect(await run(['config', 'validate', '--host', ''], { directory, environment })).toEqual({
    stdout: '',
    stderr: [
      'tailql.config.yaml:2:16: limits.maxPageSize: expected a number from 1 to 1000000, saw "forty"',
      'tailql.config.yaml:3:1: prot: unknown key; did you mean "port"?',
      'TAILQL_LOG_LEVEL: logLevel: expected one of silent, fatal, error, warn, info, debug, trace, saw "verbose"',
      '--host: host: expected text that is not empty, saw ""',
      '',
    ].join('\n'),
    code: 2,
  });
});

test('config print gives valid YAML with the origin of each value, and no secret', async () => {
  writeConfig(`auth: {jwtSecret: ${secret}}\nsources:\n  - {path: /a.log, name: "a: b"}\n  - {path: /b.log}\n`);
  const environment = { TAILQL_PORT: '5000', DATABASE_URL: 'postgresql://ann:hunter2@db/logs?sslpassword=hunter2' };
  const { stdout, code } = await run(['config', 'print', '--host', '::1'], { directory, environment });
  expect(code).toBe(0);
  expect(stdout).not.toContain(secret);
  expect(stdout).not.toContain('hunter2');
  expect(stdout).toContain('host: ::1 # --host\n');
  expect(stdout).toContain('port: 5000 # TAILQL_PORT\n');
  expect(stdout).toContain('databaseUrl: postgresql://***@db/logs?sslpassword=*** # DATABASE_URL\n');
  expect(stdout).toContain('  jwtSecret: "***" # tailql.config.yaml:1:19\n');
  expect(stdout).toContain('sources: # tailql.config.yaml:3:3\n');
  expect(stdout).toContain('  maxPageSize: 1000 # default\n');
  expect(parse(stdout)).toMatchObject({
    host: '::1',
    dataDir: join(directory, 'data'),
    sources: [{ path: '/a.log', name: 'a: b' }, { path: '/b.log' }],
    limits: { uploadExtensions: expect.arrayContaining(['.log']) },
  });
});

test('config print says what happens when a key is left out', async () => {
  const { stdout } = await run(['config', 'print'], { directory });
  expect(stdout).toContain('# sources is not set. Log files to offer. Absent: the well-known logs of this machine.');
});

test('config schema is the JSON Schema of the file', async () => {
  const { stdout, code } = await run(['config', 'schema'], { directory });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    additionalProperties: false,
    properties: {
      port: { type: 'integer', minimum: 0, maximum: 65535, default: 4000 },
      limits: { properties: { maxRecordBytes: { default: 1048576, description: expect.stringContaining('bytes') } } },
    },
  });
});

test('--version is the version of the package', async () => {
  const { stdout, code } = await run(['--version'], { directory });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(code).toBe(0);
});

test('--help names every command and exits with 0', async () => {
  const { stdout, code } = await run(['--help'], { directory });
  for (const command of ['start', 'config', 'token']) expect(stdout).toContain(`\n  ${command} `);
  expect(code).toBe(0);
});

describe('a misused command line exits with 2 and says what was meant', () => {
  test.each([
    [['--prot', '1'], "error: unknown option '--prot'\n(Did you mean --port?)\n"],
    [['strat'], "error: unknown command 'strat'\n(Did you mean start?)\n"],
    [['zebra'], "error: unknown command 'zebra'\n"],
    [['config', 'prnt'], "error: unknown command 'prnt'\n(Did you mean print?)\n"],
    [['token', 'create', 'ci'], "error: required option '--scope <scopes>' not specified\n"],
    [['--port'], "error: option '--port <number>' argument missing\n"],
    [['start', '--port', 'forty'], '--port: port: expected a number from 0 to 65535, saw "forty"\n'],
    [['--config', 'none.yaml'], '--config: there is no file "none.yaml"\n'],
  ])('%j', async (args, stderr) => {
    expect(await run(args, { directory })).toEqual({ stdout: '', stderr, code: 2 });
  });
});
