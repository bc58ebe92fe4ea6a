import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detect } from '../../src/format/detect.ts';
import { formatOf } from '../../src/format/registry.ts';

/** What must be found on a line: the time in UTC, the level, the message. */
type Line = [line: string, time: string, level: string, message: string];

const context = { timezone: 'UTC', writtenBefore: Date.parse('2026-11-30T00:00:00Z') };

const node = (label: string, second: string, rest: string) =>
  `${label} 11638458${second} 2006.11.18 R12-M0-N3-C:J07-U01 2006-11-18-02.30.${second}.481516 R12-M0-N3-C:J07-U01 RAS ${rest}`;

const logs: { [what: string]: Line[] } = {
  'components and a level far behind two timestamps': [
    [
      node('-', '10', 'KERNEL INFO parity error in cache was corrected'),
      '2006-11-18T10:30:10Z',
      'INFO',
      'parity error in cache was corrected',
    ],
    [node('-', '11', 'KERNEL INFO generating core.117'), '2006-11-18T10:30:11Z', 'INFO', 'generating core.117'],
    [
      node('APPIO', '12', 'APP FATAL daemon: could not read prefix on stream'),
      '2006-11-18T10:30:12Z',
      'FATAL',
      'daemon: could not read prefix on stream',
    ],
    [node('KERNTLB', '13', 'KERNEL FATAL data TLB interrupt'), '2006-11-18T10:30:13Z', 'FATAL', 'data TLB interrupt'],
    [
      node('-', '14', 'LINKCARD WARNING MonitorController: port is not reset'),
      '2006-11-18T10:30:14Z',
      'WARN',
      'MonitorController: port is not reset',
    ],
    [
      node('-', '15', 'MMCS SEVERE idoproxy communication failure: socket closed'),
      '2006-11-18T10:30:15Z',
      'ERROR',
      'idoproxy communication failure: socket closed',
    ],
  ],
  'a number of the record and places before seconds since 1970': [
    [
      '201 node-31 unix.hw state_change.unavailable 1077804742 1 Component Change: \\042a0\\042 is away (HWID=77)',
      '2004-02-26T14:12:22Z',
      'UNKNOWN',
      'Component Change: \\042a0\\042 is away (HWID=77)',
    ],
    [
      '202 node-31 boot_cmd new 1077804743 1 Targeting domains:node-31',
      '2004-02-26T14:12:23Z',
      'UNKNOWN',
      'Targeting domains:node-31',
    ],
    ['1203 gige7 gige temperature 1077804744 1 warning', '2004-02-26T14:12:24Z', 'UNKNOWN', 'warning'],
    [
      '461204 node-D1 clusterfilesystem no_server 1077804745 1 ClusterFS: no server for domain storage9',
      '2004-02-26T14:12:25Z',
      'UNKNOWN',
      'ClusterFS: no server for domain storage9',
    ],
    [
      '205 Interconnect-0N04 switch_module fan 1077804746 1 Fan speeds ( 3552 3534 3375 4245 )',
      '2004-02-26T14:12:26Z',
      'UNKNOWN',
      'Fan speeds ( 3552 3534 3375 4245 )',
    ],
  ],
  'seconds since 1970 before lines of syslog': [
    [
      '- 1131566461 2005.11.09 dn9 Nov 9 12:01:01 dn9/dn9 crond(pam_unix)[2915]: session closed for user ann',
      '2005-11-09T20:01:01Z',
      'UNKNOWN',
      'session closed for user ann',
    ],
    [
      '- 1131566462 2005.11.09 dn12 Nov 9 12:01:02 dn12/dn12 sshd[14]: Accepted publickey',
      '2005-11-09T20:01:02Z',
      'UNKNOWN',
      'Accepted publickey',
    ],
    [
      '- 1131566463 2005.11.09 admin1 Nov 9 12:01:03 src@admin1 dhcpd: DHCPDISCOVER from 00:11:22 via eth1',
      '2005-11-09T20:01:03Z',
      'UNKNOWN',
      'DHCPDISCOVER from 00:11:22 via eth1',
    ],
    [
      'ECC 1131566464 2005.11.09 dn3 Nov 9 12:01:04 dn3/dn3 kernel: memory was corrected',
      '2005-11-09T20:01:04Z',
      'UNKNOWN',
      'memory was corrected',
    ],
    [
      '- 1131566465 2005.11.09 en74 Nov 19 12:01:05 en74/en74 kernel: [KERNEL_IB] port up',
      '2005-11-09T20:01:05Z',
      'UNKNOWN',
      '[KERNEL_IB] port up',
    ],
  ],
  columns: [
    [
      '2016-09-28 04:30:30, Info                  CBS    Loaded stack v6.1 with core x',
      '2016-09-28T04:30:30Z',
      'INFO',
      'Loaded stack v6.1 with core x',
    ],
    [
      '2016-09-28 04:30:31, Info                  CSI    00000001@2016/9/27:20:30:31.455 Initialised (stack @0x7f)',
      '2016-09-28T04:30:31Z',
      'INFO',
      '00000001@2016/9/27:20:30:31.455 Initialised (stack @0x7f)',
    ],
    [
      '2016-09-28 04:30:32, Error                 CBS    Session: 30546174 could not start. [HRESULT = 0x800f]',
      '2016-09-28T04:30:32Z',
      'ERROR',
      'Session: 30546174 could not start. [HRESULT = 0x800f]',
    ],
    [
      '2016-09-28 04:30:33, Warning               CBS    Unrecognised package',
      '2016-09-28T04:30:33Z',
      'WARN',
      'Unrecognised package',
    ],
  ],
  'a name and a dash after a date without year': [
    [
      '[10.30 16:49:06] browser.exe - proxy.example.org:5070 open through proxy proxy.example.org:5070 HTTPS',
      '2026-10-30T16:49:06Z',
      'UNKNOWN',
      'proxy.example.org:5070 open through proxy proxy.example.org:5070 HTTPS',
    ],
    [
      '[10.30 16:49:07] sync.exe *64 - a.example.net:443 close, 0 bytes sent, lifetime <1 sec',
      '2026-10-30T16:49:07Z',
      'UNKNOWN',
      'a.example.net:443 close, 0 bytes sent, lifetime <1 sec',
    ],
    [
      '[10.30 16:49:08] svc.exe - b.example.net:80 error : Could not connect through proxy',
      '2026-10-30T16:49:08Z',
      'UNKNOWN',
      'b.example.net:80 error : Could not connect through proxy',
    ],
  ],
  'a short date with slashes': [
    [
      '17/06/09 20:10:40 INFO executor.GrainedBackend: Registered handlers for [TERM, HUP]',
      '2017-06-09T20:10:40Z',
      'INFO',
      'Registered handlers for [TERM, HUP]',
    ],
    [
      '17/06/09 20:10:41 WARN storage.BlockManager: Block rdd_1 could not be removed',
      '2017-06-09T20:10:41Z',
      'WARN',
      'Block rdd_1 could not be removed',
    ],
    ['17/06/09 20:10:42 INFO Slf4jLogger: Slf4jLogger started', '2017-06-09T20:10:42Z', 'INFO', 'Slf4jLogger started'],
  ],
  'syslog of a server': [
    [
      'Jun 14 15:16:01 box sshd(pam_unix)[19939]: authentication failure; logname= uid=0',
      '2026-06-14T15:16:01Z',
      'UNKNOWN',
      'authentication failure; logname= uid=0',
    ],
    [
      'Jun 14 15:16:02 box kernel: usbcore: registered new driver hub',
      '2026-06-14T15:16:02Z',
      'UNKNOWN',
      'usbcore: registered new driver hub',
    ],
    ['Jun 14 15:16:03 box  -- ann[2421]: LOGIN ON tty2', '2026-06-14T15:16:03Z', 'UNKNOWN', 'LOGIN ON tty2'],
  ],
  'syslog of a desktop': [
    [
      'Jul  1 09:00:55 pc-10 kernel[0]: Thunderbolt<0>(0x0)::listener - packet for port = 11',
      '2026-07-01T09:00:55Z',
      'UNKNOWN',
      'Thunderbolt<0>(0x0)::listener - packet for port = 11',
    ],
    [
      'Jul  1 09:00:56 pc-10 com.example.launchd[1] (com.example.agent[33]): Service exited with code: 1',
      '2026-07-01T09:00:56Z',
      'UNKNOWN',
      'Service exited with code: 1',
    ],
    ['Jul  1 09:00:57 pc-10 Some Word Processor[14463]: view is nil', '2026-07-01T09:00:57Z', 'UNKNOWN', 'view is nil'],
  ],
};

