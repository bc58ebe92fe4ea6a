import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Environment } from '../../server/config/environment.ts';
import type { Flags } from '../../server/config/flag.ts';
import { jsonSchema, type Key, keysOf } from '../../server/config/key.ts';
import { type LoadedConfig, loadConfig } from '../../server/config/load.ts';
import { valueAt } from '../../server/config/tree.ts';
import { OperatorError } from '../../src/errors.ts';
import { freshDirectory } from '../support/directory.ts';

let directory: string;
beforeEach(async () => {
  directory = await freshDirectory();
});

interface Given {
  yaml?: string;
  environment?: Environment;
  flags?: Flags;
}

function load({ yaml, environment = {}, flags = {} }: Given): LoadedConfig {
  if (yaml !== undefined) writeFileSync(join(directory, 'tailql.config.yaml'), yaml);
  return loadConfig({ flags, environment, directory });
}

function problemsOf(given: Given): string[] {
  try {
    load(given);
    return [];
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    expect(error.exitCode).toBe(2);
    return error.message.split('\n');
  }
}

const secret = 'correct-horse-battery-staple-0123456789';

describe('a bad file is told by the exact place', () => {
  const file = 'tailql.config.yaml';
  const table: [yaml: string, ...problems: string[]][] = [
    ['port: forty', `${file}:1:7: port: expected a number from 0 to 65535, saw "forty"`],
    ['port: 65536', `${file}:1:7: port: expected a number from 0 to 65535, saw 65536`],
    ['port: 40.5', `${file}:1:7: port: expected a whole number from 0 to 65535, saw 40.5`],
    ['port:', `${file}:1:6: port: expected a number from 0 to 65535, saw nothing`],
    [
      'host: postgres://u:hunter2@db\nport: postgres://u:hunter2@db',
      `${file}:2:7: port: expected a number from 0 to 65535, saw "postgres://***@db"`,
    ],
    ['host: ""', `${file}:1:7: host: expected text that is not empty, saw ""`],
    ['\nprot: 1', `${file}:2:1: prot: unknown key; did you mean "port"?`],
    ['zebra: 1', `${file}:1:1: zebra: unknown key`],
    ['maxPageSize: 1', `${file}:1:1: maxPageSize: unknown key; did you mean "limits.maxPageSize"?`],
    [
      'limits:\n  maxPagesize: 5\n  pollIntervalMs: 0',
      `${file}:3:19: limits.pollIntervalMs: expected a number from 1 to 2147483647, saw 0`,
      `${file}:2:3: limits.maxPagesize: unknown key; did you mean "maxPageSize"?`,
    ],
    ['limits: 5', `${file}:1:9: limits: expected a mapping, saw 5`],
    [
      'logLevel: inof',
      `${file}:1:11: logLevel: expected one of silent, fatal, error, warn, info, debug, trace, saw "inof"; did you mean "info"?`,
    ],
    ['sources: /var/log/a.log', `${file}:1:10: sources: expected a list, saw text`],
    ['sources:\n  - name: a', `${file}:2:5: sources[0].path: expected text, saw nothing`],
    ['sources:\n  - /a.log', `${file}:2:5: sources[0]: expected a mapping with path, saw text`],
    [
      'sources: [{path: ""}]',
      `${file}:1:18: sources[0].path: expected a path, not empty and without NUL characters, saw ""`,
    ],
    [
      'sources: [{path: "/a\\0b"}]',
      `${file}:1:18: sources[0].path: expected a path, not empty and without NUL characters, saw "/a\\u0000b"`,
    ],
    [
      'sources:\n  - path: logs/../../etc/passwd',
      `${file}:2:11: sources[0].path: expected an absolute path, or a relative one that does not lead out through "..", saw "logs/../../etc/passwd"`,
    ],
    [
      'sources:\n  - {path: /a, name: x}\n  - {path: /b}\n  - {path: /c, name: x}',
      `${file}:4:22: sources[2].name: expected a name of its own (sources[0] has the same), saw "x"`,
    ],
    [
      'sources: [{path: /a, timezone: Mars/Olympus}]',
      `${file}:1:32: sources[0].timezone: expected an IANA time zone such as Europe/Berlin, saw "Mars/Olympus"`,
    ],
    [
      'allowedOrigins: ["https://a.example/"]',
      `${file}:1:18: allowedOrigins[0]: expected an exact origin such as https://logs.example.com, saw "https://a.example/"`,
    ],
    [
      'allowedOrigins: ["*"]',
      `${file}:1:18: allowedOrigins[0]: expected an exact origin such as https://logs.example.com, saw "*"`,
    ],
    [
      'databaseUrl: mysql://root:hunter2@db/x?password=hunter2',
      `${file}:1:14: databaseUrl: expected a URL beginning with file:, postgresql:// or postgres://`,
    ],
    ['auth: {jwtSecret: hunter2}', `${file}:1:19: auth.jwtSecret: expected a secret of at least 32 bytes`],
    ['auth: {jwtSecret: 1234567}', `${file}:1:19: auth.jwtSecret: expected text`],
    [`auth: ${secret}`, `${file}:1:7: auth: expected a mapping, saw text`],
    [`auth: {jwtSecrt: ${secret}}`, `${file}:1:8: auth.jwtSecrt: unknown key; did you mean "jwtSecret"?`],
    ['[]', `${file}:1:1: expected a mapping, saw a list`],
    [`- ${secret}\nport: 1`, `${file}:2:1: cannot be read as YAML (unexpected token)`],
    [`auth:\n\tjwtSecret: ${secret}`, `${file}:2:1: cannot be read as YAML (tab as indent)`],
    ['port: 1\nport: 2', `${file}:2:1: cannot be read as YAML (duplicate key)`],
    [
      `auth: {jwtSecret: *${secret}}`,
      `${file}: cannot be read as YAML (an alias without its anchor, or too many aliases)`,
    ],
    ['"a\\nb": 1', `${file}:1:1: "a\\nb": unknown key`],
  ];
  test.each(table)('%j', (yaml, ...problems) => {
    expect(problemsOf({ yaml })).toEqual(problems);
  });
});

