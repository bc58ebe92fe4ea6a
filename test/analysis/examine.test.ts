import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { examined, Findings, packed, together } from '../../src/analysis/findings.ts';
import { reportOf } from '../../src/analysis/report.ts';
import { defaultConfig } from '../../src/config.ts';
import { detect } from '../../src/format/detect.ts';
import { NGINX_ACCESS } from '../../src/format/nginx-access.ts';
import { understood } from '../../src/format/registry.ts';
import { examine } from '../../src/scan/examine.ts';
import { freshDirectory } from '../support/directory.ts';

const scale = { from: Date.UTC(2026, 10, 21, 10), bucketMs: 60_000, buckets: 60 };
const parse = { timezone: 'UTC', writtenBefore: 0 };

const line = fc
  .record({
    minute: fc.nat(59),
    request: fc.constantFrom(
      ...['GET / HTTP/1.1', 'GET /users/7 HTTP/1.1', 'GET /users/8?a=b HTTP/1.1', 'POST /users?c HTTP/2.0', 'GET /old'],
      ...[
        '',
        '-',
        '\\x16\\x03',
        'get /a HTTP/1.1',
        'GET  HTTP/1.1',
        'GET /a\\x0Ab HTTP/1.1',
        'GET /say\\" HTTP/1.1',
        'GET /é/1 HTTP/1.1',
      ],
    ),
    status: fc.constantFrom('200', '404', '502', '000', '20'),
    sent: fc.constantFrom('0', '512', '-', '99999999999999999'),
    rest: fc.constantFrom(
      '',
      ' "-" "curl"',
      ' "-" "curl" 0.250',
      ' "-" "a \\"b\\"" 1.000',
      ' "-" "-" "-" x rt=2.000',
      ' "open',
    ),
  })
  .map(
    ({ minute, request, status, sent, rest }) =>
      `::1 - - [21/Nov/2026:10:${String(minute).padStart(2, '0')}:00 +0000] "${request}" ${status} ${sent}${rest}`,
  );
const lines = fc.array(fc.oneof(line, fc.constantFrom('', 'not a request', `::1 - - [${'x'.repeat(300)}]`)), {
  maxLength: 40,
});

test('of an access log is told at a glance what its entries say when they are understood', async () => {
  const file = join(await freshDirectory(), 'access.log');
  const log = { format: 'NGINX_ACCESS', scale, sourceId: 'source' } as const;
  await fc.assert(
    fc.asyncProperty(lines, async (written) => {
      await writeFile(file, written.map((one) => `${one}\n`).join(''));
      const handle = await open(file);
      try {
        const { size } = await handle.stat();
        const piece = {
          ...{ fd: handle.fd, identity: { inode: 1, bornAt: 1 }, prefix: new Uint8Array(), encoding: 'UTF-8' as const },
          ...{ start: 0, end: size, maxRecordBytes: 1000, timeBeforeFile: null, cancelled: new Int32Array(1) },
          ...{ detected: detect([], 'NGINX_ACCESS'), parse },
        };
        const { part, entries } = await examine({
          kind: 'examine',
          scale,
          piece,
          filter: null,
          limits: defaultConfig({}).limits,
        });
        expect(entries).toBe(written.length);
        const findings = new Findings(scale);
        let time: number | null = null;
        for (const raw of written) {
          const parsed = understood(raw, { format: NGINX_ACCESS, parse });
          time = parsed.timestamp ?? time;
          findings.see(examined({ parsed, record: { position } }, time));
        }
        const whole = together([packed(findings)], scale);
        const withoutPlaces = (report: ReturnType<typeof reportOf>) => ({
          ...report,
          patterns: report.patterns.map(({ examples, ...pattern }) => ({ ...pattern, examples: examples.length })),
        });
        expect(withoutPlaces(reportOf(together([part], scale), log))).toEqual(withoutPlaces(reportOf(whole, log)));
      } finally {
        await handle.close();
      }
    }),
    { numRuns: 300 },
  );
});

const position = { segment: { inode: 1, bornAt: 1, prefixLength: 0, prefixHash: 0 }, offset: 0, length: 0, marker: 0 };
