import { beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

const files = {
  'access.log':
    '203.0.113.7 - ada [21/Nov/2026:10:15:30 +0100] "GET /items?id=7 HTTP/1.1" 404 153 "https://example.com/a" "curl/8.5.0"\n' +
    '2001:db8::1 - - [21/Nov/2026:10:15:31 +0100] "POST /login HTTP/2.0" 500 8589934592 "-" "-"\n' +
    '203.0.113.9 - - [21/Nov/2026:10:15:32 +0100] "GET / HTTP/1.1" 200 5 "-" "-"\n'.repeat(20) +
    'this is no request\n',
  'error.log':
    '2026/11/21 10:15:30 [error] 7#8: *2 open() "/srv/nope" failed (2: No such file or directory), client: 203.0.113.7, server: shop.example, request: "GET /nope HTTP/1.1", host: "shop.example"\n' +
    '2026/11/21 10:15:31 [notice] 7#7: nginx/1.22.1\n',
  'vhosts.log':
    'shop.example:80 203.0.113.7 - - [21/Nov/2026:10:15:30 +0100] "GET / HTTP/1.1" 503 540 "-" "curl/7.88.1" 0/1874\n',
  syslog:
    'Nov 21 10:15:30 web1 sshd[4242]: Failed password for root from 203.0.113.7 port 4711 ssh2\n' +
    '<30>1 2026-11-21T10:15:31.123Z web1 cron 77 - - (root) CMD (true)\n',
  'app.jsonl':
    '{"timestamp":"2026-11-21T10:15:30.123Z","level":"error","logger":"shop","message":"no stock","module":"cart","function":"add","line":12,"order":{"id":7,"items":["a","b"]},"dotted.name":true}\n' +
    '{"time":"2026-11-21T10:15:31Z","lvl":"warn","msg":"slow"}\n',
  'app.py.log': `2026-11-21 10:15:30,123 - shop.cart - WARNING - [cart.py:12] - no stock\n${'ERROR:root:failed\n'.repeat(3)}`,
  'app.java.log':
    '2026-11-21 10:15:30,123 ERROR [main] com.example.Cart:12 - no stock\n' +
    '2026-11-21 10:15:31,123 INFO  [main] com.example.Cart - restocked\n',
  'app.logfmt': 'ts=2026-11-21T10:15:30Z level=warn logger=shop function=add line=12 msg="no stock"\n',
  'other.txt':
    '- 1795256130 node-7 2026-11-21-10.15.30.123456 KERNEL FATAL daemon: no stock\n' +
    '- 1795256131 node-8 2026-11-21-10.15.31.123456 KERNEL INFO restocked\n'.repeat(30),
  'plain.txt': '2026-11-21 10:15:30 ERROR something broke\n\tat here\n\nüñí ¢ode\n',
};

const common = '__typename timestamp level message raw truncated source { name }';
const document = `
  query ($name: String!) {
    source(by: { name: $name }) {
      format
      entries(first: 100) {
        nodes {
          ${common}
          ... on AccessLogEntry { remoteAddress user method path protocol status bytesSent referer userAgent durationMs }
          ... on ErrorLogEntry { errorProcess: process subsystem client server request }
          ... on SyslogLogEntry { host process pid facility }
          ... on SystemLogEntry { logger module function line }
          ... on AuditLogEntry { logger action metadata }
        }
      }
    }
  }`;

interface Data {
  source: { format: string; entries: { nodes: { [name: string]: unknown }[] } };
}

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ files });
});

const read = async (name: string) => (await server.data<Data>(document, { name })).source;

