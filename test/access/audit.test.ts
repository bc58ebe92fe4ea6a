import { spawn } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog, type AuditRecord } from '../../src/access/audit.ts';
import type { JsonValue } from '../../src/entry.ts';
import { OperatorError } from '../../src/errors.ts';

const at = new Date('2026-11-21T10:50:54.007Z');
const today = 'audit_20261121.jsonl';
const record: AuditRecord = {
  level: 'INFO',
  logger: 'tailql.access',
  message: 'admin signed in',
  action: 'sign_in',
  metadata: { userId: '1' },
  at,
};

let dataDir: string;
let audit: AuditLog;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tailql-audit-'));
  audit = new AuditLog(dataDir);
});
afterEach(async () => {
  audit.close();
  await rm(dataDir, { recursive: true, force: true });
});

const read = (name = today) => readFile(join(dataDir, 'log', name), 'utf8');
const program = fileURLToPath(new URL('./audit-process.ts', import.meta.url));
const append = (count: number, size: number) => [
  process.execPath,
  '--import',
  'tsx',
  program,
  dataDir,
  `${count}`,
  `${size}`,
];

describe('the audit log', () => {
  it('has one line per record, with its keys in a fixed order', async () => {
    audit.record(record);
    audit.record({ ...record, level: 'WARN', action: 'access_denied' });
    expect(await read()).toBe(
      '{"timestamp":"2026-11-21T10:50:54.007Z","level":"INFO","logger":"tailql.access","message":"admin signed in","action":"sign_in","metadata":{"userId":"1"}}\n' +
        '{"timestamp":"2026-11-21T10:50:54.007Z","level":"WARN","logger":"tailql.access","message":"admin signed in","action":"access_denied","metadata":{"userId":"1"}}\n',
    );
  });

  it('may be read by its owner and group only', async () => {
    audit.record(record);
    expect((await stat(join(dataDir, 'log', today))).mode & 0o777).toBe(0o640);
  });

  it('has a file per UTC day, by the time of the record', async () => {
    for (const time of ['2026-11-20T23:59:59.999Z', '2026-11-21T00:00:00.000Z', '2026-11-20T12:00:00.000Z']) {
      audit.record({ ...record, at: new Date(time) });
    }
    const times = async (name: string) =>
      (await read(name))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).timestamp);
    expect(await times('audit_20261120.jsonl')).toEqual(['2026-11-20T23:59:59.999Z', '2026-11-20T12:00:00.000Z']);
    expect(await times(today)).toEqual(['2026-11-21T00:00:00.000Z']);
  });

  it('takes the time from the clock when the record has none', async () => {
    const clocked = new AuditLog(dataDir, () => Date.UTC(2020, 1, 29));
    clocked.record({ level: 'INFO', logger: 'l', message: 'm', action: 'server_start', metadata: {} });
    clocked.close();
    expect(JSON.parse(await read('audit_20200229.jsonl')).timestamp).toBe('2020-02-29T00:00:00.000Z');
  });

  it('keeps what was there, and goes on after it was closed', async () => {
    audit.record(record);
    const first = await read();
    audit.close();
    audit.record(record);
    expect(await read()).toBe(first + first);
  });

  it('begins a new line after one that a crash cut off a while ago', async () => {
    audit.record(record);
    const path = join(dataDir, 'log', today);
    await appendFile(path, '{"timestamp":"2026-');
    const aMinuteAgo = Date.now() / 1000 - 60;
    await utimes(path, aMinuteAgo, aMinuteAgo);
    audit.record(record);
    audit.record(record);
    const lines = (await read()).split('\n');
    expect(lines).toEqual([lines[0], '{"timestamp":"2026-', lines[0], lines[0], '']);
  });

  it('gets whole records from several processes at once, also long ones', async () => {
    const sizes = [10, 100, 6_000, 100_000];
    const writers = sizes.map((size) => {
      const [command = '', ...rest] = append(200, size);
      return text(spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout);
    });
    expect(await Promise.all(writers)).toEqual(sizes.map(() => ''));
    const seen = (await read())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).metadata);
    expect(new Set(seen.map(({ process, index }) => `${process} ${index}`)).size).toBe(200 * sizes.length);
  }, 60_000);

  it('throws when the disk has no room, and the next record is whole again', async () => {
    // The most that a file may grow to stands in for the disk; in blocks of 512 bytes.
    const command = ['trap "" XFSZ; ulimit -S -f 4096; exec "$0" "$@"', ...append(100, 150_000)];
    const said = await text(spawn('sh', ['-c', ...command], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout);
    expect(said).toMatch(/accepted, then Error: Cannot write the audit log .*free space/);
    const lines = (await read()).split('\n');
    expect(said).toMatch(new RegExp(`^${lines.length - 3} accepted`));
    const [half, last, end] = lines.slice(-3);
    expect(() => JSON.parse(half ?? '')).toThrow(SyntaxError);
    expect(JSON.parse(last ?? '').message).toBe('room again');
    expect(end).toBe('');
  }, 60_000);

  it('throws when its directory cannot be made, and works once it can', async () => {
    await writeFile(join(dataDir, 'log'), '');
    expect(() => audit.record(record)).toThrow(OperatorError);
    await rm(join(dataDir, 'log'));
    audit.record(record);
    expect(JSON.parse(await read()).message).toBe(record.message);
  });

  it('does not follow a link to somewhere else', async () => {
    await mkdir(join(dataDir, 'log'));
    await writeFile(join(dataDir, 'victim'), '');
    await symlink(join(dataDir, 'victim'), join(dataDir, 'log', today));
    expect(() => audit.record(record)).toThrow(/ELOOP/);
    expect(await readFile(join(dataDir, 'victim'), 'utf8')).toBe('');
  });
});

