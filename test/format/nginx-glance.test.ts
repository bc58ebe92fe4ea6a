import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NGINX_ACCESS } from '../../src/format/nginx-access.ts';
import { NginxGlance } from '../../src/format/nginx-glance.ts';

const context = { timezone: 'Asia/Tokyo', writtenBefore: 0 };

const parsed = (line: Buffer) => {
  const entry = NGINX_ACCESS.parse(line.toString(), context);
  return entry && { timestamp: entry.timestamp, level: entry.level, status: entry.fields.status };
};

const requestOf = (line: Buffer) => {
  const fields = NGINX_ACCESS.parse(line.toString(), context)?.fields;
  const [, target] = line.toString('latin1').match(/\] "([^"?]*)/) ?? [];
  const { status, bytesSent = null, durationMs = null } = fields ?? {};
  return { target, status, bytesSent, durationMs };
};

/** Null where the glance is not sure. */
const seen = (glance: NginxGlance, bytes: Buffer, from: number, to: number) =>
  glance.read(bytes, from, to) ? { timestamp: glance.timestamp, level: glance.level, status: glance.status } : null;

const head = '203.0.113.7 - - [21/Nov/2026:10:50:54 +0000]';
const sure = [
  `${head} "GET / HTTP/1.1" 200 5316 "https://example.org/" "curl/8.5.0"`,
  `${head} "GET / HTTP/1.1" 404 0`,
  `${head} "GET / HTTP/1.1" 304 -`,
  `${head} "" 400 0 "-" "-"`,
  `${head} "-" 499 0 "-" "-" 0.004 rt=0.100`,
  `${head} "\\x16\\x03\\x01 \\x22quoted\\x22" 400 157 "-" "-"`,
  `${head} "GET /\\x5C HTTP/1.1" 500 1 "a \\"quoted\\" referer" "-"`,
  '2001:db8::1 - ann b. [29/Feb/2024:23:59:59 -0330] "POST /é HTTP/2.0" 503 12345678901 "-" "語"',
  '::1 -  [31/Dec/2016:23:59:60 +0000] "GET / HTTP/1.1" 200 1',
  'example.org - [21/Nov [01/Jan/1970:00:00:00 +0000] "GET / HTTP/1.1" 200 1',
];
const unsure = [
  `${head} "GET /\\" HTTP/1.1" 200 5316 "-" "-"`,
  `${'a'.repeat(300)} - - [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 5316`,
  `${head} "GET / HTTP/1.1" 200 ${'1'.repeat(30)} "-" "-"`,
];
const wrong = [
  '',
  'Nov 21 10:50:54 web sshd[1]: Connection closed by "203.0.113.7"',
  '203.0.113.7 - - [31/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 5316',
  '203.0.113.7 - - [21/Nov/2026:10:50:60 +0000] "GET / HTTP/1.1" 200 5316',
  '203.0.113.7 - - [21/Nov/2026:10:50:54 +00:00] "GET / HTTP/1.1" 200 5316',
  '203.0.113.7 - "x" [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 5316',
  `${head} "GET / HTTP/1.1" 200`,
  `${head} "GET / HTTP/1.1" 200 5316\r`,
  `${head} "GET / HTTP/1.1" 20 5316`,
  `${head} "GET / HTTP/1.1 200 5316`,
];

test.each(sure)('is sure of %s', (line) => {
  const bytes = Buffer.from(line);
  expect(parsed(bytes)).not.toBeNull();
  expect(seen(new NginxGlance(), bytes, 0, bytes.length)).toEqual(parsed(bytes));
});

