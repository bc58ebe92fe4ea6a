import { describe, expect, test } from 'vitest';
import { detect } from '../../src/format/detect.ts';
import { JAVA } from '../../src/format/java.ts';

const context = { timezone: 'UTC', writtenBefore: Date.parse('2026-11-30T00:00:00Z') };
const parse = (raw: string) => JAVA.parse(raw, context);
const second = Date.parse('2026-11-21T10:50:54Z');
const timestamp = second + 123;

test.each([
  [
    'Log4j, with thread and logger',
    '2026-11-21 10:50:54,123 INFO  [main] com.example.shop.Server - Started in 3 s',
    {
      timestamp,
      level: 'INFO',
      message: 'Started in 3 s',
      fields: { thread: 'main', logger: 'com.example.shop.Server' },
    },
  ],
  [
    'Log4j, with the level after the thread',
    '2026-11-21 10:50:54,123 [pool-1-thread-2] WARN  com.example.shop.Cart - Slow: 3 s - again',
    {
      timestamp,
      level: 'WARN',
      message: 'Slow: 3 s - again',
      fields: { thread: 'pool-1-thread-2', logger: 'com.example.shop.Cart' },
    },
  ],
  [
    'Log4j, with a colon after the logger',
    '2026-11-21 10:50:54,123 FATAL [IPC Server handler 19 on 62270] org.example.v2.TaskMaster: Task [t_1] is: 0.29',
    {
      timestamp,
      level: 'FATAL',
      message: 'Task [t_1] is: 0.29',
      fields: { thread: 'IPC Server handler 19 on 62270', logger: 'org.example.v2.TaskMaster' },
    },
  ],
  [
    'a logger that is no class',
    '2026-11-21 10:50:54,123 INFO [main] org.example.log: Logging to x(org.example.log)',
    {
      timestamp,
      level: 'INFO',
      message: 'Logging to x(org.example.log)',
      fields: { thread: 'main', logger: 'org.example.log' },
    },
  ],
  [
    'a short date and a short logger',
    '26/11/21 10:50:54 INFO storage.BlockManager: Block rdd_1: stored',
    { timestamp: second, level: 'INFO', message: 'Block rdd_1: stored', fields: { logger: 'storage.BlockManager' } },
  ],
  [
    'a compact date and a number',
    '261121 105054 148 INFO dfs.DataNode$Responder: Responder 1 ends',
    {
      timestamp: second,
      level: 'INFO',
      message: 'Responder 1 ends',
      fields: { pid: 148, logger: 'dfs.DataNode$Responder' },
    },
  ],
  [
    'dashes, and a thread with the place behind it',
    '2026-11-21 10:50:54,123 - INFO  [Peer[id=1]/0:0:0:0:2181:Election@774] - Notification: FOLLOWING - 3200',
    {
      timestamp,
      level: 'INFO',
      message: 'Notification: FOLLOWING - 3200',
      fields: { thread: 'Peer[id=1]/0:0:0:0:2181:Election@774' },
    },
  ],
  [
    'Spring Boot',
    '2026-11-21T11:50:54.123+01:00  INFO 4711 --- [           main] c.e.shop.ShopApplication                 : Starting with: x',
    {
      timestamp,
      level: 'INFO',
      message: 'Starting with: x',
      fields: { pid: 4711, thread: 'main', logger: 'c.e.shop.ShopApplication' },
    },
  ],
  [
    'Spring Boot with the name of the application',
    '2026-11-21T10:50:54.123Z ERROR 4711 --- [shop] [nio-8080-exec-1] o.a.c.c.C.[.[.[/].[dispatcherServlet] : failed',
    {
      timestamp,
      level: 'ERROR',
      message: 'failed',
      fields: { pid: 4711, thread: 'nio-8080-exec-1', logger: 'o.a.c.c.C.[.[.[/].[dispatcherServlet]' },
    },
  ],
  [
    'Spring Boot with the name of a servlet that is shorter than its column',
    '2026-11-21T10:50:54.123Z ERROR 4711 --- [nio-8080-exec-1] o.a.c.c.C.[.[.[/].[dispatcherServlet]    : failed',
    {
      timestamp,
      level: 'ERROR',
      message: 'failed',
      fields: { pid: 4711, thread: 'nio-8080-exec-1', logger: 'o.a.c.c.C.[.[.[/].[dispatcherServlet]' },
    },
  ],
  [
    'Logback without a date',
    '10:50:54.123 [main] DEBUG com.example.App -- ready',
    { timestamp: null, level: 'DEBUG', message: 'ready', fields: { thread: 'main', logger: 'com.example.App' } },
  ],
  [
    'Kafka',
    '[2026-11-21 10:50:54,123] INFO 12 partitions moved (kafka.server.KafkaServer)',
    { timestamp, level: 'INFO', message: '12 partitions moved', fields: { logger: 'kafka.server.KafkaServer' } },
  ],
  [
    'Elasticsearch',
    '[2026-11-21T10:50:54,123][INFO ][o.e.n.Node               ] [node-1] started',
    { timestamp, level: 'INFO', message: '[node-1] started', fields: { logger: 'o.e.n.Node' } },
  ],
  [
    'Tomcat',
    '21-Nov-2026 10:50:54.123 SEVERE [main] org.apache.catalina.startup.Catalina.start Startup failed after [12] ms',
    {
      timestamp,
      level: 'ERROR',
      message: 'Startup failed after [12] ms',
      fields: { thread: 'main', logger: 'org.apache.catalina.startup.Catalina', function: 'start' },
    },
  ],
  [
    'java.util.logging, on two lines',
    'Nov 21, 2026 10:50:54 AM com.example.Main run\nFINE: ready\nmore',
    { timestamp: second, level: 'DEBUG', message: 'ready', fields: { logger: 'com.example.Main', function: 'run' } },
  ],
  [
    'a line of the code',
    '2026-11-21 10:50:54,123 ERROR com.example.App:42 - failed',
    { timestamp, level: 'ERROR', message: 'failed', fields: { logger: 'com.example.App', line: 42 } },
  ],
  [
    'the level first',
    'WARN  2026-11-21 10:50:54,123 [main] App: slow',
    { timestamp, level: 'WARN', message: 'slow', fields: { thread: 'main', logger: 'App' } },
  ],
])('reads %s', (_, raw, expected) => {
  expect(parse(raw)).toEqual(expected);
});