describe('reads the headers of', () => {
  test.each(Object.entries(logs))('%s', (_, lines) => {
    // As often as in a log: a tail of ten lines tells as much as one of a hundred.
    const sample = Array.from({ length: 100 }, (_, index) => lines[index % lines.length]?.[0] ?? '');
    const { format: name, layout } = detect(sample);
    const format = formatOf(name, layout);
    for (const [line, time, level, message] of lines) {
      const parsed = format.parse(line, context);
      expect({ ...parsed, fields: {} }).toEqual({ timestamp: Date.parse(time), level, message, fields: {} });
    }
  });
});

/** How other programs begin their records: two lines each, of which the second says what is expected of it. */
const others: [what: string, lines: string[], level: string, message: string, logger: string | undefined][] = [
  [
    'columns with bars',
    ['2026-11-21 10:50:53.1234|INFO|Shop.Web.Cart|Added', '2026-11-21 10:50:54.0000|ERROR|Shop.Db|it: failed'],
    'ERROR',
    'it: failed',
    undefined,
  ],
  [
    'a module after the level',
    ['2026-11-21T10:50:53.123456Z  INFO app::server: started', '2026-11-21T10:50:54.000000Z  WARN app::db: slow: 3'],
    'WARN',
    'slow: 3',
    'app::db',
  ],
  [
    'one bracket around all of the header',
    ['[2026-11-21T10:50:53Z INFO  app] started', '[2026-11-21T10:50:54Z ERROR app::db] a: b'],
    'ERROR',
    'a: b',
    'app::db',
  ],
  [
    'the letter of a level right before the date',
    ['I1121 10:50:53.123456   12345 server.go:12] Started', 'W1121 10:50:54.000000   12345 pool.go:99] Slow: x'],
    'WARN',
    'Slow: x',
    'pool.go:99',
  ],
  [
    'the letter of a level before the bracket',
    ['I, [2026-11-21T10:50:53.1 #12]  INFO -- app: started', 'W, [2026-11-21T10:50:54.0 #12]  WARN -- app: slow'],
    'WARN',
    'slow',
    'app',
  ],
  [
    'a level with a colon on some records only',
    [
      '2026-11-21 10:50:53.123 UTC [12] LOG:  database is ready',
      '2026-11-21 10:50:54.000 UTC [13] ERROR:  no relation "x"',
    ],
    'ERROR',
    'no relation "x"',
    undefined,
  ],
  [
    'a channel and a level in one word',
    ['[2026-11-21T10:50:53.123456+00:00] app.INFO: in []', '[2026-11-21T10:50:54+00:00] app.WARNING: Failed: x []'],
    'WARN',
    'Failed: x []',
    'app',
  ],
  [
    'the name of a service before it',
    ['web-1  | 2026-11-21 10:50:53 INFO started', 'db-1   | 2026-11-21 10:50:54 WARN slow: thing'],
    'WARN',
    'slow: thing',
    undefined,
  ],
  [
    'nothing but a timestamp, and a level in words',
    ['2026/11/21 10:50:53 listening on :8080', '2026/11/21 10:50:54 error: request failed'],
    'ERROR',
    'error: request failed',
    undefined,
  ],
  [
    'a weekday and a year at the end',
    ['[Sat Nov 21 10:50:53 2026] usb 1-1: new device', '[Sat Nov 21 10:50:54 2026] eth0: link up'],
    'UNKNOWN',
    'eth0: link up',
    undefined,
  ],
];

