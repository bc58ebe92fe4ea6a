import { expect, test } from 'vitest';
import { TEXT } from '../../src/format/text.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: 0 };

test.each([
  ['2026-11-21 10:50:54 status installed foo:amd64 1.2', '2026-11-21T09:50:54.000Z', 'UNKNOWN'],
  ['update-alternatives 2026-11-21 10:50:54: run with --quiet', '2026-11-21T09:50:54.000Z', 'UNKNOWN'],
  ['[2026-11-21T10:50:54Z INFO  app] started', '2026-11-21T10:50:54.000Z', 'INFO'],
  ['2026-11-21T10:50:54.123+01:00  WARN 1 --- [main] c.e.App : slow', '2026-11-21T09:50:54.123Z', 'WARN'],
  ['2026-11-21 10:50:54,123 - app.db - CRITICAL - no connection', '2026-11-21T09:50:54.123Z', 'FATAL'],
  ['2026-11-21 10:50:54.123 UTC [12] ERROR:  relation "x" does not exist', '2026-11-21T10:50:54.123Z', 'ERROR'],
  ['2026/11/21 10:50:54 [error] 12#12: *1 open() failed', '2026-11-21T09:50:54.000Z', 'ERROR'],
  ['INFO 2026-11-21 10:50:54 ready', '2026-11-21T09:50:54.000Z', 'INFO'],
  ['[WARN] (2026-11-21 10:50:54) ready', '2026-11-21T09:50:54.000Z', 'WARN'],
  ['time="2026-11-21T10:50:54Z" level=warning msg="x"', null, 'WARN'],
  ['error: cannot open file', null, 'ERROR'],
  ['<notice> dhcp4 (eth0): state changed', null, 'INFO'],
  ['2026-02-30 10:50:54 no such day', null, 'UNKNOWN'],
  ['the backup of 2026-11-21 10:50:54 is complete', null, 'UNKNOWN'],
  ['an error was not found, no warning either', null, 'UNKNOWN'],
  ['see ERROR_CODES and net.ERROR or pre-ERROR', null, 'UNKNOWN'],
  [`${'x '.repeat(60)}ERROR`, null, 'UNKNOWN'],
  ['    at Object.<anonymous> (/srv/app.js:1:1)', null, 'UNKNOWN'],
  ['', null, 'UNKNOWN'],
])('%j has time %s and level %s', (raw, time, level) => {
  const parsed = TEXT.parse(raw, context);
  expect(parsed).toEqual({ timestamp: time === null ? null : Date.parse(time), level, message: raw, fields: {} });
});
