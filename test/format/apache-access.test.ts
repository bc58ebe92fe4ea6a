import { expect, test } from 'vitest';
import { APACHE_ACCESS } from '../../src/format/apache-access.ts';

const context = { timezone: 'Asia/Tokyo', writtenBefore: 0 };
const parse = (raw: string) => APACHE_ACCESS.parse(raw, context);
const timestamp = Date.parse('2026-11-21T10:50:54Z');
const common = '203.0.113.7 - - [21/Nov/2026:11:50:54 +0100] "GET /nope HTTP/1.1" 404 236';
const fields = {
  remoteAddress: '203.0.113.7',
  method: 'GET',
  path: '/nope',
  protocol: 'HTTP/1.1',
  status: 404,
  bytesSent: 236,
};

test.each([
  ['common', common, fields],
  ['combined', `${common} "-" "curl/7.88.1"`, { ...fields, userAgent: 'curl/7.88.1' }],
  [
    'vhost_combined',
    `shop.example:80 ${common} "https://example.org/" "curl/7.88.1"`,
    { ...fields, server: 'shop.example:80', referer: 'https://example.org/', userAgent: 'curl/7.88.1' },
  ],
  [
    'combinedio, whose numbers are bytes',
    `${common} "-" "curl/7.88.1" 512 1024`,
    { ...fields, userAgent: 'curl/7.88.1', extra: '512 1024' },
  ],
])('reads %s', (_, raw, expected) => {
  expect(parse(raw)).toEqual({ timestamp, level: 'WARN', message: 'GET /nope 404', fields: expected });
});

test.each([
  [
    'an identity and a user with spaces',
    '::1 id-7 ann lee',
    { remoteAddress: '::1', identity: 'id-7', user: 'ann lee' },
  ],
  ['an IPv6 address whose user is not known', '2001:db8::1 id-7 -', { remoteAddress: '2001:db8::1', identity: 'id-7' }],
  [
    'a virtual host with an IPv6 client',
    'a.example:443 ::1 - ann',
    { server: 'a.example:443', remoteAddress: '::1', user: 'ann' },
  ],
  [
    'a virtual host without its port',
    'a.example 203.0.113.7 - ann',
    { server: 'a.example', remoteAddress: '203.0.113.7', user: 'ann' },
  ],
  ['a quote in the user', String.raw`::1 - x] \"GET / HTTP/1.1\" 200 1`, { user: 'x] "GET / HTTP/1.1" 200 1' }],
])('reads %s', (_, head, expected) => {
  expect(parse(`${head} [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 6`)).toMatchObject({
    timestamp,
    message: 'GET / 200',
    fields: expected,
  });
});

test.each([
  ['%T/%D', '0/1874', { durationMs: 1.874 }],
  ['%T %D', '12 12345678', { durationMs: 12_345.678 }],
  ['D=%D', 'D=1874 t=1795645050', { durationMs: 1.874, extra: 't=1795645050' }],
  ['%{us}Tus', 'https 1874us', { durationMs: 1.874, extra: 'https' }],
  ['%{ms}Tms', '295ms', { durationMs: 295 }],
  ['%Ts', '3s', { durationMs: 3000 }],
  ['a number alone, which may be anything', '1874', { extra: '1874' }],
  ['numbers that do not agree', '1/1874', { extra: '1/1874' }],
])('a duration of %s', (_, extra, expected) => {
  const { durationMs, extra: rest } = parse(`${common} "-" "-" ${extra}`)?.fields ?? {};
  expect({ durationMs, extra: rest }).toEqual({ durationMs: undefined, extra: undefined, ...expected });
});

test.each([
  [
    'quotes and backslashes',
    String.raw`"GET / HTTP/1.1" 200 6 "https://example.org/\"q\\" "a"`,
    { referer: 'https://example.org/"q\\', userAgent: 'a' },
  ],
  ['UTF-8', String.raw`"GET /caf\xc3\xa9 HTTP/1.1" 404 236`, { path: '/café' }],
  [
    'a terminal escape and a newline',
    String.raw`"GET /\x1b[31m\n HTTP/1.1" 404 236`,
    { path: String.raw`/\x1b[31m\n` },
  ],
  [
    'an escaped backslash before what looks like a byte',
    String.raw`"GET /\\xc3\\xa9 HTTP/1.1" 404 236`,
    { path: String.raw`/\xc3\xa9` },
  ],
  ['a TLS handshake', String.raw`"\x16\x03\x01" 400 484 "-" "-"`, { request: String.raw`\x16\x03\x01` }],
  ['no bytes', '"GET / HTTP/1.1" 304 -', { status: 304 }],
])('reads %s', (_, rest, expected) => {
  expect(parse(`::1 - - [21/Nov/2026:10:50:54 +0000] ${rest}`)?.fields).toMatchObject(expected);
});

test.each([
  '',
  '203.0.113.7 [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 6',
  '203.0.113.7 - [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 6',
  'shop.example:80 203.0.113.7 - [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200',
  '203.0.113.7 - - [21/Nov/2026:10:50:54] "GET / HTTP/1.1" 200 6',
  '[Sat Nov 21 10:50:54.168518 2026] [core:info] [pid 1:tid 1] [client 203.0.113.7:46398] AH00128: File does not exist: /x',
])('%j is not of the format', (raw) => {
  expect(parse(raw)).toBeNull();
});
