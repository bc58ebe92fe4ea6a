import { describe, expect, test } from 'vitest';
import { JSON_LINES } from '../../src/format/json-lines.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: Date.parse('2026-11-21T12:00:00Z') };
const parse = (raw: string) => JSON_LINES.parse(raw, context);
const at = (iso: string) => Date.parse(iso);

test.each([
  [
    'pino',
    '{"level":30,"time":1763722254123,"pid":4711,"hostname":"web-1","req":{"id":1,"method":"GET"},"msg":"request completed"}',
    {
      timestamp: 1763722254123,
      level: 'INFO',
      message: 'request completed',
      fields: { pid: 4711, hostname: 'web-1', req: { id: 1, method: 'GET' } },
    },
  ],
  [
    'bunyan',
    '{"name":"api","hostname":"web-1","pid":12,"level":50,"msg":"boom","time":"2026-11-21T10:50:54.123Z","v":0}',
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'ERROR',
      message: 'boom',
      fields: { name: 'api', hostname: 'web-1', pid: 12, v: 0, logger: 'api' },
    },
  ],
  [
    'winston',
    '{"level":"warn","message":"disk almost full","service":"storage","timestamp":"2026-11-21 10:50:54"}',
    {
      timestamp: at('2026-11-21T09:50:54Z'),
      level: 'WARN',
      message: 'disk almost full',
      fields: { service: 'storage' },
    },
  ],
  [
    'python-json-logger',
    '{"asctime": "2026-11-21 10:50:54,123", "name": "app.db", "levelname": "CRITICAL", "message": "no connection", "taskName": null}',
    {
      timestamp: at('2026-11-21T09:50:54.123Z'),
      level: 'FATAL',
      message: 'no connection',
      fields: { name: 'app.db', taskName: null, logger: 'app.db' },
    },
  ],
  [
    'structlog',
    '{"event": "user logged in", "user": "ann", "level": "info", "timestamp": "2026-11-21T10:50:54.123456Z"}',
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'INFO',
      message: 'user logged in',
      fields: { user: 'ann' },
    },
  ],
  [
    'zap',
    '{"level":"debug","ts":1763722254.1234567,"caller":"main.go:12","msg":"cache miss","key":"a"}',
    {
      timestamp: 1763722254123,
      level: 'DEBUG',
      message: 'cache miss',
      fields: { caller: 'main.go:12', key: 'a', module: 'main.go', line: 12 },
    },
  ],
  [
    'pino with a label for its level and an ISO time',
    '{"level":"error","time":"2026-11-21T10:50:54.123Z","pid":1,"hostname":"web-1","name":"api","err":{"type":"Error","message":"x"},"msg":"failed"}',
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'ERROR',
      message: 'failed',
      fields: { pid: 1, hostname: 'web-1', name: 'api', err: { type: 'Error', message: 'x' }, logger: 'api' },
    },
  ],
  [
    'pino with seconds, severity and a key of its own for the message',
    '{"severity":"WARNING","time":1763722254,"message":"slow"}',
    { timestamp: 1763722254000, level: 'WARN', message: 'slow', fields: {} },
  ],
  [
    'bunyan with its source',
    '{"name":"api","hostname":"a","pid":1,"level":20,"src":{"file":"/srv/app.js","line":9,"func":"run"},"msg":"","time":"2026-11-21T10:50:54.123Z","v":0}',
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'DEBUG',
      message: '',
      fields: {
        name: 'api',
        hostname: 'a',
        pid: 1,
        src: { file: '/srv/app.js', line: 9, func: 'run' },
        v: 0,
        logger: 'api',
        module: '/srv/app.js',
        function: 'run',
        line: 9,
      },
    },
  ],
  [
    'winston without a time, with a label',
    '{"label":"shop","level":"verbose","message":"x","ms":"+5ms"}',
    { timestamp: null, level: 'DEBUG', message: 'x', fields: { label: 'shop', ms: '+5ms' } },
  ],
  [
    'python-json-logger with places and its own timestamp',
    '{"message": "x", "levelname": "WARNING", "name": "app", "filename": "db.py", "funcName": "get", "lineno": 12, "created": 1763722254.5, "timestamp": "2026-11-21T10:50:54.123456+00:00"}',
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'WARN',
      message: 'x',
      fields: {
        name: 'app',
        filename: 'db.py',
        funcName: 'get',
        lineno: 12,
        created: 1763722254.5,
        logger: 'app',
        module: 'db.py',
        function: 'get',
        line: 12,
      },
    },
  ],
  [
    'Loguru',
    '{"text": "x\\n", "record": {"level": {"icon": "i", "name": "SUCCESS", "no": 25}, "message": "x", "name": "app.web", "module": "web", "function": "get", "line": 12, "time": {"repr": "2026-11-21 10:50:54", "timestamp": 1763722254.5}}}',
    {
      timestamp: 1763722254500,
      level: 'UNKNOWN',
      message: 'x',
      fields: { module: 'web', function: 'get', line: 12, logger: 'app.web', level: 'SUCCESS' },
    },
  ],
  [
    'Logback',
    '{"@timestamp":"2026-11-21T10:50:54.123Z","@version":"1","message":"x","logger_name":"com.example.App","thread_name":"main","level":"WARN","level_value":30000}',
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'WARN',
      message: 'x',
      fields: {
        '@version': '1',
        logger_name: 'com.example.App',
        thread_name: 'main',
        level_value: 30000,
        logger: 'com.example.App',
      },
    },
  ],
  [
    'Log4j',
    '{"instant":{"epochSecond":1763722254,"nanoOfSecond":123000000},"thread":"main","level":"FATAL","loggerName":"com.example.App","message":"x"}',
    {
      timestamp: 1763722254123,
      level: 'FATAL',
      message: 'x',
      fields: { thread: 'main', loggerName: 'com.example.App', logger: 'com.example.App' },
    },
  ],
  [
    'the Elastic Common Schema',
    '{"@timestamp":"2026-11-21T10:50:54.123Z","log.level":"INFO","message":"x","log.logger":"com.example.App","log.origin.function":"run","log.origin.file.line":12}',
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'INFO',
      message: 'x',
      fields: {
        'log.logger': 'com.example.App',
        'log.origin.function': 'run',
        'log.origin.file.line': 12,
        logger: 'com.example.App',
        function: 'run',
        line: 12,
      },
    },
  ],
  [
    'Serilog',
    '{"@t":"2026-11-21T10:50:54.1230000Z","@mt":"Hello {Name}","@l":"Warning","SourceContext":"App.Web"}',
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'WARN',
      message: 'Hello {Name}',
      fields: { SourceContext: 'App.Web', logger: 'App.Web' },
    },
  ],
  [
    'Serilog, which leaves out the level of information',
    '{"@t":"2026-11-21T10:50:54.1230000Z","@mt":"Hello {Name}","Name":"Ada"}',
    { timestamp: at('2026-11-21T10:50:54.123Z'), level: 'INFO', message: 'Hello {Name}', fields: { Name: 'Ada' } },
  ],
  [
    'nginx with its variables for names',
    '{"time_local":"21/Nov/2026:10:50:54 +0100","remote_addr":"203.0.113.7","status":"502","message":"GET /"}',
    {
      timestamp: at('2026-11-21T09:50:54Z'),
      level: 'UNKNOWN',
      message: 'GET /',
      fields: { remote_addr: '203.0.113.7', status: '502' },
    },
  ],
  [
    'nginx with its time in ISO 8601',
    '{"time_iso8601":"2026-11-21T10:50:54+01:00","status":200,"message":"GET /"}',
    { timestamp: at('2026-11-21T09:50:54Z'), level: 'UNKNOWN', message: 'GET /', fields: { status: 200 } },
  ],
  [
    'Docker',
    String.raw`{"log":"listening on :8080\n","stream":"stderr","time":"2026-11-21T10:50:54.123456789Z"}`,
    {
      timestamp: at('2026-11-21T10:50:54.123Z'),
      level: 'UNKNOWN',
      message: 'listening on :8080',
      fields: { stream: 'stderr' },
    },
  ],
  [
    'GELF',
    '{"version":"1.1","host":"a","short_message":"out of memory","timestamp":1763722254.5,"level":3,"_user":1}',
    {
      timestamp: 1763722254500,
      level: 'ERROR',
      message: 'out of memory',
      fields: { version: '1.1', host: 'a', _user: 1 },
    },
  ],
  [
    'journald',
    '{"__REALTIME_TIMESTAMP":"1763722254123456","PRIORITY":"6","_PID":"1","MESSAGE":"Started cron.service."}',
    { timestamp: 1763722254123, level: 'INFO', message: 'Started cron.service.', fields: { _PID: '1' } },
  ],
])('reads what %s writes', (_, raw, expected) => {
  expect(parse(raw)).toEqual(expected);
});

