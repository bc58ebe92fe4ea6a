import { expect, test } from 'vitest';
import { NGINX_ACCESS } from '../../src/format/nginx-access.ts';

const context = { timezone: 'Asia/Tokyo', writtenBefore: 0 };
const parse = (raw: string) => NGINX_ACCESS.parse(raw, context);
const timestamp = Date.parse('2026-11-21T10:50:54Z');
const head = '203.0.113.7 - - [21/Nov/2026:10:50:54 +0000]';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

test.each([
  [
    'combined',
    `2001:db8::1 - ann [21/Nov/2026:11:50:54 +0100] "GET /shop?q=a%20b HTTP/2.0" 200 5316 "https://example.org/" "${firefox}"`,
    'INFO',
    'GET /shop?q=a%20b 200',
    {
      remoteAddress: '2001:db8::1',
      user: 'ann',
      method: 'GET',
      path: '/shop?q=a%20b',
      protocol: 'HTTP/2.0',
      status: 200,
      bytesSent: 5316,
      referer: 'https://example.org/',
      userAgent: firefox,
    },
  ],
  [
    'common',
    `${head} "POST /api HTTP/1.1" 503 0`,
    'ERROR',
    'POST /api 503',
    { remoteAddress: '203.0.113.7', method: 'POST', path: '/api', protocol: 'HTTP/1.1', status: 503, bytesSent: 0 },
  ],
  [
    'main of nginx.conf',
    `${head} "GET / HTTP/1.1" 304 0 "-" "curl/8.5.0" "198.51.100.4, 10.0.0.1"`,
    'INFO',
    'GET / 304',
    {
      remoteAddress: '203.0.113.7',
      method: 'GET',
      path: '/',
      protocol: 'HTTP/1.1',
      status: 304,
      bytesSent: 0,
      userAgent: 'curl/8.5.0',
      forwardedFor: '198.51.100.4, 10.0.0.1',
    },
  ],
  [
    'combined with the time of the request and of the upstream',
    `${head} "GET / HTTP/1.1" 499 0 "-" "-" 1.005 upstream="10.0.0.2:80"`,
    'WARN',
    'GET / 499',
    {
      remoteAddress: '203.0.113.7',
      method: 'GET',
      path: '/',
      protocol: 'HTTP/1.1',
      status: 499,
      bytesSent: 0,
      durationMs: 1005,
      extra: 'upstream="10.0.0.2:80"',
    },
  ],
])('reads %s', (_, raw, level, message, fields) => {
  expect(parse(raw)).toEqual({ timestamp, level, message, fields });
});

test.each([
  ['an empty request', '"" 400 0 "-" "-"', '400', {}],
  ['no request', '"-" 408 0 "-" "-"', '408', {}],
  [
    'a TLS handshake',
    String.raw`"\x16\x03\x01\x02\x00\x01" 400 157 "-" "-"`,
    String.raw`\x16\x03\x01\x02\x00\x01 400`,
    {
      request: String.raw`\x16\x03\x01\x02\x00\x01`,
    },
  ],
  ['an SSH client', '"SSH-2.0-Go" 400 157 "-" "-"', 'SSH-2.0-Go 400', { request: 'SSH-2.0-Go' }],
  ['a request in lower case', '"get / HTTP/1.1" 400 157', 'get / HTTP/1.1 400', { request: 'get / HTTP/1.1' }],
  ['HTTP/0.9', '"GET /old" 009 12', 'GET /old 009', { method: 'GET', path: '/old', status: 9 }],
  ['a path with spaces', '"GET /a b c HTTP/1.1" 400 0', 'GET /a b c 400', { method: 'GET', path: '/a b c' }],
  ['a method alone', '"GET " 400 0', 'GET 400', { method: 'GET' }],
  ['a method and a protocol', '"GET HTTP/1.1" 400 0', 'GET HTTP/1.1 400', { method: 'GET', path: 'HTTP/1.1' }],
  [
    'escaped quotes',
    String.raw`"GET /\x22x\x22 HTTP/1.1" 404 0 "-" "a\x5Cb"`,
    'GET /"x" 404',
    {
      path: '/"x"',
      userAgent: String.raw`a\b`,
    },
  ],
  ['UTF-8', String.raw`"GET /caf\xC3\xA9 HTTP/1.1" 404 0`, 'GET /café 404', { path: '/café' }],
  ['invalid UTF-8', String.raw`"GET /\xFF\xFE HTTP/1.1" 404 0`, String.raw`GET /\xFF\xFE 404`, {}],
  ['a terminal escape', String.raw`"GET /\x1B[31m HTTP/1.1" 404 0`, String.raw`GET /\x1B[31m 404`, {}],
  ['text that turns round', String.raw`"GET /\xE2\x80\xAE HTTP/1.1" 404 0`, String.raw`GET /\xE2\x80\xAE 404`, {}],
  [
    'quotes after backslashes',
    String.raw`"GET /\"\\ HTTP/1.1" 404 0 "-" "b"`,
    String.raw`GET /\"\\ 404`,
    { userAgent: 'b' },
  ],
  ['no size', '"GET / HTTP/1.1" 200 -', 'GET / 200', {}],
])('reads %s', (_, rest, message, fields) => {
  const parsed = parse(`${head} ${rest}`);
  expect(parsed?.message).toBe(message);
  expect(parsed?.fields).toMatchObject(fields);
});

test('what is absent has no key', () => {
  expect(Object.keys(parse(`unix: - - [21/Nov/2026:10:50:54 +0000] "-" 400 - "-" "-"`)?.fields ?? {})).toEqual([
    'remoteAddress',
    'status',
  ]);
});

test('a user cannot pretend to be another request', () => {
  const user = '- [01/Jan/2020:00:00:00 +0000] \\x22GET / HTTP/1.1\\x22 200 1';
  const parsed = parse(`203.0.113.7 - ${user} [21/Nov/2026:10:50:54 +0000] "GET /admin HTTP/1.1" 401 0 "-" "-"`);
  expect(parsed).toMatchObject({
    timestamp,
    message: 'GET /admin 401',
    fields: { user: '- [01/Jan/2020:00:00:00 +0000] "GET / HTTP/1.1" 200 1' },
  });
});

test.each([
  '',
  '-',
  'GET / HTTP/1.1',
  '203.0.113.7 - - [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1',
  '203.0.113.7 - - [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" abc 1',
  '203.0.113.7 - - [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 2000 1',
  '203.0.113.7 - - [31/Feb/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 1',
  '203.0.113.7 - - (21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 1',
  '203.0.113.7 - - 21/Nov/2026:10:50:54 +0000 "GET / HTTP/1.1" 200 1',
  '2026/11/21 10:50:54 [error] 12#12: *1 open() "/srv/x" failed (2: No such file or directory), client: 203.0.113.7',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});