test.each(others)('reads %s', (_, lines, level, message, logger) => {
  const { format, layout } = detect(Array.from({ length: 40 }, (_, index) => lines[index % lines.length] ?? ''));
  expect(format).toBe('TEXT');
  expect(formatOf(format, layout).parse(lines[1] ?? '', context)).toEqual({
    timestamp: Date.parse('2026-11-21T10:50:54Z'),
    level,
    message,
    fields: logger === undefined ? {} : { logger },
  });
});

describe('the lines of a text with timestamps', () => {
  const lines = Array.from({ length: 30 }, (_, index) => [
    `2026-11-21 10:50:${10 + index} ERROR task ${index} failed`,
    ...(index % 7 === 0 ? ['Some.Exception: x', '   in f() at app.x:12', ''] : []),
  ]).flat();
  const { format: name, layout } = detect(lines);
  const format = formatOf(name, layout);

  test('that have none belong to the record before them', () => {
    expect(lines.filter((line) => format.begins?.(line) === true)).toHaveLength(30);
    expect(format.parse(lines.slice(0, 4).join('\n'), context)).toMatchObject({
      level: 'ERROR',
      message: 'task 0 failed',
    });
  });

  test('that are of another kind are shown as they are', () => {
    expect(format.parse('nothing like it', context)).toMatchObject({ timestamp: null, message: 'nothing like it' });
  });

  test('tell the layout again and again, also after a journey as plain data', () => {
    expect(detect(lines)).toEqual({ format: name, layout });
    const copy = structuredClone(layout);
    expect(formatOf(name, copy).parse(lines[0] ?? '', context)).toEqual(format.parse(lines[0] ?? '', context));
  });
});