test('keeps a time and a level that it does not understand among the fields', () => {
  expect(parse('{"time":12.5,"level":"custom","msg":"x"}')).toEqual({
    timestamp: null,
    level: 'UNKNOWN',
    message: 'x',
    fields: { time: 12.5, level: 'custom' },
  });
});

test('shows the line when there is no message, and keeps a message that is an object as a field', () => {
  expect(parse('{"message":{"a":1}}')).toMatchObject({ message: '{"message":{"a":1}}', fields: { message: { a: 1 } } });
});

test.each(['', 'null', '1', '"text"', '[{"a":1}]', '{"a":1', "{'a':1}", '{"a":1} trailing', 'info {"a":1}', '{a}'])(
  '%j is not of the format',
  (raw) => {
    expect(parse(raw)).toBeNull();
  },
);

describe('hostile input', () => {
  test('a __proto__ key is left out at every depth and changes no prototype', () => {
    const parsed = parse(
      String.raw`{"__proto__":{"x":1},"a":[{"__proto__":{"x":1}}],"\u005f_proto__":2,"constructor":3}`,
    );
    expect(Object.keys(parsed?.fields ?? {})).toEqual(['a', 'constructor']);
    expect(JSON.stringify(parsed?.fields)).toBe('{"a":[{}],"constructor":3}');
    expect(Object.getPrototypeOf(parsed?.fields)).toBe(Object.prototype);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test('of a key written twice the last one counts', () => {
    expect(parse('{"msg":"a","n":1,"msg":"b","n":2}')).toMatchObject({ message: 'b', fields: { n: 2 } });
  });

  test('a number too large for a double is null, wherever it is', () => {
    expect(parse('{"a":1e400,"b":[-1e400,1],"time":1e400}')?.fields).toEqual({ a: null, b: [null, 1], time: null });
  });

  test('a lone surrogate is kept', () => {
    expect(parse(String.raw`{"msg":"a\ud800b"}`)?.message).toBe('a\ud800b');
  });

  test('nesting counts up to 100 levels, outside strings; beyond that the line is text', () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(parse(nested(100))).not.toBeNull();
    expect(parse(nested(101))).toBeNull();
    expect(parse(`{"a":[${'[],'.repeat(200)}{}]}`)).not.toBeNull();
    expect(parse(nested(100_000))).toBeNull();
    expect(parse(`{"msg":"\\\\\\"${'['.repeat(1000)}"}`)).not.toBeNull();
  });

  test('a line with more than 10,000 values is text', () => {
    expect(parse(`{"a":[${'1,'.repeat(9_999)}1]}`)).not.toBeNull();
    expect(parse(`{"a":[${'1,'.repeat(10_000)}1]}`)).toBeNull();
  });
});