test.each([
  [sure[0], { target: 'GET / HTTP/1.1', status: 200, bytesSent: 5316, durationMs: null }],
  [sure[2], { target: 'GET / HTTP/1.1', status: 304, bytesSent: null, durationMs: null }],
  [sure[4], { target: '-', status: 499, bytesSent: 0, durationMs: 4 }],
  [sure[7]?.replace('/é', '/a'), { target: 'POST /a HTTP/2.0', status: 503, bytesSent: 12345678901, durationMs: null }],
  [`${head} "GET / HTTP/1.1" 200 1 "-" "-" "198.51.100.1" x request_time=1.250`, { durationMs: 1250, bytesSent: 1 }],
  [`${head} "GET /a?b=c&d?e HTTP/1.1" 200 1`, { target: 'GET /a' }],
  [`${head} "GET / HTTP/1.1" 200 1 "0.004 " "-" "-"`, { durationMs: null }],
  [`${head} "GET / HTTP/1.1" 200 99999999999999999`, { bytesSent: null }],
  [sure[6], null],
  [`${head} "GET / HTTP/1.1" 200 1 "open`, null],
])('tells the request of %s', (line = '', expected) => {
  const bytes = Buffer.from(line);
  const glance = new NginxGlance();
  expect(glance.read(bytes, 0, bytes.length)).toBe(true);
  if (expected === null) expect(glance.request()).toBeNull();
  else {
    expect(glance.request()).toMatchObject(expected);
    expect(glance.request()).toEqual(requestOf(bytes));
  }
});

test.each([...unsure, ...wrong])('is not sure of %j', (line) => {
  const bytes = Buffer.from(line);
  expect(seen(new NginxGlance(), bytes, 0, bytes.length)).toBeNull();
});

const line = fc.constantFrom(...sure, ...unsure, ...wrong).map((text) => Buffer.from(text));
const byte = fc.oneof(
  fc.constantFrom(...Buffer.from(' "[]-\\/:+0159')),
  fc.nat(255).filter((byte) => byte !== 10),
);

/** A line with some bytes replaced, left out or put in; mostly near the time and the status, where they matter. */
const mutated = fc
  .tuple(
    line,
    fc.array(fc.record({ at: fc.nat(110), byte, remove: fc.nat(1), insert: fc.boolean() }), { maxLength: 4 }),
  )
  .map(([original, changes]) => {
    let bytes = original;
    for (const { at, byte, remove, insert } of changes) {
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(...(insert ? [byte] : [])), bytes.subarray(at + remove)]);
    }
    return bytes;
  });

/** Lines whose times follow each other closely, so that what is remembered of the one before is used. */
const timed = fc
  .record({
    day: fc.constantFrom('21/Nov/2026', '28/Feb/2027', '29/Feb/2027'),
    hour: fc.constantFrom('10', '23', '24'),
    minute: fc.constantFrom('50', '59', '5:'),
    second: fc.constantFrom('00', '09', '59', '60', '61', '5x', ' 1'),
    zone: fc.constantFrom('+0000', '-0000', '+0130', '+01:0', '+2500', '+01xx'),
    status: fc.constantFrom('200', '500', '099', '999', '5x0'),
  })
  .map(({ day, hour, minute, second, zone, status }) =>
    Buffer.from(`::1 - - [${day}:${hour}:${minute}:${second} ${zone}] "GET / HTTP/1.1" ${status} 1`),
  );

test('never says of a line what the parser does not say', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(mutated, timed), { minLength: 1, maxLength: 20 }), fc.nat(9), (lines, offset) => {
      const all = Buffer.concat([Buffer.alloc(offset, '"'), ...lines.flatMap((line) => [line, Buffer.from('\n')])]);
      const glance = new NginxGlance();
      let at = offset;
      for (const line of lines) {
        const answer = seen(glance, all, at, at + line.length);
        if (answer !== null) {
          expect(answer).toEqual(parsed(line));
          const request = glance.request();
          if (request !== null) expect(request).toEqual(requestOf(line));
        }
        at += line.length + 1;
      }
    }),
    { numRuns: Number(process.env.TAILQL_TEST_RUNS ?? 2000) },
  );
});

test('is sure of every line that the parser understands, but of escaped quotes and unusual lengths', () => {
  const text = (max: number) =>
    fc.string({ unit: fc.constantFrom('a', '/', '-', ' ', '[', 'é', '\\x22'), maxLength: max });
  fc.assert(
    fc.property(timed, text(40), text(60), text(20), (line, user, request, rest) => {
      const raw = Buffer.from(
        `${line
          .toString()
          .replace(' - - ', ` - ${user.replace(/ +\[/g, '[')} `)
          .replace('GET /', `GET /${request}`)} "${rest}"`,
      );
      expect(seen(new NginxGlance(), raw, 0, raw.length)).toEqual(parsed(raw));
    }),
    { numRuns: Number(process.env.TAILQL_TEST_RUNS ?? 1000) },
  );
});
