import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/entry.ts';
import { detect } from '../../src/format/detect.ts';
import { recordsOf } from '../../src/format/record.ts';
import { type FormatName, formatOf } from '../../src/format/registry.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: Date.parse('2026-11-21T12:00:00Z') };

/** What servers really write, a record each. */
const samples: [FormatName, string[]][] = [
  [
    'NGINX_ERROR',
    [
      '2026/11/21 10:50:54 [error] 9876#9876: *2 open() "/srv/nope" failed (2: No such file or directory), client: 203.0.113.7, server: shop.example, request: "GET /nope HTTP/1.1", upstream: "http://127.0.0.1:9/nope", host: "shop.example", referrer: "https://example.org/"',
      '2026/11/21 10:50:54 [error] 9876#9876: *9 FastCGI sent in stderr: "PHP message: two\nlines" while reading upstream, client: 203.0.113.7, server: , request: "GET / HTTP/1.1", host: "a"',
      '2026/11/21 10:50:54 [notice] 9874#9874: nginx/1.22.1',
    ],
  ],
  [
    'APACHE_ACCESS',
    [
      String.raw`shop.example:80 203.0.113.7 - ann [21/Nov/2026:10:50:54 +0100] "GET /caf\xc3\xa9 HTTP/1.1" 404 408 "https://example.org/\"q" "curl/7.88.1" 0/1874`,
      'shop.example:443 ::1 - - [21/Nov/2026:10:50:54 +0100] "-" 408 0 "-" "-"',
    ],
  ],
  [
    'APACHE_ERROR',
    [
      '[Sat Nov 21 10:50:54.168518 2026] [authz_core:debug] [pid 1:tid 2] mod_authz_core.c(843): (13)Permission denied: [client 203.0.113.7:46398] AH01628: granted, referer: https://example.org/',
      '[Sat Nov 21 10:50:54 2026] [error] [client ::1] File does not exist: /srv/nope\nsh: 1: foo: not found',
    ],
  ],
  [
    'PHP_FPM',
    [
      '[21-Nov-2026 10:50:54] WARNING: [pool www] child 12 said into stderr: "NOTICE: PHP message: PHP Warning:  x"',
      '[21-Nov-2026 10:50:54 Europe/Paris] PHP Fatal error:  Uncaught Exception: boom\nStack trace:\n#0 {main}\n  thrown in /srv/a.php on line 2',
      '[21-Nov-2026 10:50:54.25] WARNING: pid 1, f(), line 2: [pool www] child 12, script \'/a.php\' (request: "GET /") executing too slow',
    ],
  ],
  [
    'MYSQL_ERROR',
    [
      '2026-11-21T09:50:54.123456Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.',
      '2026-11-21 10:50:54 5 [Note] InnoDB: \n*** (1) TRANSACTION:\n\nTRANSACTION 25, ACTIVE 1 sec\n 0: len 4; hex 80000001; asc     ;;',
      '261121 10:50:54 [ERROR] /usr/sbin/mariadbd got signal 11 ;\nSorry, we probably made a mistake',
      '09:50:54 UTC - mysqld got signal 6 ;',
    ],
  ],
  [
    'MYSQL_SLOW',
    [
      '# Time: 2026-11-21T09:50:54.400424Z\n# User@Host: shop[shop] @ localhost []  Id:    12\n# Query_time: 1.000237  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 9\nuse `shop`;\nSET timestamp=1795254654;\nselect *\nfrom t;',
      '# User@Host: shop[shop] @  [203.0.113.7]\n# Thread_id: 8  Schema: shop  QC_hit: No\n# Query_time: 0.000166  Lock_time: 0.000069  Rows_sent: 0  Rows_examined: 3\n#\n# explain: id\tselect_type\n#\nSET timestamp=1795254654;\nselect 1;',
    ],
  ],
];
const formats = samples.map(([name, records]) => ({ format: formatOf(name), records }));
const pieces = samples.flatMap(([, records]) => records.flatMap((record) => record.split(/(?<=[\s"\]:])/)));

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('__proto__', '\0', '\u001b[31m', '\\x1b', '\\x0a', '\uD800'),
);
/** Hostile in the way that gets far: a real record cut short, with something in it, or put together from pieces. */
const recordLike = (records: string[]) =>
  fc.oneof(
    text,
    fc.tuple(fc.constantFrom(...records), fc.nat(), fc.nat(), text).map(([record, from, to, inserted]) => {
      const at = from % (record.length + 1);
      return record.slice(0, at) + inserted + record.slice(at + (to % (record.length - at + 1)));
    }),
    fc.array(fc.oneof(fc.constantFrom(...pieces), text), { maxLength: 30 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom(...records), fc.array(fc.constantFrom(...pieces), { maxLength: 20 }))
      .map(([record, parts]) => record + parts.join('')),
  );

const textsIn = (value: JsonValue): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};
const controls = (value: string): string[] => value.match(/\p{Cc}/gu) ?? [];

describe.each(formats)('$format.name', ({ format, records }) => {
  test('understands every record, and finds where each begins', () => {
    expect(records.map((record) => format.parse(record, context))).not.toContain(null);
    expect(recordsOf(records.join('\n').split('\n'), format)).toEqual(records);
  });

  test('is told from the content', () => {
    expect(detect(records.join('\n').split('\n')).format).toBe(format.name);
  });

  test('never throws, whatever a client writes into its log', () => {
    fc.assert(
      fc.property(recordLike(records), (raw) => {
        const parsed = format.parse(raw, context);
        expect(typeof (format.begins?.(raw) ?? true)).toBe('boolean');
        if (parsed === null) return;
        // What is understood begins a record, but for the traces of workers that fpm writes line by line.
        const begins = format.begins?.(raw.split('\n', 1)[0] ?? '', '') ?? true;
        expect(begins || raw.includes('said into')).toBe(true);
        expect(parsed.timestamp === null || Number.isInteger(parsed.timestamp)).toBe(true);
        const written = JSON.stringify(parsed.fields);
        expect(JSON.stringify(JSON.parse(written))).toBe(written);
        expect(Object.getPrototypeOf(parsed.fields)).toBe(Object.prototype);
      }),
      { numRuns: 1000 },
    );
  });

  test('understands or refuses every beginning of a record', () => {
    for (const record of records) {
      for (let length = 0; length <= record.length; length++) format.parse(record.slice(0, length), context);
    }
  });

  test('makes no control character that is not in the log', () => {
    fc.assert(
      fc.property(recordLike(records), (raw) => {
        const parsed = format.parse(raw, context);
        const found = parsed === null ? [] : [parsed.message, ...textsIn(parsed.fields)].flatMap(controls);
        const there = new Set(controls(raw));
        expect(found.filter((char) => !there.has(char))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test.each(
    [
      ...new Set([
        ' ',
        '"',
        '[',
        ']',
        '\\',
        '\\x41',
        '\\xff ',
        '(',
        '[a] @ ',
        'A: ',
        'A: 1 ',
        '\n',
        '\n# A: 1',
        '0',
        '0/0 ',
        ', client: a',
        ', request: "',
        '", host: "',
        ', referer: ',
        '`',
        ';',
      ]),
    ].flatMap((piece) => records.map((record) => [piece, record])),
  )('takes hundreds of thousands of %j in its stride', (piece, record) => {
    // Time that grew with the square of the length would outlast the test's timeout many times over.
    const many = piece.repeat(Math.ceil(3e5 / piece.length));
    for (const at of [0, 8, 40, 80, Math.floor(record.length / 2), record.length]) {
      const raw = record.slice(0, at) + many + record.slice(at);
      format.begins?.(raw);
      format.parse(raw, context);
    }
  });
});
