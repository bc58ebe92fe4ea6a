import { describe, expect, test } from 'vitest';
import {
  clfTimeAt,
  ctimeAt,
  epochTime,
  isoTime,
  isoTimeAt,
  phpTimeAt,
  shortTimeAt,
  syslogTimeAt,
} from '../../src/format/time.ts';

const utc = { timezone: 'UTC', writtenBefore: Date.parse('2026-11-21T12:00:00Z') };
const iso = (timestamp: number | null | undefined): string | null =>
  timestamp == null ? null : new Date(timestamp).toISOString();

describe('ISO 8601', () => {
  test.each([
    ['2026-11-21T10:50:54Z', '2026-11-21T10:50:54.000Z'],
    ['2026-11-21t10:50:54z', '2026-11-21T10:50:54.000Z'],
    ['2026-11-21 10:50:54', '2026-11-21T10:50:54.000Z'],
    ['2026/11/21 10:50:54', '2026-11-21T10:50:54.000Z'],
    ['2026-11-21 10:50', '2026-11-21T10:50:00.000Z'],
    ['2026-11-21 10:50:54,123', '2026-11-21T10:50:54.123Z'],
    ['2026-11-21T10:50:54.5Z', '2026-11-21T10:50:54.500Z'],
    ['2026-11-21T10:50:54.123999999+00:00', '2026-11-21T10:50:54.123Z'],
    ['2026-11-21T10:50:54+05:30', '2026-11-21T05:20:54.000Z'],
    ['2026-11-21T10:50:54-0800', '2026-11-21T18:50:54.000Z'],
    ['2026-11-21T10:50:54+01', '2026-11-21T09:50:54.000Z'],
    ['2026-11-21 10:50:54 +0100', '2026-11-21T09:50:54.000Z'],
    ['2026-11-21 10:50:54.123 UTC', '2026-11-21T10:50:54.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(iso(isoTime(text, utc))).toBe(expected);
  });

  test.each([
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-02-30 10:00:00',
    '2026-04-31 10:00:00',
    '2026-13-01 10:00:00',
    '2026-00-10 10:00:00',
    '2026-11-00 10:00:00',
    '2026-11-21 25:00:00',
    '2026-11-21 24:00:00',
    '2026-11-21 10:60:00',
    '2026-11-21 10:50:60',
    '2026-11-21T10:50:54+24:00',
    '2026-11-21T10:50:54+01:60',
    '2026-11-21T10:50:54+1',
    '2026-11-21T10:50:54+01:',
    '2026-11-21T10:50:54Zulu',
    '2026-11-21T10:50:54Z and more',
    '2026-11-21T10:50:545',
    '2026-11/21 10:50:54',
    '2026-11-21_10:50:54',
    '2026-11-21T10.50.54',
    '2026-11-21T10.50:54',
    '2026-11-21',
    '2026-1-2 10:50:54',
    '２０２６-11-21 10:50:54',
    '',
  ])('finds no time in %j', (text) => {
    expect(isoTime(text, utc)).toBeNull();
  });

  test('tells where the text after the timestamp begins', () => {
    expect(isoTimeAt('x 2026-11-21 10:50:54.1: run', 2, utc)?.end).toBe('x 2026-11-21 10:50:54.1'.length);
    expect(isoTimeAt('2026-11-21 10:50:54 -1 left', 0, utc)?.end).toBe('2026-11-21 10:50:54'.length);
    expect(isoTimeAt('2026-11-21T10:50:54Zulu', 0, utc)).toBeNull();
    expect(isoTimeAt('2026-11-21 10:50:54 -12 left', 0, utc)?.end).toBe('2026-11-21 10:50:54'.length);
  });
});

describe('a timestamp without zone', () => {
  test.each([
    ['Europe/Berlin', '2026-11-21 10:50:54', '2026-11-21T09:50:54.000Z', 'winter'],
    ['Europe/Berlin', '2026-07-21 10:50:54', '2026-07-21T08:50:54.000Z', 'summer'],
    ['Europe/Berlin', '2026-03-29 01:59:59', '2026-03-29T00:59:59.000Z', 'the last second before the gap'],
    ['Europe/Berlin', '2026-03-29 02:30:00', '2026-03-29T01:30:00.000Z', 'the gap, with the offset from before'],
    ['Europe/Berlin', '2026-03-29 03:00:00', '2026-03-29T01:00:00.000Z', 'the first second after the gap'],
    ['Europe/Berlin', '2026-10-25 01:59:59', '2026-10-24T23:59:59.000Z', 'just before the overlap'],
    ['Europe/Berlin', '2026-10-25 02:30:00', '2026-10-25T00:30:00.000Z', 'the overlap, the first of the two'],
    ['Europe/Berlin', '2026-10-25 03:00:00', '2026-10-25T02:00:00.000Z', 'just after the overlap'],
    ['America/New_York', '2026-03-08 02:30:00', '2026-03-08T07:30:00.000Z', 'the gap'],
    ['America/New_York', '2026-03-08 03:30:00', '2026-03-08T07:30:00.000Z', 'just after the gap'],
    ['America/New_York', '2026-11-01 01:30:00', '2026-11-01T05:30:00.000Z', 'the overlap'],
    ['Asia/Kolkata', '2026-11-21 00:00:00', '2026-11-20T18:30:00.000Z', 'half an hour'],
    ['Asia/Kathmandu', '2026-11-21 00:00:00', '2026-11-20T18:15:00.000Z', 'a quarter of an hour'],
    ['Australia/Lord_Howe', '2026-04-05 01:45:00', '2026-04-04T14:45:00.000Z', 'an overlap of half an hour'],
    ['Australia/Lord_Howe', '2026-04-05 02:00:00', '2026-04-04T15:30:00.000Z', 'and after it'],
    ['Pacific/Apia', '2011-12-31 00:30:00', '2011-12-30T10:30:00.000Z', 'the day after the one Samoa left out'],
    ['UTC', '2026-11-21 10:50:54', '2026-11-21T10:50:54.000Z', 'UTC'],
  ])('is read in %s: %s is %s (%s)', (timezone, text, expected) => {
    expect(iso(isoTime(text, { ...utc, timezone }))).toBe(expected);
  });

  test('is ignored as a zone when the text names one', () => {
    expect(iso(isoTime('2026-11-21T10:50:54Z', { ...utc, timezone: 'Asia/Tokyo' }))).toBe('2026-11-21T10:50:54.000Z');
  });
});

describe('Common Log Format', () => {
  test.each([
    ['21/Nov/2026:10:50:54 +0000', '2026-11-21T10:50:54.000Z'],
    ['01/Jan/2027:00:30:00 +0100', '2026-12-31T23:30:00.000Z'],
    ['29/Feb/2024:23:59:59 -0530', '2024-03-01T05:29:59.000Z'],
    ['30/Feb/2026:10:50:54 +0000', null],
    ['21/Nov/2026:25:50:54 +0000', null],
    ['21/nov/2026:10:50:54 +0000', null],
    ['21/Nov/2026:10:50:54', null],
    ['21/11/2026:10:50:54 +0000', null],
  ])('reads %s as %s', (text, expected) => {
    expect(iso(clfTimeAt(text, 0)?.timestamp)).toBe(expected);
  });
});

describe('syslog time without a year', () => {
  test.each<[string, string, string | null, string]>([
    ['Nov 21 10:50:54', '2026-11-21T12:00:00Z', '2026-11-21T10:50:54.000Z', 'today'],
    ['Nov  1 10:50:54', '2026-11-21T12:00:00Z', '2026-11-01T10:50:54.000Z', 'one digit, padded'],
    ['Nov 21 10:50:54.123456', '2026-11-21T12:00:00Z', '2026-11-21T10:50:54.123Z', 'with a fraction'],
    ['Nov 22 11:59:59', '2026-11-21T12:00:00Z', '2026-11-22T11:59:59.000Z', 'less than a day ahead'],
    ['Nov 22 12:00:01', '2026-11-21T12:00:00Z', '2025-11-22T12:00:01.000Z', 'more than a day ahead'],
    ['Dec 31 23:59:59', '2027-01-01T00:00:05Z', '2026-12-31T23:59:59.000Z', 'last year, read in January'],
    ['Jan  1 00:00:03', '2026-12-31T23:59:58Z', '2027-01-01T00:00:03.000Z', 'a clock ahead at the turn of the year'],
    ['Feb 29 01:00:00', '2027-05-01T00:00:00Z', '2024-02-29T01:00:00.000Z', 'the latest leap year'],
    ['Feb 29 01:00:00', '1903-05-01T00:00:00Z', '1896-02-29T01:00:00.000Z', 'eight years between leap years'],
    ['Feb 30 01:00:00', '2026-11-21T12:00:00Z', null, 'no such day'],
    ['Nov 21 24:00:00', '2026-11-21T12:00:00Z', null, 'no such hour'],
    ['Nov 21 10:50: x', '2026-11-21T12:00:00Z', null, 'no seconds'],
    ['Nov 1 10:50:54', '2026-11-21T12:00:00Z', '2026-11-01T10:50:54.000Z', 'not padded'],
    ['Nox 21 10:50:54', '2026-11-21T12:00:00Z', null, 'no month'],
    ['', '2026-11-21T12:00:00Z', null, 'nothing'],
  ])('%j written before %s is %s (%s)', (text, writtenBefore, expected) => {
    const context = { timezone: 'UTC', writtenBefore: Date.parse(writtenBefore) };
    expect(iso(syslogTimeAt(text, 0, context)?.timestamp)).toBe(expected);
  });

  test('takes the new year of a zone ahead of UTC', () => {
    const context = { timezone: 'Pacific/Kiritimati', writtenBefore: Date.parse('2026-12-30T11:00:00Z') };
    expect(iso(syslogTimeAt('Jan  1 00:30:00', 0, context)?.timestamp)).toBe('2026-12-31T10:30:00.000Z');
  });
});

describe('ctime, as Apache writes it', () => {
  test.each([
    ['Wed Nov 25 10:50:54 2026', '2026-11-25T09:50:54.000Z'],
    ['Wed Nov 25 10:50:54.123456 2026', '2026-11-25T09:50:54.123Z'],
    ['Wed Nov  4 10:50:54 2026', '2026-11-04T09:50:54.000Z'],
    ['Wed Jul 01 10:50:54.000001 2026', '2026-07-01T08:50:54.000Z'],
    ['Wed Feb 30 10:50:54 2026', null],
    ['Wed Nov 25 25:50:54 2026', null],
    ['Wed Nov 25 10:50 2026', null],
    ['Wed Nov 25 10:50:54 20261', null],
    ['Wed Nov 25 10:50:54', null],
    ['Wed Nov 4 10:50:54 2026', null],
    ['', null],
  ])('%j is %s', (text, expected) => {
    expect(iso(ctimeAt(text, 0, { ...utc, timezone: 'Europe/Berlin' })?.timestamp)).toBe(expected);
  });
});

describe('the time of PHP', () => {
  test.each([
    ['21-Nov-2026 10:50:54]', '2026-11-21T09:50:54.000Z', 20],
    ['21-Nov-2026 10:50:54.255489]', '2026-11-21T09:50:54.255Z', 27],
    ['21-Nov-2026 10:50:54 UTC]', '2026-11-21T10:50:54.000Z', 24],
    ['21-Nov-2026 10:50:54 America/Argentina/ComodRivadavia]', '2026-11-21T13:50:54.000Z', 53],
    ['21-Nov-2026 10:50:54 Etc/GMT+5]', '2026-11-21T15:50:54.000Z', 30],
    ['21-Nov-2026 10:50:54 Nowhere/At_All]', null, undefined],
    [`21-Nov-2026 10:50:54 ${'A'.repeat(100)}]`, null, undefined],
    ['31-Feb-2026 10:50:54]', null, undefined],
    ['21-Nov-2026 10:50]', null, undefined],
    ['21-nov-2026 10:50:54]', null, undefined],
    ['', null, undefined],
  ])('%j is %s', (text, expected, end) => {
    const found = phpTimeAt(text, 0, { ...utc, timezone: 'Europe/Berlin' });
    expect([iso(found?.timestamp), found?.end]).toEqual([expected, end]);
  });
});

describe('the short time of MySQL', () => {
  test.each([
    ['261121 10:50:54', '2026-11-21T09:50:54.000Z', 15],
    ['260601  8:01:06', '2026-06-01T06:01:06.000Z', 15],
    ['130601  8:01:06.058915 x', '2013-06-01T06:01:06.058Z', 22],
    ['261131 10:50:54', null, undefined],
    ['261121 10:50', null, undefined],
    ['2611211 10:50:54', null, undefined],
    ['261121 10:50:54x', null, undefined],
    ['', null, undefined],
  ])('%j is %s', (text, expected, end) => {
    const found = shortTimeAt(text, 0, { ...utc, timezone: 'Europe/Berlin' });
    expect([iso(found?.timestamp), found?.end]).toEqual([expected, end]);
  });
});

describe('numbers since 1970', () => {
  test.each([
    [1_763_722_254, '2025-11-21T10:50:54.000Z'],
    [1_763_722_254.123, '2025-11-21T10:50:54.123Z'],
    [1_081_126_228.097, '2004-04-05T00:50:28.097Z'],
    [1_763_722_254.999, '2025-11-21T10:50:54.999Z'],
    [1_763_722_254_123, '2025-11-21T10:50:54.123Z'],
    [1_763_722_254_123_456, '2025-11-21T10:50:54.123Z'],
    [1_763_722_254_123_456_800, '2025-11-21T10:50:54.123Z'],
    [12.5, null],
    [-1_763_722_254, null],
    [1e20, null],
    [Number.POSITIVE_INFINITY, null],
    [Number.NaN, null],
  ])('reads %d as %s', (value, expected) => {
    expect(iso(epochTime(value))).toBe(expected);
  });
});
