import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levels } from '../../src/entry.ts';
import { formatNames, formatOf, formats } from '../../src/format/registry.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: Date.parse('2026-11-21T12:00:00Z') };

test('every name has its format, and every format its name', () => {
  expect(Object.keys(formats)).toEqual(formatNames);
  expect(formatNames.map((name) => formatOf(name).name)).toEqual(formatNames);
});

test('a log of unknown format is shown as text', () => {
  const raw = '2026-11-21T10:50:54Z ERROR x';
  expect(formatOf('UNKNOWN').parse(raw, context)).toEqual(formatOf('TEXT').parse(raw, context));
});

/** Lines that get far into a parser: pieces of real ones, put together at random. */
const pieces = [
  ...['2026-11-21T10:50:54', '.123', 'Z', '+01:00', ' ', '  ', '-', ':', '[', ']', '"', '\\', '\\x22', '{', '}', ','],
  ...['21/Nov/2026:10:50:54 +0000', 'Nov 21 10:50:54', '<34>', '1 ', 'host', 'prog[1]:', 'ERROR', 'GET / HTTP/1.1'],
  ...['203.0.113.7 - - [21/Nov/2026:10:50:54 +0000] "', '" 200 12 "', '{"timestamp":"2026-11-21T10:50:54Z",'],
  ...['"level":"info",', '"logger":"a",', '"action":"b",', '"message":"c"', '"__proto__":', '1e400', '\uD800', '\0'],
];

/** Lines that belong to a format, to be cut anywhere. */
const realLines = [
  '2026-11-21 10:50:54,123 INFO  [main] com.example.shop.Server - Started in 3 s',
  '2026-11-21T10:50:54.123Z  INFO 4711 --- [shop] [main] c.e.ShopApplication : Starting',
  'Nov 21, 2026 10:50:54 AM com.example.Main run\nFINE: ready',
  '[2026-11-21 10:50:54,123] INFO 12 partitions moved (kafka.server.KafkaServer)',
  '[2026-11-21 10:50:54,123: WARNING/ForkPoolWorker-1] late',
  '2026-11-21 10:50:54.123 | SUCCESS  | app.web:handle:12 - done',
  '2026-11-21 10:50:54.123 25746 INFO nova.api.server [req-5f3a 113 - - -] 10.0.0.1 "GET /',
  'INFO 2026-11-21 10:50:54,123 views 12 139 seen',
  'ERROR:app.web:failed\nTraceback (most recent call last):\n  File "x.py", line 12, in f',
  'time="2026-11-21T10:50:54.123Z" level=warning msg="cache \\"a\\" miss" size=10 hit=false',
  '21-Nov-2026 10:50:54.123 SEVERE [main] org.apache.catalina.startup.Catalina.start Startup failed',
  'Nov 21 10:50:54 pc com.example.launchd[1] (com.example.agent[88]): Service exited',
  'Sat Nov 21 10:50:54.123456 UTC 2026 [x] 11/21/2026, 12:50:54 AM 261121 105054 20261121-1:5:4:12 1795258254.5',
];
const line = fc.oneof(
  fc.tuple(fc.constantFrom(...realLines), fc.nat(120), fc.string()).map(([raw, end, more]) => raw.slice(0, end) + more),
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.object().map((value) => JSON.stringify(value)),
  fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom(...pieces), fc.string()).map((parts) => parts.join('')),
);

describe.each(formatNames)('%s', (name) => {
  const format = formatOf(name);

  test('never throws, answers the same twice, and what it answers can be written as JSON', () => {
    fc.assert(
      fc.property(line, (raw) => {
        const parsed = format.parse(raw, context);
        expect(format.parse(raw, context)).toEqual(parsed);
        expect(format.begins?.(raw)).toBe(format.begins?.(raw));
        if (parsed === null) return;
        expect(levels).toContain(parsed.level);
        expect(parsed.timestamp === null || Number.isInteger(parsed.timestamp)).toBe(true);
        const written = JSON.stringify(parsed.fields);
        expect(JSON.stringify(JSON.parse(written))).toBe(written);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['spaces', ' '.repeat(1e6)],
    ['quotes', '"'.repeat(1e6)],
    ['brackets', '[('.repeat(5e5)],
    ['digits', `2026-11-21T10:50:54.${'1'.repeat(1e6)}`],
    ['words', 'A '.repeat(5e5)],
    ['objects that never end', '{"a":'.repeat(2e5)],
    ['nested arrays', `{"a":${'['.repeat(5e5)}${']'.repeat(5e5)}}`],
    ['keys', `{${Array.from({ length: 8e4 }, (_, index) => `"k${index}":${index}`).join(',')}}`],
    ['escaped quotes', `1.2.3.4 - - [21/Nov/2026:10:50:54 +0000] "${'\\"'.repeat(5e5)}`],
    ['escapes', `1.2.3.4 - - [21/Nov/2026:10:50:54 +0000] "GET ${'A\\xff'.repeat(2e5)} HTTP/1.1" 200 1 "-" "-"`],
    ['durations', `1.2.3.4 - - [21/Nov/2026:10:50:54 +0000] "GET / HTTP/1.1" 200 1 "-" "-"${' 1.000'.repeat(1.6e5)}`],
    ['elements of structured data', `<165>1 - a b c d ${'[a b="c"]'.repeat(1.1e5)}`],
    ['escapes in structured data', `<165>1 - a b c d [a b="${'\\"'.repeat(5e5)}"] x`],
    ['a long word of a header', `2026-11-21 10:50:54 INFO ${'a.B'.repeat(3e5)}: x`],
    ['marks', `2026-11-21 10:50:54 INFO${' -'.repeat(5e5)}`],
    ['an open group', `2026-11-21 10:50:54 INFO ${'['.repeat(1e6)}`],
    ['pairs', 'a=1 '.repeat(2.5e5)],
    ['escapes in a value', `a=1 b="${'\\"'.repeat(5e5)}"`],
    ['lines', '\n'.repeat(1e6)],
    ['brackets in a tag', `Nov 21 10:50:54 h ${'['.repeat(5e5)}${']'.repeat(5e5)}:`],
  ])('takes a line of a million characters in its stride: %s', (_, raw) => {
    // Time that grew with the square of the length would outlast the test's timeout many times over.
    const parsed = format.parse(raw, context);
    expect(parsed === null || parsed.message.length <= raw.length).toBe(true);
  });
});
