import { expect, test } from 'vitest';
import { detect } from '../../src/format/detect.ts';

const system = '{"timestamp":"2026-11-21T10:50:54Z","level":"INFO","logger":"app","message":"started"}';
const audit = '{"timestamp":"2026-11-21T10:50:54Z","level":"INFO","logger":"app","message":"in","action":"login"}';
const pino = '{"level":30,"time":1763722254123,"msg":"hi"}';
const access = '203.0.113.7 - - [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 1 "-" "curl/8.5.0"';
const syslog = 'Nov 21 10:50:54 web-1 sshd[1]: Connection closed';
const modern = '2026-11-21T10:50:54.123456+00:00 web-1 sshd[1]: Connection closed';
const dpkg = '2026-11-21 10:50:54 status installed foo:amd64 1.2';
const alternatives = 'update-alternatives 2026-11-21 10:50:54: run with --quiet';
const trace = '    at main (app.js:1:1)';
const vhost = `shop.example:80 ${access}`;
const php = '[21-Nov-2026 10:50:54 UTC] PHP Fatal error:  Uncaught Exception: boom';
const below = ['Stack trace:', '#0 {main}', '  thrown in /srv/a.php on line 2'];
const opened = ['/usr/sbin/mysqld, Version: 8.4.2 (MySQL). started with:', 'Tcp port: 3306', 'Time Id Command'];
const query = ['# User@Host: a[a] @ b []', '# Query_time: 1.000160  Lock_time: 0.000000', 'SET timestamp=1;', 'x;'];
const twoLines = ['Nov 21, 2026 1:50:54 PM com.example.Main run', 'INFO: ready'];
const thrown = ['java.lang.IllegalStateException: 12', '\tat com.example.Main.run(Main.java:12)'];
const many = (count: number, line: string): string[] => Array.from({ length: count }, () => line);

test.each([
  ['audit lines', [audit], 'AUDIT_LOG'],
  ['system lines', [system], 'SYSTEM_LOG'],
  ['other JSON lines', [pino], 'JSON_LINES'],
  ['access lines', [access], 'NGINX_ACCESS'],
  ['syslog lines', [syslog, modern], 'SYSLOG'],
  ['lines of dpkg', [dpkg], 'TEXT'],
  ['lines of update-alternatives', [alternatives], 'TEXT'],
  ['lines with a level in brackets', ['2026-11-21 10:50:54 [ERROR] x', '2026-11-21 10:50:55 [INFO] y'], 'TEXT'],
  ['lines without any form', ['hello', 'world'], 'UNKNOWN'],
  ['no lines', [], 'UNKNOWN'],
  ['empty lines', ['', '  '], 'UNKNOWN'],
  ['audit lines among system lines', [...many(5, audit), ...many(5, system)], 'SYSTEM_LOG'],
  ['system lines among other JSON lines', [...many(5, system), ...many(5, pino)], 'JSON_LINES'],
  ['four access lines of five', [...many(4, access), trace], 'NGINX_ACCESS'],
  ['three access lines of five', [...many(3, access), trace, trace], 'TEXT'],
  ['empty lines between access lines', [access, '', '', '', access], 'NGINX_ACCESS'],
  ['timestamps on most lines', [...many(3, dpkg), trace, trace], 'TEXT'],
  ['timestamps on half of the lines', [dpkg, dpkg, trace, trace], 'UNKNOWN'],
  ['another form after the first hundred lines', [...many(100, access), ...many(900, trace)], 'NGINX_ACCESS'],
  ['a header before JSON lines', ['starting...', ...many(9, pino)], 'JSON_LINES'],
  ['lines of the virtual hosts of Apache', [vhost], 'APACHE_ACCESS'],
  ['messages of PHP with their stack traces', [php, ...below, php, ...below], 'PHP_FPM'],
  ['the end of a stack trace before other messages', [...below, ...many(12, php)], 'PHP_FPM'],
  ['one message of PHP among other lines', [...many(50, 'hello world'), php, ...below], 'UNKNOWN'],
  ['entries of java.util.logging, on two lines each', [...twoLines, ...twoLines, ...thrown], 'JAVA'],
  ['only one of them', twoLines, 'JAVA'],
  ['such a line before others', [...twoLines, ...many(3, 'hello world')], 'UNKNOWN'],
  ['slow queries', [...opened, ...query, ...query, ...query], 'MYSQL_SLOW'],
  ['a slow query log that was only opened', opened, 'UNKNOWN'],
])('%s', (_, lines, expected) => {
  expect(detect(lines).format).toBe(expected);
});