describe('a bad variable or flag is told by its name', () => {
  const table: [given: Given, ...problems: string[]][] = [
    [{ environment: { TAILQL_PORT: 'forty' } }, 'TAILQL_PORT: port: expected a number from 0 to 65535, saw "forty"'],
    [{ environment: { TAILQL_PROT: secret } }, 'TAILQL_PROT: unknown variable; did you mean "TAILQL_PORT"?'],
    [
      { environment: { TAILQL_SOURCES: '/a.log,,../b.log' } },
      'TAILQL_SOURCES: sources[1].path: expected a path, not empty and without NUL characters, saw ""',
      'TAILQL_SOURCES: sources[2].path: expected an absolute path, or a relative one that does not lead out through "..", saw "../b.log"',
    ],
    [
      { environment: { TAILQL_SOURCES: '[{' } },
      'TAILQL_SOURCES: sources: expected values separated by commas, or a YAML list',
    ],
    [
      { environment: { TAILQL_AUTH_JWT_SECRET_FILE: '/nowhere/secret' } },
      'TAILQL_AUTH_JWT_SECRET_FILE: auth.jwtSecret: the file "/nowhere/secret" cannot be read (ENOENT)',
    ],
    [
      { environment: { TAILQL_AUTH_JWT_SECRET: secret, TAILQL_AUTH_JWT_SECRET_FILE: '/nowhere/secret' } },
      'TAILQL_AUTH_JWT_SECRET_FILE: auth.jwtSecret: TAILQL_AUTH_JWT_SECRET is set too; unset one of them',
    ],
    [
      { environment: { DATABASE_URL: 'mysql://u:p@h/d' } },
      'DATABASE_URL: databaseUrl: expected a URL beginning with file:, postgresql:// or postgres://',
    ],
    [{ flags: { port: '-1' } }, '--port: port: expected a number from 0 to 65535, saw -1'],
    [{ flags: { dataDir: '' } }, '--data-dir: dataDir: expected a path, not empty and without NUL characters, saw ""'],
    [{ flags: { config: 'none.yaml' } }, '--config: there is no file "none.yaml"'],
    [{ flags: { config: '.' } }, '.: cannot be read (EISDIR)'],
  ];
  test.each(table)('%j', (given, ...problems) => {
    expect(problemsOf(given)).toEqual(problems);
  });
});

