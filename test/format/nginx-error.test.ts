import { expect, test } from 'vitest';
import { NGINX_ERROR } from '../../src/format/nginx-error.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: 0 };
const parse = (raw: string) => NGINX_ERROR.parse(raw, context);
const timestamp = Date.parse('2026-11-21T09:50:54Z');
const head = '2026/11/21 10:50:54 [error] 9876#9870: *2';
const process = { process: 9876, thread: 9870, connection: 2 };
const client = { client: '203.0.113.7', server: 'shop.example' };

test.each([
  [
    'a file that does not exist',
    'open() "/srv/nope" failed (2: No such file or directory), client: 203.0.113.7, server: shop.example, request: "GET /nope HTTP/1.1", host: "shop.example:8080", referrer: "https://example.org/"q"',
    'open() "/srv/nope" failed (2: No such file or directory)',
    { ...client, request: 'GET /nope HTTP/1.1', host: 'shop.example:8080', referer: 'https://example.org/"q' },
  ],
  [
    'an upstream that refuses',
    'connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.7, server: shop.example, request: "GET /up HTTP/1.1", subrequest: "/auth", upstream: "http://127.0.0.1:9/up", host: "shop.example"',
    'connect() failed (111: Connection refused) while connecting to upstream',
    {
      ...client,
      request: 'GET /up HTTP/1.1',
      subrequest: '/auth',
      upstream: 'http://127.0.0.1:9/up',
      host: 'shop.example',
    },
  ],
  [
    'what PHP says, over several lines',
    'FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught RuntimeException: boom in /srv/a.php:2\nStack trace:\n#0 {main}\n  thrown in /srv/a.php on line 2" while reading upstream, client: 203.0.113.7, server: shop.example, request: "GET /a.php HTTP/1.1", upstream: "fastcgi://127.0.0.1:9000", host: "a"',
    'FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught RuntimeException: boom in /srv/a.php:2\nStack trace:\n#0 {main}\n  thrown in /srv/a.php on line 2" while reading upstream',
    { ...client, request: 'GET /a.php HTTP/1.1', upstream: 'fastcgi://127.0.0.1:9000', host: 'a' },
  ],
  [
    'a server without a name',
    'no live upstreams while connecting to upstream, client: 2001:db8::1, server: , request: "GET / HTTP/1.1", host: "a"',
    'no live upstreams while connecting to upstream',
    { client: '2001:db8::1', request: 'GET / HTTP/1.1', host: 'a' },
  ],
  [
    'a stream',
    'upstream timed out (110: Connection timed out) while connecting to upstream, client: 203.0.113.7, server: 0.0.0.0:443, upstream: "10.0.0.2:443", bytes from/to client:0/0, bytes from/to upstream:0/0',
    'upstream timed out (110: Connection timed out) while connecting to upstream',
    {
      client: '203.0.113.7',
      server: '0.0.0.0:443',
      upstream: '10.0.0.2:443',
      extra: 'bytes from/to client:0/0, bytes from/to upstream:0/0',
    },
  ],
  [
    'a client outside of a request',
    'client closed connection while waiting for request, client: 203.0.113.7, server: 0.0.0.0:80',
    'client closed connection while waiting for request',
    { client: '203.0.113.7', server: '0.0.0.0:80' },
  ],
  [
    'a message that tells of a client',
    'client 127.0.0.1 closed keepalive connection',
    'client 127.0.0.1 closed keepalive connection',
    {},
  ],
  [
    'a request that was cut',
    'x, client: 203.0.113.7, server: shop.example, request: "GET /aaa',
    'x',
    { ...client, request: 'GET /aaa' },
  ],
])('reads %s', (_, rest, message, fields) => {
  expect(parse(`${head} ${rest}`)).toEqual({ timestamp, level: 'ERROR', message, fields: { ...process, ...fields } });
});

test.each([
  ['debug', 'DEBUG'],
  ['info', 'INFO'],
  ['notice', 'INFO'],
  ['warn', 'WARN'],
  ['error', 'ERROR'],
  ['crit', 'FATAL'],
  ['alert', 'FATAL'],
  ['emerg', 'FATAL'],
])('%s of the master process is %s', (word, level) => {
  expect(parse(`2026/11/21 10:50:54 [${word}] 9874#9874: using the "epoll" event method`)).toEqual({
    timestamp,
    level,
    message: 'using the "epoll" event method',
    fields: { process: 9874, thread: 9874 },
  });
});

test.each([
  [
    'path',
    'open() "/srv/x, client: 6.6.6.6, server: evil" failed (2: No such file or directory), client: 203.0.113.7, server: shop.example, request: "GET /x,%20client:%206.6.6.6,%20server:%20evil HTTP/1.1", host: "a"',
  ],
  [
    'referrer',
    'open() "/srv/x" failed (2: No such file or directory), client: 203.0.113.7, server: shop.example, request: "GET /x HTTP/1.1", host: "a", referrer: "x", client: 6.6.6.6, server: evil, request: "GET / HTTP/1.1"',
  ],
])('a client cannot pretend to be another one in its %s', (_, rest) => {
  expect(parse(`${head} ${rest}`)?.fields).toMatchObject(client);
});

test('a line goes on with the record before it unless it has time, level and process', () => {
  const begins = (line: string) => NGINX_ERROR.begins?.(line);
  expect(begins(`${head} x`)).toBe(true);
  expect(['', 'Stack trace:', '#0 {main}', '2026/11/21 10:50:54 x', '2026/11/21'].map(begins)).not.toContain(true);
});

test.each([
  '',
  '2026/11/21 10:50:54',
  '2026/11/21 10:50:54 [error] open() failed',
  '2026/02/30 10:50:54 [error] 1#1: x',
  '2026-11-21 10:50:54 [error] 1#1: x',
  '2026/11/21 10:50:54 http: TLS handshake error from 10.0.0.1:1',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});
