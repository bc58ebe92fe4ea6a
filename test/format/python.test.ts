import { describe, expect, test } from 'vitest';
import { detect } from '../../src/format/detect.ts';
import { PYTHON } from '../../src/format/python.ts';

const context = { timezone: 'UTC', writtenBefore: Date.parse('2026-11-30T00:00:00Z') };
const parse = (raw: string) => PYTHON.parse(raw, context);
const second = Date.parse('2026-11-21T10:50:54Z');
const timestamp = second + 123;

test.each([
  ['2026-11-21 10:50:54,123 INFO app.web: got: 3', timestamp, 'INFO', 'got: 3', { logger: 'app.web' }],
  ['2026-11-21 10:50:54,123 INFO     app.web: padded', timestamp, 'INFO', 'padded', { logger: 'app.web' }],
  ['2026-11-21 10:50:54,123 - app.web - ERROR - a - b', timestamp, 'ERROR', 'a - b', { logger: 'app.web' }],
  ['2026-11-21 10:50:54,123 - MyApp - WARNING - slow', timestamp, 'WARN', 'slow', { logger: 'MyApp' }],
  ['2026-11-21 10:50:54,123 - CRITICAL - app.web - gone', timestamp, 'FATAL', 'gone', { logger: 'app.web' }],
  ['2026-11-21 10:50:54,123 - INFO - plain - text', timestamp, 'INFO', 'plain - text', {}],
  ['2026-11-21 10:50:54,123 [DEBUG] app.web: x', timestamp, 'DEBUG', 'x', { logger: 'app.web' }],
  ['2026-11-21 10:50:54,123 INFO [app.web] [x] y', timestamp, 'INFO', '[x] y', { logger: 'app.web' }],
  [
    '2026-11-21 10:50:54,123 - app.db - ERROR - [pool.py:12] - x',
    timestamp,
    'ERROR',
    'x',
    { logger: 'app.db', module: 'pool', line: 12 },
  ],
  ['2026-11-21 10:50:54,123 ERROR pool.py:12 x', timestamp, 'ERROR', 'x', { module: 'pool', line: 12 }],
  // logging.basicConfig
  ['INFO:root:a:b', null, 'INFO', 'a:b', { logger: 'root' }],
  ['WARNING:app.web:slow', null, 'WARN', 'slow', { logger: 'app.web' }],
  // Airflow
  [
    '[2026-11-21T10:50:54.123+0000] {taskinstance.py:1157} INFO - Marking - done',
    timestamp,
    'INFO',
    'Marking - done',
    { module: 'taskinstance', line: 1157 },
  ],
  // Celery
  [
    '[2026-11-21 10:50:54,123: WARNING/ForkPoolWorker-1] late',
    timestamp,
    'WARN',
    'late',
    { process: 'ForkPoolWorker-1' },
  ],
  // gunicorn and uvicorn
  ['[2026-11-21 10:50:54 +0000] [1234] [INFO] Booting worker', second, 'INFO', 'Booting worker', { pid: 1234 }],
  ['INFO:     Application startup complete.', null, 'INFO', 'Application startup complete.', {}],
  // Loguru
  [
    '2026-11-21 10:50:54.123 | SUCCESS  | app.web:handle:12 - done',
    timestamp,
    'INFO',
    'done',
    { module: 'app.web', function: 'handle', line: 12 },
  ],
  // OpenStack
  [
    '2026-11-21 10:50:54.123 25746 INFO nova.api.server [req-5f3a 113 - - -] 10.0.0.1 "GET / HTTP/1.1"',
    timestamp,
    'INFO',
    '10.0.0.1 "GET / HTTP/1.1"',
    { pid: 25746, logger: 'nova.api.server' },
  ],
  [
    '2026-11-21 10:50:54.123 25746 WARNING nova.driver [-] [instance: 7] gone',
    timestamp,
    'WARN',
    '[instance: 7] gone',
    { pid: 25746, logger: 'nova.driver' },
  ],
  // Flask, Django, Home Assistant, Scrapy
  ['[2026-11-21 10:50:54,123] ERROR in app: failed', timestamp, 'ERROR', 'failed', { module: 'app' }],
  [
    'INFO 2026-11-21 10:50:54,123 views 12 139 seen',
    timestamp,
    'INFO',
    'seen',
    { module: 'views', pid: 12, thread: '139' },
  ],
  [
    '2026-11-21 10:50:54.123 INFO (MainThread) [home.core] x',
    timestamp,
    'INFO',
    'x',
    { thread: 'MainThread', logger: 'home.core' },
  ],
  ['2026-11-21 10:50:54 [scrapy.core.engine] INFO: Spider', second, 'INFO', 'Spider', { logger: 'scrapy.core.engine' }],
])('reads %j', (raw, time, level, message, fields) => {
  expect(parse(raw)).toEqual({ timestamp: time, level, message, fields });
});

test.each([
  '',
  'INFO: x',
  'INFO:',
  'INFO:a b:c',
  'Info:root:x',
  '2026-11-21 10:50:54,123',
  '2026-11-21 10:50:54,123 INFO something happened',
  '2026-11-21 10:50:54,123 WARN app: not a word of Python',
  '2026-11-21 10:50:54,123 INFO  [main] com.example.App - Java',
  '2026-11-21 10:50:54,123 INFO com.example.App: Java',
  '2026-11-21 10:50:54,123 - INFO  [Peer[id=1]:Election@774] - Java',
  '2026-11-21T10:50:54Z  INFO app::server: Rust',
  '2026-11-21 10:50:54.123 UTC [12] ERROR:  relation "x" does not exist',
  '2026/11/21 10:50:54 [error] 12#12: *1 open() failed',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});

describe('a traceback', () => {
  const lines = [
    'ERROR:app.web:failed',
    'Traceback (most recent call last):',
    '  File "/srv/app/web.py", line 12, in handle',
    '    raise ValueError("INFO")',
    'ValueError: INFO',
    '',
    'During handling of the above exception, another exception occurred:',
  ];

  test('belongs to the record before it, of which the first line is the message', () => {
    expect(lines.map((line) => PYTHON.begins?.(line))).toEqual([true, ...lines.slice(1).map(() => false)]);
    expect(parse(lines.join('\n'))?.message).toBe('failed');
  });

  test('does not keep the format from being told', () => {
    expect(detect(lines.slice(0, 5)).format).toBe('PYTHON');
  });
});
