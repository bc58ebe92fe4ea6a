import { describe, expect, test } from 'vitest';
import { SYSLOG } from '../../src/format/syslog.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: Date.parse('2026-11-21T12:00:00Z') };
const parse = (raw: string) => SYSLOG.parse(raw, context);
const timestamp = Date.parse('2026-11-21T09:50:54Z');

describe('RFC 3164 as found in files', () => {
  test.each([
    [
      'Nov 21 10:50:54 web-1 sshd[1234]: Failed password for root from 203.0.113.7 port 4242 ssh2',
      'Failed password for root from 203.0.113.7 port 4242 ssh2',
      { host: 'web-1', process: 'sshd', pid: 1234 },
    ],
    [
      'Nov 21 10:50:54 web-1 CRON[99]: (root) CMD (command -v debian-sa1 > /dev/null)',
      '(root) CMD (command -v debian-sa1 > /dev/null)',
      { host: 'web-1', process: 'CRON', pid: 99 },
    ],
    [
      'Nov 21 10:50:54 web-1 kernel: [12345.678901] usb 1-1: new high-speed USB device',
      '[12345.678901] usb 1-1: new high-speed USB device',
      { host: 'web-1', process: 'kernel' },
    ],
    [
      'Nov 21 10:50:54 mx postfix/smtpd[7]: connect from unknown[203.0.113.7]',
      'connect from unknown[203.0.113.7]',
      { host: 'mx', process: 'postfix/smtpd', pid: 7 },
    ],
    [
      'Nov 21 10:50:54 pc gdm-password]: pam_unix(gdm-password:session): session opened',
      'pam_unix(gdm-password:session): session opened',
      { host: 'pc', process: 'gdm-password]' },
    ],
    ['Nov 21 10:50:54 web-1 -- MARK --', '-- MARK --', { host: 'web-1' }],
    ['Nov 21 10:50:54 web-1 last message repeated 2 times', 'last message repeated 2 times', { host: 'web-1' }],
    ['Nov 21 10:50:54 dropbear[5]: Exit before auth', 'Exit before auth', { process: 'dropbear', pid: 5 }],
    ['Nov 21 10:50:54 web-1 app[99999999999]: x', 'x', { host: 'web-1', process: 'app[99999999999]' }],
    [
      'Nov 21 10:50:54 pc Some Browser[77]: window is gone',
      'window is gone',
      { host: 'pc', process: 'Some Browser', pid: 77 },
    ],
    [
      'Nov 21 10:50:54 pc com.example.launchd[1] (com.example.agent[88]): Service exited',
      'Service exited',
      { host: 'pc', process: 'com.example.launchd', pid: 1 },
    ],
    ['Nov 21 10:50:54 web-1  -- ann[99]: LOGIN ON tty1', 'LOGIN ON tty1', { host: 'web-1', process: 'ann', pid: 99 }],
    ['Nov 21 10:50:54 web-1 no tag: but one [12]: later', 'no tag: but one [12]: later', { host: 'web-1' }],
    ['Nov 21 10:50:54 - app: x', 'x', { process: 'app' }],
    ['Nov 21 10:50:54 web-1 app:', '', { host: 'web-1', process: 'app' }],
  ])('reads %s', (raw, message, fields) => {
    expect(parse(raw)).toEqual({ timestamp, level: 'UNKNOWN', message, fields });
  });

  test('reads a day of one digit', () => {
    expect(parse('Nov  1 10:50:54 web-1 systemd[1]: Started x.')?.timestamp).toBe(Date.parse('2026-11-01T09:50:54Z'));
  });

  test('takes facility and level from the priority', () => {
    expect(parse("<34>Nov 21 10:50:54 mymachine su: 'su root' failed for lonvick on /dev/pts/8")).toEqual({
      timestamp,
      level: 'FATAL',
      message: "'su root' failed for lonvick on /dev/pts/8",
      fields: { facility: 'auth', host: 'mymachine', process: 'su' },
    });
  });
});

