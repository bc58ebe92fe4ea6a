import { describe, expect, test } from 'vitest';
import { AUDIT_LOG } from '../../src/format/audit-log.ts';
import { SYSTEM_LOG } from '../../src/format/system-log.ts';

const context = { timezone: 'UTC', writtenBefore: Date.parse('2026-11-21T12:00:00Z') };
const timestamp = Date.parse('2026-11-21T10:50:54.123Z');
const system = { timestamp: '2026-11-21T10:50:54.123456+00:00', level: 'WARNING', logger: 'app.db', message: 'slow' };
const audit = { ...system, level: 'INFO', action: 'user.login', metadata: { user: 'ann', ip: '203.0.113.7' } };

describe('SYSTEM_LOG', () => {
  const parse = (record: object) => SYSTEM_LOG.parse(JSON.stringify(record), context);

  test('reads logger, module, function and line, and keeps other keys', () => {
    const place = { module: 'pool', function: 'acquire', line: 42 };
    expect(parse({ ...system, ...place, waitedMs: 900, constructor: { a: 1 } })).toEqual({
      timestamp,
      level: 'WARN',
      message: 'slow',
      fields: { logger: 'app.db', ...place, waitedMs: 900, constructor: { a: 1 } },
    });
  });

  test('accepts places that are null and a level of another name', () => {
    expect(parse({ ...system, level: 'SUCCESS', function: null })).toMatchObject({
      level: 'UNKNOWN',
      fields: { level: 'SUCCESS', function: null },
    });
  });

  test.each([
    ['no logger', { ...system, logger: undefined }],
    ['no timestamp', { ...system, timestamp: undefined }],
    ['a timestamp that does not exist', { ...system, timestamp: '2026-02-30T10:00:00Z' }],
    ['no level', { ...system, level: undefined }],
    ['no message', { ...system, message: undefined }],
    ['a message that is no text', { ...system, message: { a: 1 } }],
    ['a line that is no number', { ...system, line: '42' }],
    ['a line beyond 32 bits', { ...system, line: 2 ** 31 }],
    ['a module that is no text', { ...system, module: 1 }],
  ])('does not take a record with %s', (_, record) => {
    expect(parse(record)).toBeNull();
  });
});

describe('AUDIT_LOG', () => {
  const parse = (record: object) => AUDIT_LOG.parse(JSON.stringify(record), context);

  test('reads logger, action and metadata, and keeps other keys', () => {
    expect(parse({ ...audit, requestId: 'r1' })).toEqual({
      timestamp,
      level: 'INFO',
      message: 'slow',
      fields: { logger: 'app.db', action: 'user.login', metadata: audit.metadata, requestId: 'r1' },
    });
  });

  test('needs neither logger nor metadata', () => {
    expect(parse({ ...audit, logger: null, metadata: undefined })?.fields).toEqual({
      logger: null,
      action: 'user.login',
    });
  });

  test.each([
    ['no action', system],
    ['a logger that is no text', { ...audit, logger: 1 }],
    ['an action that is no text', { ...audit, action: 1 }],
    ['no timestamp', { ...audit, timestamp: null }],
    ['no message', { ...audit, message: undefined }],
    ['no level', { ...audit, level: undefined }],
  ])('does not take a record with %s', (_, record) => {
    expect(parse(record)).toBeNull();
  });
});