test('problems of all layers are reported at once, also of a value that another layer overrides', () => {
  const given = { yaml: 'port: a\nhots: b', environment: { TAILQL_PORT: 'c' }, flags: { port: '5000' } };
  expect(problemsOf(given)).toEqual([
    'tailql.config.yaml:1:7: port: expected a number from 0 to 65535, saw "a"',
    'tailql.config.yaml:2:1: hots: unknown key; did you mean "host"?',
    'TAILQL_PORT: port: expected a number from 0 to 65535, saw "c"',
  ]);
});

test('problems beyond the first fifty are only counted', () => {
  const yaml = Array.from({ length: 60 }, (_, index) => `zebra${index}: 1`).join('\n');
  const problems = problemsOf({ yaml });
  expect(problems).toHaveLength(51);
  expect(problems.at(-1)).toBe('and 10 more');
});

test('a file that is too large is not parsed', () => {
  expect(problemsOf({ yaml: '#'.repeat(1024 * 1024 + 1) })).toEqual([
    'tailql.config.yaml: larger than 1 MiB; name a configuration file',
  ]);
});

test('a flag wins over the environment, that over the file, that over the default, key by key', () => {
  const { config, origins } = load({
    yaml: 'host: file\nport: 1\nlogLevel: warn\nlimits: {maxPageSize: 7, maxTokens: 8}',
    environment: { TAILQL_HOST: 'environment', TAILQL_PORT: '2', TAILQL_LIMITS_MAX_TOKENS: '9' },
    flags: { host: 'flag' },
  });
  expect(config).toMatchObject({ host: 'flag', port: 2, logLevel: 'warn' });
  expect(config.limits).toMatchObject({ maxPageSize: 7, maxTokens: 9, maxBatchWrite: 1000 });
  expect(Object.fromEntries(origins)).toEqual({
    host: '--host',
    port: 'TAILQL_PORT',
    logLevel: 'tailql.config.yaml:3:11',
    'limits.maxPageSize': 'tailql.config.yaml:4:23',
    'limits.maxTokens': 'TAILQL_LIMITS_MAX_TOKENS',
  });
});

test('TAILQL_DATABASE_URL wins over DATABASE_URL, and that over the file', () => {
  const yaml = 'databaseUrl: postgres://file/x';
  const both = { DATABASE_URL: 'postgres://plain/x', TAILQL_DATABASE_URL: 'postgres://ours/x' };
  expect(load({ yaml, environment: both }).config.databaseUrl).toBe('postgres://ours/x');
  expect(load({ yaml, environment: { DATABASE_URL: both.DATABASE_URL } }).config.databaseUrl).toBe(
    'postgres://plain/x',
  );
});

test('an empty variable is as good as none', () => {
  expect(load({ yaml: 'port: 1', environment: { TAILQL_PORT: '' } }).config.port).toBe(1);
});

test('relative paths are below the directory of what names them', () => {
  const conf = join(directory, 'conf');
  mkdirSync(conf);
  const yaml = 'dataDir: ../data\ndatabaseUrl: file:x.db\nsources: [{path: logs/*.log}]';
  writeFileSync(join(conf, 'my.yaml'), yaml);
  const { config } = load({ flags: { config: 'conf/my.yaml' } });
  expect(config.dataDir).toBe(join(directory, 'data'));
  expect(config.databaseUrl).toBe(`file:${join(conf, 'x.db')}`);
  expect(config.sources).toEqual([{ path: join(conf, 'logs/*.log') }]);

  const overridden = load({
    flags: { config: 'conf/my.yaml', dataDir: 'd' },
    environment: { TAILQL_SOURCES: 'a.log' },
  }).config;
  expect(overridden.dataDir).toBe(join(directory, 'd'));
  expect(overridden.sources).toEqual([{ path: join(directory, 'a.log') }]);
});

test('the database is in the data directory unless something else is said', () => {
  expect(load({ flags: { dataDir: '/srv/tailql' } }).config.databaseUrl).toBe('file:/srv/tailql/tailql.db');
  expect(load({}).config.databaseUrl).toBe(`file:${join(directory, 'data/tailql.db')}`);
});