test.each([
  '',
  '2026-11-21 10:50:54',
  '2026-11-21 10:50:54 status installed foo:amd64 1.2',
  '2026-11-21 10:50:54,123 INFO something happened',
  '2026-11-21 10:50:54,123 INFO app.module: text',
  '2026-11-21 10:50:54 ERROR [sda] is full',
  '2026-11-21 10:50:54.123 UTC [12] ERROR:  relation "x" does not exist',
  '2026-11-21T10:50:54Z  INFO app::server: started',
  '2026/11/21 10:50:54 [error] 12#12: *1 open() failed',
  'Nov 21 10:50:54 web-1 sshd[1]: Connection closed',
  'Nov 21, 2026 10:50:54 AM com.example.Main run',
  'ERROR: com.example.App failed',
  '\tat com.example.App.main(App.java:12)',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});

describe('a stack trace', () => {
  const trace = [
    '2026-11-21 10:50:54,123 ERROR [main] com.example.App - failed',
    'java.lang.IllegalStateException: 10:50:54 is late',
    '\tat com.example.App.main(App.java:12)',
    'Caused by: java.io.IOException: broken pipe',
    '\tat com.example.App.write(App.java:20)',
    '\t... 12 more',
    '',
    'SEVERE: as java.util.logging has it',
  ];

  test('belongs to the record before it, of which the first line is the message', () => {
    expect(trace.map((line) => JAVA.begins?.(line))).toEqual([true, ...trace.slice(1).map(() => false)]);
    expect(parse(trace.join('\n'))?.message).toBe('failed');
  });

  test('does not keep the format from being told, however long it is', () => {
    const frames = Array.from({ length: 80 }, (_, index) => `\tat com.example.App.f${index}(App.java:${index})`);
    expect(detect([...frames, ...trace.slice(0, -1)]).format).toBe('JAVA');
  });

  test('makes no format of a text in which hardly any line has a header', () => {
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index} of something else`);
    expect(detect([trace[0] ?? '', ...lines]).format).toBe('UNKNOWN');
  });
});

test.each([
  '10:50:54.123 [main] INFO App - x',
  '[2026-11-21 10:50:54,123] INFO x (a.B)',
  'INFO  [main] com.example.App: x',
  'INFO 2026-11-21 10:50:54 x',
])('%j begins a record', (line) => {
  expect(JAVA.begins?.(line)).toBe(true);
});
