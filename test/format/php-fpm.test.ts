import { expect, test } from 'vitest';
import { PHP_FPM } from '../../src/format/php-fpm.ts';
import { recordsOf } from '../../src/format/record.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: 0 };
const parse = (raw: string) => PHP_FPM.parse(raw, context);
const timestamp = Date.parse('2026-11-21T09:50:54Z');
const trace =
  'boom in /srv/a.php:2\nStack trace:\n#0 /srv/a.php(8): outer()\n#1 {main}\n  thrown in /srv/a.php on line 2';

test.each([
  ['fpm itself', 'NOTICE: ready to handle connections', 'INFO', 'ready to handle connections', {}],
  [
    'what a worker wrote',
    'WARNING: [pool www] child 12 said into stderr: "second line of "message" in /srv/a.php:2"',
    'WARN',
    'second line of "message" in /srv/a.php:2',
    { subsystem: 'www', process: 12, stream: 'stderr' },
  ],
  [
    'a message of PHP that a worker wrote, which tells its own level',
    'WARNING: [pool www] child 12 said into stderr: "NOTICE: PHP message: PHP Fatal error:  Uncaught RuntimeException: boom"',
    'FATAL',
    'NOTICE: PHP message: PHP Fatal error:  Uncaught RuntimeException: boom',
    { subsystem: 'www', process: 12, stream: 'stderr' },
  ],
  [
    'the last words of a worker',
    'WARNING: [pool www] child 12 said into stdout: "bye", pipe is closed',
    'WARN',
    'bye, pipe is closed',
    { subsystem: 'www', process: 12, stream: 'stdout' },
  ],
  [
    'a slow request',
    `WARNING: [pool www] child 12, script '/srv/slow.php' (request: "GET /slow.php") executing too slow (1.316747 sec), logging`,
    'WARN',
    `child 12, script '/srv/slow.php' (request: "GET /slow.php") executing too slow (1.316747 sec), logging`,
    { subsystem: 'www', process: 12, request: 'GET /slow.php' },
  ],
  [
    'the end of a worker',
    'WARNING: [pool www] child 12 exited on signal 11 (SIGSEGV) after 3.381783 seconds from start',
    'WARN',
    'child 12 exited on signal 11 (SIGSEGV) after 3.381783 seconds from start',
    { subsystem: 'www', process: 12 },
  ],
  [
    'fpm for its developers',
    'DEBUG: pid 9865, fpm_children_make(), line 468: [pool www] child 9866 started',
    'DEBUG',
    'child 9866 started',
    { process: 9866, function: 'fpm_children_make', line: 468, subsystem: 'www' },
  ],
  [
    'the slow log',
    ' [pool www] pid 12\nscript_filename = /srv/slow.php\n[0x00007f8081e13080] sleep() /srv/slow.php:1\n',
    'UNKNOWN',
    'pid 12\nscript_filename = /srv/slow.php\n[0x00007f8081e13080] sleep() /srv/slow.php:1\n',
    { subsystem: 'www', process: 12 },
  ],
])('reads %s', (_, text, level, message, fields) => {
  expect(parse(`[21-Nov-2026 10:50:54] ${text}`)).toEqual({ timestamp, level, message, fields });
});

test.each([
  ['PHP Fatal error:  Uncaught RuntimeException', 'FATAL'],
  ['PHP Recoverable fatal error:  x', 'FATAL'],
  ['PHP Parse error:  syntax error', 'ERROR'],
  ['PHP Core warning:  x', 'WARN'],
  ['PHP Warning:  Undefined variable $nothing', 'WARN'],
  ['PHP Deprecated:  x', 'INFO'],
  ['PHP Notice:  x', 'INFO'],
  ['PHP Strict Standards:  x', 'INFO'],
  ['an error of the application', 'UNKNOWN'],
  ['child 12 of the application failed', 'UNKNOWN'],
])('%j of the error_log is %s', (message, level) => {
  expect(parse(`[21-Nov-2026 09:50:54 UTC] ${message}`)).toEqual({ timestamp, level, message, fields: {} });
});

test('a stack trace belongs to its message', () => {
  const raw = `[21-Nov-2026 04:50:54 America/New_York] PHP Fatal error:  Uncaught RuntimeException: ${trace}`;
  expect(parse(raw)).toEqual({
    timestamp,
    level: 'FATAL',
    message: `PHP Fatal error:  Uncaught RuntimeException: ${trace}`,
    fields: {},
  });
  const [first, ...others] = raw.split('\n');
  expect(PHP_FPM.begins?.(first ?? '')).toBe(true);
  expect(others.map((line) => PHP_FPM.begins?.(line))).not.toContain(true);
});

test('a stack trace that a worker wrote is one record again', () => {
  const said = (text: string) => `[21-Nov-2026 10:50:54] WARNING: [pool www] child 12 said into stderr: "${text}"`;
  const first = said('NOTICE: PHP message: PHP Fatal error:  Uncaught RuntimeException: boom in /srv/a.php:2');
  const below = [
    said('Stack trace:'),
    said('#0 /srv/a.php(8): f("x")'),
    said('#1 {main}'),
    said('  thrown in /srv/a.php on line 2'),
  ];
  const next = said('Stack traces are off');
  expect(recordsOf([first, ...below, next], PHP_FPM)).toEqual([[first, ...below].join('\n'), next]);
  expect(parse([first, ...below].join('\n'))).toEqual({
    timestamp,
    level: 'FATAL',
    message: `NOTICE: PHP message: PHP Fatal error:  Uncaught RuntimeException: boom in /srv/a.php:2
Stack trace:
#0 /srv/a.php(8): f("x")
#1 {main}
  thrown in /srv/a.php on line 2`,
    fields: { subsystem: 'www', process: 12, stream: 'stderr' },
  });
});

test.each([
  '',
  '[0x00007f8081e13080] sleep() /srv/slow.php:1',
  '[21-Nov-2026]',
  '[error] x',
  '[Sat Nov 21 10:50:54 2026] [info] x',
])('%j begins no record', (line) => {
  expect(PHP_FPM.begins?.(line)).toBe(false);
  expect(parse(line)).toBeNull();
});

test.each([
  '[21-Nov-2026 10:50:54]',
  '[21-Nov-2026 10:50:54 Nowhere/At_All] x',
  '[31-Feb-2026 10:50:54] x',
  '[21-Nov-2026 10:50:54 UTC x',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});