test('of few records only timestamp and level are taken for a header', () => {
  const { layout } = detect(['2026-11-21 10:50:54 ERROR [sda] is full', '2026-11-21 10:50:55 ERROR [sda] is gone']);
  expect(layout).toEqual(['time', 'level']);
});

test('how all messages begin is no header', () => {
  const lines = Array.from({ length: 50 }, (_, index) => `2026-11-21 10:50:54 disk usage: ${index}%`);
  const { format, layout } = detect(lines);
  expect(formatOf(format, layout).parse(lines[7] ?? '', context)?.message).toBe('disk usage: 7%');
});

test.each([
  [
    'two blanks after the first word of all messages',
    ['boot  (job 7)', 'wait  (job 8)', 'halt  (job 9)'],
    'wait  (job 8)',
  ],
  [
    'words filled up to one width',
    ['web    started', 'worker stopped', 'cron   started'].map((text) => `${text} x`),
    null,
  ],
  ['words of a length after a gap', ['  web   up', '  api   down', '  job   up'], 'down'],
  ['words after tabs', ['web\tup', 'api\tdown', 'job\tup'], 'down'],
])('columns are told from messages: %s', (_, rests, message) => {
  const lines = Array.from({ length: 50 }, (_, index) => `2026-11-21 10:50:54 ${rests[index % rests.length]}`);
  const { format, layout } = detect(lines);
  expect(formatOf(format, layout).parse(lines[1] ?? '', context)?.message).toBe(message ?? 'worker stopped x');
});

test('a text configured as such has its layout learned, one without timestamps is a record a line', () => {
  expect(detect(['2026-11-21 10:50:54 ERROR x', '{"a":1}', '2026-11-21 10:50:55 x'], 'TEXT').layout).not.toBeNull();
  const { format, layout } = detect(['a', ' b'], 'TEXT');
  expect(formatOf(format, layout).begins).toBeUndefined();
});

test('no lines, and no line after any lines, make it throw', () => {
  const real = Object.values(logs).flatMap((lines) => lines.map(([line]) => line));
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.constantFrom(...real), fc.nat(90), fc.string()).map(([text, end, more]) => text.slice(0, end) + more),
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      fc.array(fc.constantFrom(...real), { maxLength: 8 }),
      line,
      (a, b, raw) => {
        const sample = [...a, ...b];
        const { format, layout } = detect(sample);
        expect(detect(sample)).toEqual({ format, layout });
        const found = formatOf(format, layout);
        const parsed = found.parse(raw, context);
        expect(parsed === null || raw.includes(parsed.message) || parsed.message.length <= raw.length).toBe(true);
        expect(typeof (found.begins?.(raw) ?? true)).toBe('boolean');
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['blanks', `2026-11-21 10:50:54${' '.repeat(1e6)}x`],
  ['a long word', `2026-11-21 10:50:54 ${'x'.repeat(1e6)}`],
  ['bars', `2026-11-21 10:50:54${' |'.repeat(5e5)}`],
  ['brackets', `2026-11-21 10:50:54 ${'['.repeat(1e6)}`],
])('takes a line of a million characters in its stride: %s', (_, raw) => {
  // Time that grew with the square of the length would outlast the test's timeout many times over.
  const { format, layout } = detect(Array.from({ length: 3 }, () => raw));
  expect(formatOf(format, layout).parse(raw, context)?.timestamp).toBe(Date.parse('2026-11-21T10:50:54Z'));
});