describe('the same with an RFC 3339 timestamp', () => {
  test.each([
    ['2026-11-21T10:50:54.123456+01:00 web-1 prog[1]: msg', { host: 'web-1', process: 'prog', pid: 1 }],
    ['2026-11-21T10:50:54.123456+01:00 web-1 kernel: msg', { host: 'web-1', process: 'kernel' }],
    ['2026-11-21T09:50:54.123Z web-1 prog[1]: msg', { host: 'web-1', process: 'prog', pid: 1 }],
  ])('reads %s', (raw, fields) => {
    expect(parse(raw)).toEqual({ timestamp: timestamp + 123, level: 'UNKNOWN', message: 'msg', fields });
  });
});

describe('RFC 5424', () => {
  test.each([
    [
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8",
      'FATAL',
      "'su root' failed for lonvick on /dev/pts/8",
      { facility: 'auth', host: 'mymachine.example.com', process: 'su', messageId: 'ID47' },
    ],
    [
      "<165>1 2003-10-11T22:14:15.003Z 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
      'INFO',
      "%% It's time to make the do-nuts.",
      { facility: 'local4', host: '192.0.2.1', process: 'myproc', pid: 8710 },
    ],
    [
      String.raw`<165>1 2003-10-11T22:14:15.003Z host app proc-a ID47 [a@32473 iut="3" text="q\" b\\ c\] d\e"][b@32473 class="high"] An event`,
      'INFO',
      'An event',
      {
        facility: 'local4',
        host: 'host',
        process: 'app',
        processId: 'proc-a',
        messageId: 'ID47',
        structuredData: { 'a@32473': { iut: '3', text: String.raw`q" b\ c] d\e` }, 'b@32473': { class: 'high' } },
      },
    ],
    [
      '<165>1 2003-10-11T22:14:15.003Z host app - - [only@1]',
      'INFO',
      '[only@1]',
      { facility: 'local4', host: 'host', process: 'app', structuredData: { 'only@1': {} } },
    ],
  ])('reads %s', (raw, level, message, fields) => {
    expect(parse(raw)).toEqual({ timestamp: Date.parse('2003-10-11T22:14:15.003Z'), level, message, fields });
  });

  test('reads a message of which nothing is known', () => {
    expect(parse('<0>1 - - - - - -')).toEqual({
      timestamp: null,
      level: 'FATAL',
      message: '-',
      fields: { facility: 'kern' },
    });
  });

  test('names that a sender chooses change no prototype', () => {
    const data = parse('<1>1 - h a - - [__proto__ x="1"][a __proto__="1" constructor="2"] m')?.fields.structuredData;
    expect(JSON.stringify(data)).toBe('{"a":{"constructor":"2"}}');
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });

  test.each([
    '[',
    '[a',
    '[a b',
    '[a b=',
    '[a b="c',
    '[a b="c"',
    '[a b="c"]x',
    '[] m',
    '[a ="c"] m',
    '[a  b="c"] m',
    'x m',
    '',
  ])('does not take the structured data %j', (data) => {
    expect(parse(`<1>1 - h a - - ${data}`)).toBeNull();
  });
});

test.each([
  '',
  'Nov 21 10:50:54',
  'Nov 21 10:50:54 ',
  'Feb 30 10:50:54 host prog: msg',
  'Nov 21 10:50:54 ERROR main: failed',
  '2026-11-21T10:50:54.123456Z ERROR app::server: failed',
  '2026-11-21T10:50:54.123456Z  INFO app::server: started',
  '2026-11-21T10:50:54.123Z info: started',
  '2026-11-21T10:50:54.123Z [error]: failed',
  'Nov 21 10:50:54 [WARN] app: slow',
  '2026-11-21T10:50:54Z request finished in 3 ms',
  '2026-11-21 10:50:54 status installed foo:amd64 1.2',
  '<192>Nov 21 10:50:54 host prog: msg',
  '<>Nov 21 10:50:54 host prog: msg',
  '<34>1 yesterday host app - - - msg',
  '<34>1 2003-10-11T22:14:15.003Z host',
  '[Sat Nov 21 10:50:54 2026] usb 1-1: new device',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});