test('no sources and an empty list of sources are different', () => {
  expect(load({ yaml: '# nothing\n' }).config.sources).toBeUndefined();
  expect(load({ yaml: 'sources: []' }).config.sources).toEqual([]);
  expect(load({ environment: { TAILQL_SOURCES: '[]' } }).config.sources).toEqual([]);
});

test('TAILQL_SOURCES takes paths separated by commas, globs with commas in them, or a YAML list', () => {
  const sources = (text: string) => load({ environment: { TAILQL_SOURCES: text } }).config.sources;
  expect(sources('/a.log, /{b,c}/*.log')).toEqual([{ path: '/a.log' }, { path: '/{b,c}/*.log' }]);
  expect(sources('[/a.log, {path: /b.log, name: b}]')).toEqual([{ path: '/a.log' }, { path: '/b.log', name: 'b' }]);
  expect(sources('- /a.log\n- path: /b.log\n')).toEqual([{ path: '/a.log' }, { path: '/b.log' }]);
});

test('a secret is read from the file that a _FILE variable names, without its line end', () => {
  const path = join(directory, 'secret');
  writeFileSync(path, `${secret}\n`);
  const { config, origins } = load({ environment: { TAILQL_AUTH_JWT_SECRET_FILE: path } });
  expect(config.auth.jwtSecret).toBe(secret);
  expect(origins.get('auth.jwtSecret')).toBe('TAILQL_AUTH_JWT_SECRET_FILE');

  writeFileSync(path, 'postgresql://u:p@db/x\r\n');
  const url = load({ environment: { TAILQL_DATABASE_URL_FILE: path, DATABASE_URL: 'postgres://plain/x' } }).config;
  expect(url.databaseUrl).toBe('postgresql://u:p@db/x');
});

describe('every key has a variable that sets it', () => {
  const special: { [name: string]: [text: string, value: unknown] } = {
    publicUrl: ['https://a.example:81', 'https://a.example:81'],
    dataDir: ['/srv/x', '/srv/x'],
    databaseUrl: ['postgres://h/d', 'postgres://h/d'],
    sources: ['/x.log', [{ path: '/x.log' }]],
    'auth.jwtSecret': [secret, secret],
    'analysis.llm.url': ['https://other.example/v1', 'https://other.example/v1'],
    'auth.jwks.url': ['https://other.example/', 'https://other.example/'],
    allowedOrigins: ['https://a.example,http://b.example:81', ['https://a.example', 'http://b.example:81']],
    'limits.uploadExtensions': ['.log, .gz', ['.log', '.gz']],
    'actions.redactedKeys': ['pin, iban', ['pin', 'iban']],
    auditKeyFile: ['/srv/audit.pem', '/srv/audit.pem'],
    'storage.s3.endpoint': ['https://other.example/', 'https://other.example/'],
    'storage.s3.prefix': ['other/', 'other/'],
  };
  /** Sections that are left out as a whole, or have all that they need. */
  const sections = {
    TAILQL_AUTH_JWKS_: {
      TAILQL_AUTH_JWKS_URL: 'https://id.example/keys',
      TAILQL_AUTH_JWKS_ISSUER: 'https://id.example',
      TAILQL_AUTH_JWKS_AUDIENCE: 'tailql',
    },
    TAILQL_ANALYSIS_LLM_: {
      TAILQL_ANALYSIS_LLM_URL: 'https://llm.example/v1',
      TAILQL_ANALYSIS_LLM_MODEL: 'small',
    },
    TAILQL_STORAGE_S3_: {
      TAILQL_STORAGE_S3_ENDPOINT: 'https://s3.example',
      TAILQL_STORAGE_S3_BUCKET: 'logs',
      TAILQL_STORAGE_S3_ACCESS_KEY_ID: 'us',
      TAILQL_STORAGE_S3_SECRET_ACCESS_KEY: 'proof',
    },
  };
  /** A valid value that is not the default, made from the schema alone where it says enough. */
  function sample({ name, schema }: Key): [text: string, value: unknown] {
    const known = special[name];
    if (known !== undefined) return known;
    if (schema.enum !== undefined) return [String(schema.enum[0]), schema.enum[0]];
    if (schema.type === 'integer') return [String(schema.maximum), schema.maximum];
    return ['x', 'x'];
  }
  test.each(keysOf(jsonSchema()).map((key) => [key.variable, key] as const))('%s', (variable, key) => {
    const [text, value] = sample(key);
    const [, others] = Object.entries(sections).find(([start]) => variable.startsWith(start)) ?? [];
    const { config, origins } = load({ environment: { ...others, [variable]: text } });
    expect(valueAt(load({}).config, key.path)).not.toEqual(value);
    expect(valueAt(config, key.path)).toEqual(value);
    expect(origins.get(key.name)).toBe(variable);
  });
});