describe('entries have the type of their log:', () => {
  test('nginx access', async () => {
    const { format, entries } = await read('access.log');
    expect(format).toBe('NGINX_ACCESS');
    expect(entries.nodes.slice(0, 2)).toMatchObject([
      {
        __typename: 'AccessLogEntry',
        timestamp: '2026-11-21T09:15:30.000Z',
        level: 'WARN',
        remoteAddress: '203.0.113.7',
        user: 'ada',
        method: 'GET',
        path: '/items?id=7',
        protocol: 'HTTP/1.1',
        status: 404,
        bytesSent: '153',
        referer: 'https://example.com/a',
        userAgent: 'curl/8.5.0',
        durationMs: null,
        truncated: false,
        source: { name: 'access.log' },
      },
      {
        remoteAddress: '2001:db8::1',
        user: null,
        level: 'ERROR',
        // More than 32 bits.
        bytesSent: '8589934592',
        referer: null,
        userAgent: null,
      },
    ]);
    expect(entries.nodes.at(-1)).toMatchObject({
      __typename: 'TextLogEntry',
      raw: 'this is no request',
      timestamp: null,
    });
  });

  test('error log of nginx', async () => {
    const { format, entries } = await read('error.log');
    expect(format).toBe('NGINX_ERROR');
    expect(entries.nodes).toMatchObject([
      {
        __typename: 'ErrorLogEntry',
        level: 'ERROR',
        message: 'open() "/srv/nope" failed (2: No such file or directory)',
        errorProcess: 7,
        subsystem: null,
        client: '203.0.113.7',
        server: 'shop.example',
        request: 'GET /nope HTTP/1.1',
      },
      { level: 'INFO', message: 'nginx/1.22.1', client: null },
    ]);
  });

  test('access log of the virtual hosts of Apache', async () => {
    const { format, entries } = await read('vhosts.log');
    expect(format).toBe('APACHE_ACCESS');
    expect(entries.nodes).toMatchObject([
      { __typename: 'AccessLogEntry', level: 'ERROR', remoteAddress: '203.0.113.7', status: 503, durationMs: 1.874 },
    ]);
  });

  test('syslog', async () => {
    const { format, entries } = await read('syslog');
    expect(format).toBe('SYSLOG');
    expect(entries.nodes).toMatchObject([
      {
        __typename: 'SyslogLogEntry',
        host: 'web1',
        process: 'sshd',
        pid: 4242,
        message: expect.stringContaining('Failed password'),
      },
      {
        timestamp: '2026-11-21T10:15:31.123Z',
        level: 'INFO',
        host: 'web1',
        process: 'cron',
        pid: 77,
        facility: 'daemon',
      },
    ]);
  });

  test('JSON lines', async () => {
    const { format, entries } = await read('app.jsonl');
    expect(format).toBe('JSON_LINES');
    expect(entries.nodes).toMatchObject([
      {
        __typename: 'SystemLogEntry',
        timestamp: '2026-11-21T10:15:30.123Z',
        level: 'ERROR',
        logger: 'shop',
        message: 'no stock',
        module: 'cart',
        function: 'add',
        line: 12,
      },
      { timestamp: '2026-11-21T10:15:31.000Z', level: 'WARN', message: 'slow', logger: null, line: null },
    ]);
  });

  test.each([
    ['app.py.log', 'PYTHON', 'WARN', { logger: 'shop.cart', module: 'cart', function: null, line: 12 }],
    ['app.java.log', 'JAVA', 'ERROR', { logger: 'com.example.Cart', line: 12 }],
    ['app.logfmt', 'LOGFMT', 'WARN', { logger: 'shop', function: 'add', line: 12 }],
  ])('%s', async (name, expected, level, fields) => {
    const { format, entries } = await read(name);
    expect(format).toBe(expected);
    expect(entries.nodes[0]).toMatchObject({ __typename: 'SystemLogEntry', level, message: 'no stock', ...fields });
  });

  test('text whose headers are alike', async () => {
    const { format, entries } = await read('other.txt');
    expect(format).toBe('TEXT');
    expect(entries.nodes[0]).toMatchObject({
      __typename: 'TextLogEntry',
      timestamp: '2026-11-21T10:15:30.000Z',
      level: 'FATAL',
      message: 'daemon: no stock',
    });
  });

  test('plain text, line by line', async () => {
    const { format, entries } = await read('plain.txt');
    expect(['TEXT', 'UNKNOWN']).toContain(format);
    expect(entries.nodes.map(({ __typename, raw }) => [__typename, raw])).toEqual([
      ['TextLogEntry', '2026-11-21 10:15:30 ERROR something broke'],
      ['TextLogEntry', '\tat here'],
      ['TextLogEntry', ''],
      ['TextLogEntry', 'üñí ¢ode'],
    ]);
    expect(entries.nodes[0]).toMatchObject({ level: 'ERROR' });
  });

  test("the server's own system log", async () => {
    const { format, entries } = await read('tailql/system');
    expect(format).toBe('SYSTEM_LOG');
    expect(entries.nodes).toContainEqual(
      expect.objectContaining({
        __typename: 'SystemLogEntry',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'INFO',
        message: 'Server started',
        logger: 'tailql.server',
        module: 'server/main',
        line: expect.any(Number),
      }),
    );
  });

  test("the server's own audit log", async () => {
    await server.query('{ me { id } }', {}, { token: 'nonsense' });
    const { format, entries } = await read('tailql/audit');
    expect(format).toBe('AUDIT_LOG');
    const actions = entries.nodes.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['server_start', 'token_create', 'access_denied']));
    expect(entries.nodes.find(({ action }) => action === 'access_denied')).toMatchObject({
      __typename: 'AuditLogEntry',
      level: 'WARN',
      metadata: { reason: expect.stringContaining('not valid'), remoteAddress: '127.0.0.1' },
    });
    // What is kept for ever must not hold what opens the door.
    expect(JSON.stringify(entries.nodes)).not.toContain(server.token);
  });
});

test.each([
  ['logger', 'shop'],
  ['order', { id: 7, items: ['a', 'b'] }],
  ['order.id', 7],
  ['dotted.name', true],
  ['nothing', null],
  ['order.nothing.at.all', null],
  ['', null],
  ['__proto__', null],
  ['constructor', null],
  ['order.__proto__.x', null],
])('field(path: "%s") is one of the fields', async (path, expected) => {
  const document = `query ($path: String!) {
    source(by: { name: "app.jsonl" }) { entries(first: 1) { nodes { field(path: $path) fields } } }
  }`;
  const { source } = await server.data<Data>(document, { path });
  expect(source.entries.nodes[0]?.field).toEqual(expected);
});

test('a format that is configured is not guessed', async () => {
  const path = server.path('app.jsonl');
  const ours = await startTestServer({ sources: [{ name: 'x.log', path, format: 'TEXT' }] });
  expect(await ours.data('{ source(by: { name: "x.log" }) { format } }')).toEqual({ source: { format: 'TEXT' } });
});

test('a record above the limit of bytes is cut, and says so', async () => {
  const ours = await startTestServer({
    files: { 'long.log': `${'x'.repeat(5000)}\nshort\n` },
    limits: { maxRecordBytes: 1000 },
  });
  const { source } = await ours.data<Data>(document, { name: 'long.log' });
  expect(source.entries.nodes.map(({ raw, truncated }) => [String(raw).length, truncated])).toEqual([
    [1000, true],
    [5, false],
  ]);
});
