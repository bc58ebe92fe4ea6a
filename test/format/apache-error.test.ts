import { expect, test } from 'vitest';
import { APACHE_ERROR } from '../../src/format/apache-error.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: 0 };
const parse = (raw: string) => APACHE_ERROR.parse(raw, context);

test.each([
  [
    'a file that does not exist',
    '[Sat Nov 21 10:50:54.168518 2026] [core:info] [pid 9885:tid 9886] [client 203.0.113.7:46398] AH00128: File does not exist: /srv/nope, referer: https://example.org/"q',
    'INFO',
    'File does not exist: /srv/nope',
    {
      subsystem: 'core',
      process: 9885,
      thread: 9886,
      client: '203.0.113.7',
      clientPort: 46398,
      code: 'AH00128',
      referer: 'https://example.org/"q',
    },
  ],
  [
    'a place in the code',
    '[Sat Nov 21 10:50:54.168518 2026] [authz_core:debug] [pid 9884] mod_authz_core.c(843): [client 2001:db8::1:46388] AH01628: authorization result: granted (no directives)',
    'DEBUG',
    'authorization result: granted (no directives)',
    {
      subsystem: 'authz_core',
      process: 9884,
      file: 'mod_authz_core.c',
      line: 843,
      client: '2001:db8::1',
      clientPort: 46388,
      code: 'AH01628',
    },
  ],
  [
    'a reason before the client',
    '[Sat Nov 21 10:50:54.168518 2026] [core:error] [pid 1:tid 2] (13)Permission denied: [client 203.0.113.7:1] AH00035: access to / denied',
    'ERROR',
    '(13)Permission denied: access to / denied',
    { subsystem: 'core', process: 1, thread: 2, client: '203.0.113.7', clientPort: 1, code: 'AH00035' },
  ],
  [
    'a reason without a client',
    '[Sat Nov 21 10:50:54.168518 2026] [proxy:error] [pid 1:tid 2] (111)Connection refused: AH00957: http: attempt to connect to 127.0.0.1:9 failed',
    'ERROR',
    '(111)Connection refused: http: attempt to connect to 127.0.0.1:9 failed',
    { subsystem: 'proxy', process: 1, thread: 2, code: 'AH00957' },
  ],
  [
    'a server that Apache asked',
    '[Sat Nov 21 10:50:54.168518 2026] [proxy_http:trace8] [pid 1:tid 2] [remote 10.0.0.2:80] hello',
    'TRACE',
    'hello',
    { subsystem: 'proxy_http', process: 1, thread: 2, remote: '10.0.0.2', remotePort: 80 },
  ],
  [
    'a message of a script, without a module',
    String.raw`[Sat Nov 21 10:50:54.168518 2026] [:error] [pid 1] [client ::1:5] PHP Fatal error:  boom\nStack trace:\n#0 {main}, referer: a`,
    'ERROR',
    String.raw`PHP Fatal error:  boom\nStack trace:\n#0 {main}`,
    { process: 1, client: '::1', clientPort: 5, referer: 'a' },
  ],
  [
    'the form before 2.4',
    '[Sat Nov 21 10:50:54 2026] [error] [client 2001:db8::1] File does not exist: /srv/favicon.ico',
    'ERROR',
    'File does not exist: /srv/favicon.ico',
    { client: '2001:db8::1' },
  ],
  [
    'the form before 2.4, without a client',
    '[Sat Nov 21 10:50:54 2026] [notice] caught SIGTERM, shutting down',
    'INFO',
    'caught SIGTERM, shutting down',
    {},
  ],
  [
    'what a program writes below',
    '[Sat Nov 21 10:50:54.168518 2026] [mpm_prefork:notice] [pid 1:tid 1] AH00163: resuming, referer: r\nsh: 1: foo: not found, referer: none',
    'INFO',
    'resuming\nsh: 1: foo: not found, referer: none',
    { subsystem: 'mpm_prefork', process: 1, thread: 1, code: 'AH00163', referer: 'r' },
  ],
  [
    'escaped bytes',
    String.raw`[Sat Nov 21 10:50:54.168518 2026] [core:info] [pid 1] [client ::1:5] AH00128: File does not exist: /caf\xc3\xa9 \x1b[31m\\/a, referer: \xc3\xa9`,
    'INFO',
    String.raw`File does not exist: /café \x1b[31m\/a`,
    { subsystem: 'core', process: 1, client: '::1', clientPort: 5, code: 'AH00128', referer: 'é' },
  ],
])('reads %s', (_, raw, level, message, fields) => {
  const timestamp = Date.parse(raw.includes('.168518') ? '2026-11-21T09:50:54.168Z' : '2026-11-21T09:50:54Z');
  expect(parse(raw)).toEqual({ timestamp, level, message, fields });
});

test('a path cannot pretend to be the referer where there is one', () => {
  const raw = '[Sat Nov 21 10:50:54 2026] [error] [client ::1] x: /a, referer: forged, referer: written';
  expect(parse(raw)).toMatchObject({ message: 'x: /a, referer: forged', fields: { referer: 'written' } });
});

test('a line goes on with the record before it unless it has a time', () => {
  const begins = (line: string) => APACHE_ERROR.begins?.(line);
  expect(['[Sat Nov 21 10:50:54.1 2026] [core:info]', '[Sat Nov  1 10:50:54 2026] [info]'].map(begins)).toEqual([
    true,
    true,
  ]);
  const others = ['', '[', 'sh: 1: foo: not found', '[client ::1] x', '[error] x', '[Sat Nov 21]'];
  expect(others.map(begins)).not.toContain(true);
});

test.each([
  '',
  '[Sat Nov 21 10:50:54 2026]',
  '[Sat Nov 21 10:50:54 2026] x',
  '[Sat Nov 31 10:50:54 2026] [error] x',
  '[21-Nov-2026 10:50:54 UTC] PHP Warning:  x',
  'AH00558: apache2: Could not reliably determine the name',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});