test('what a section needs may stand in several places, and what stands in none is told where the section is', () => {
  const yaml = 'storage:\n  s3: { endpoint: https://s3.example, bucket: logs, accessKeyId: us }\n';
  const { config } = load({ yaml, environment: { TAILQL_STORAGE_S3_SECRET_ACCESS_KEY: 'proof' } });
  expect(config.storage.s3).toMatchObject({ bucket: 'logs', prefix: 'tailql/', secretAccessKey: 'proof' });
  expect(() => load({ yaml })).toThrow(/tailql\.config\.yaml:2:\d+: storage\.s3\.secretAccessKey: expected text/);
  const environment = { TAILQL_STORAGE_S3_BUCKET: 'logs' };
  expect(() => load({ yaml: '# nothing\n', environment })).toThrow(/storage\.s3\.endpoint: expected/);
});

test('the documented variables keep their names', () => {
  const variables = keysOf(jsonSchema()).map((key) => key.variable);
  expect(variables).toEqual(
    expect.arrayContaining(['TAILQL_HOST', 'TAILQL_DATA_DIR', 'TAILQL_LIMITS_MAX_PAGE_SIZE', 'TAILQL_AUTH_JWT_SECRET']),
  );
});

test('every key and limit is described, and every number has both bounds', () => {
  for (const { name, schema } of keysOf(jsonSchema())) {
    expect(schema.description, name).toMatch(/\.$/);
    if (schema.type === 'integer') expect([schema.minimum, schema.maximum], name).not.toContain(undefined);
  }
});

test.each(['', '!', '*', '&', '@', '`', '%', '"', "'", '|', '>', '[', '{', '- ', '? ', '#', '\\t', '!<'])(
  'a secret after %j is not repeated, whatever the parser thinks of it',
  (prefix) => {
    for (const yaml of [`auth:\n  jwtSecret: ${prefix}hunter2`, `auth:\n  jwtSecret:${prefix}hunter2`]) {
      const problems = problemsOf({ yaml });
      expect(problems).not.toEqual([]);
      expect(problems.join('\n')).not.toContain('hunter2');
    }
  },
);

test('any text in the file, in a variable or in a flag either works or is an OperatorError of single lines', () => {
  const piece = fc.constantFrom(
    ...[
      'port: ',
      'limits:\n',
      'auth:',
      '  jwtSecret: ',
      'sources:\n',
      '- path: ',
      '&a ',
      '*a',
      '<<: ',
      '!!set ',
      '? ',
      '|\n',
    ],
    ...[
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"',
      "'",
      '\n',
      '\t',
      '---\n',
      '%YAML 3\n',
      '__proto__: ',
      '1',
      '/x.log',
      '\0',
      '#',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (yaml) => {
      for (const line of problemsOf({ yaml }))
        expect(line).toMatch(/^tailql\.config\.yaml(:\d+:\d+)?: |^and \d+ more$/);
      problemsOf({ environment: { TAILQL_SOURCES: yaml, TAILQL_PORT: yaml, DATABASE_URL: yaml } });
      problemsOf({ flags: { host: yaml, port: yaml, databaseUrl: yaml } });
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['nested too deeply', `sources: ${'['.repeat(100_000)}`],
  [
    'aliases that multiply',
    `a: &a [x]\n${Array.from({ length: 12 }, (_, i) => `b${i}: &b${i} [${Array(9).fill(i ? `*b${i - 1}` : '*a')}]`).join('\n')}`,
  ],
])('a hostile file is a problem like any other: %s', (_, yaml) => {
  expect(problemsOf({ yaml })[0]).toMatch(/^tailql\.config\.yaml.*cannot be read as YAML/);
});