describe('no value forges a record', () => {
  const forged = '{"timestamp":"2026-11-21T10:50:54.007Z","level":"INFO","action":"sign_in"}';

  it.each([
    ['line feed', '\n'],
    ['carriage return', '\r'],
    ['both', '\r\n'],
    ['next line (U+0085)', '\u0085'],
    ['line separator (U+2028)', '\u2028'],
    ['paragraph separator (U+2029)', '\u2029'],
    ['vertical tab', '\v'],
    ['form feed', '\f'],
    ['file separator (U+001C)', '\u001c'],
    ['NUL', '\0'],
    ['escape', '\u001b[2K\u001b[1A'],
    ['control sequence introducer (U+009B)', '\u009b2K'],
    ['backspace', '\b'],
    ['delete', '\u007f'],
    ['right-to-left override', '\u202e'],
    ['byte order mark', '\ufeff'],
    ['tag character (U+E0041)', '\u{e0041}'],
    ['lone surrogate', '\ud800'],
    ['end of the string', '"}'],
    ['backslash', '\\'],
  ])('with %s', async (_, text) => {
    const value = `x${text}${forged}`;
    audit.record({ ...record, message: value, logger: value, metadata: { [value]: [value, { deep: value }] } });
    const line = await read();
    expect(line.match(/\n/g)).toHaveLength(1);
    expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    const { message, logger, metadata } = JSON.parse(line);
    expect({ message, logger, metadata }).toEqual({
      message: value,
      logger: value,
      metadata: { [value]: [value, { deep: value }] },
    });
  });

  it('nor any other', async () => {
    const value = fc.string({ unit: 'binary' });
    const json = fc.jsonValue({ stringUnit: 'binary' });
    await fc.assert(
      fc.asyncProperty(value, value, fc.dictionary(value, json), async (message, logger, values) => {
        const metadata: Record<string, JsonValue> = JSON.parse(JSON.stringify(values));
        audit.record({ ...record, message, logger, metadata });
        const line = (await read()).trimEnd();
        await writeFile(join(dataDir, 'log', today), '');
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(Object.keys(JSON.parse(line))).toEqual([
          'timestamp',
          'level',
          'logger',
          'message',
          'action',
          'metadata',
        ]);
        expect(JSON.parse(line)).toMatchObject({ message, logger, action: 'sign_in' });
        expect(JSON.stringify(JSON.parse(line).metadata)).toBe(JSON.stringify(metadata));
      }),
    );
  });
});

it('leaves no file behind but its own', async () => {
  audit.record(record);
  expect(await readdir(dataDir, { recursive: true })).toEqual(['log', join('log', today)]);
});
