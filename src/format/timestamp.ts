import { type Clock, compactClockAt, dayStart, digitsAt, looseClockAt, monthAt } from './calendar.ts';
import type { ParseContext } from './format.ts';
import { epochTime, goesOn, isoTimeAt, momentWithoutYear, offsetAt, type TimeInText } from './time.ts';
import { momentOf } from './zone.ts';

/** Years that a number has to be in to be taken for one where only its place says so. */
const firstYear = 1970;
const lastYear = 2099;

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const yearAt = (text: string, at: number): number => {
  const year = digitsAt(text, at, 4);
  return year >= firstYear && year <= lastYear && !goesOn(text, at + 4) ? year : -1;
};

/** Of two digits: 1970 to 2069. */
const shortYear = (year: number): number => (year < 70 ? 2000 + year : 1900 + year);

const digitsFrom = (text: string, at: number): number => {
  let end = at;
  while (end < at + 14 && digitsAt(text, end, 1) >= 0) end++;
  return end - at;
};

/** A day and a clock, with the zone after them if there is one. */
const inZone = (day: number | null, clock: Clock | null, text: string, context: ParseContext): TimeInText | null => {
  if (day === null || clock === null) return null;
  const offset = offsetAt(text, clock.end);
  const end = offset?.end ?? clock.end;
  if (offset === null || goesOn(text, end)) return null;
  const wall = day + clock.ms;
  return { timestamp: offset === undefined ? momentOf(wall, context.timezone) : wall - offset.ms, end };
};

const withoutYear = (month: number, day: number, clock: Clock | null, text: string, context: ParseContext) => {
  if (clock === null || goesOn(text, clock.end)) return null;
  const timestamp = momentWithoutYear(month, day, clock.ms, context);
  return timestamp === null ? null : { timestamp, end: clock.end };
};

/** "2026-11-21 10:50:54": also with slashes or dots, and with T, `-`, `_` or `:` before the clock. */
const yearFirstAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  const strict = isoTimeAt(text, at, context);
  const mark = text[at + 4];
  if (strict !== null || (mark !== '-' && mark !== '/' && mark !== '.') || text[at + 7] !== mark) return strict;
  if (!'T -_:'.includes(text[at + 10] ?? 'x')) return null;
  const day = dayStart(digitsAt(text, at, 4), digitsAt(text, at + 5, 2), digitsAt(text, at + 8, 2));
  return inZone(day, looseClockAt(text, at + 11), text, context);
};

/**
 * Two numbers of two digits: "11-21 10:50:54" (month first, as in ISO 8601), "26/11/21 10:50:54" (year first, for the
 * same reason), "21.11.2026 10:50:54" and "21-11-2026" (day first), "11/21/2026" (month first, as where slashes are used).
 */
const pairsAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  const mark = text[at + 2];
  const first = digitsAt(text, at, 2);
  const second = digitsAt(text, at + 3, 2);
  if ((mark !== '-' && mark !== '/' && mark !== '.') || second < 0) return null;
  if (text[at + 5] === ' ') return withoutYear(first, second, looseClockAt(text, at + 6), text, context);
  if (text[at + 5] !== mark) return null;
  const year = yearAt(text, at + 6);
  if (year >= 0) {
    const day = mark === '/' ? dayStart(year, first, second) : dayStart(year, second, first);
    const clockAt = text[at + 10] === ',' ? at + 12 : at + 11;
    return inZone(day, looseClockAt(text, clockAt), text, context);
  }
  const day = dayStart(shortYear(first), second, digitsAt(text, at + 6, 2));
  return text[at + 8] === ' ' ? inZone(day, looseClockAt(text, at + 9), text, context) : null;
};

/** "21/Nov/2026:10:50:54", "21-Nov-2026 10:50:54", "21 Nov 2026 10:50:54", "1 Nov 10:50:54". */
const dayFirstAt = (text: string, at: number, digits: number, context: ParseContext): TimeInText | null => {
  const monthBegin = at + digits + 1;
  const month = monthAt(text, monthBegin);
  const mark = text[monthBegin - 1];
  if (month === 0 || text[monthBegin + 3] !== mark || (mark !== ' ' && mark !== '-' && mark !== '/')) return null;
  const day = digitsAt(text, at, digits);
  const year = yearAt(text, monthBegin + 4);
  if (year >= 0) return inZone(dayStart(year, month, day), looseClockAt(text, monthBegin + 9), text, context);
  return mark === ' ' ? withoutYear(month, day, looseClockAt(text, monthBegin + 4), text, context) : null;
};

/** "Nov 21 10:50:54", "Nov  1 10:50:54", "Nov 21 2026 10:50:54", "Nov 21, 2026 10:50:54 AM". */
const monthFirstAt = (text: string, at: number, context: ParseContext, yearLast: boolean): TimeInText | null => {
  const month = monthAt(text, at);
  if (month === 0 || text[at + 3] !== ' ') return null;
  const dayAt = text[at + 4] === ' ' ? at + 5 : at + 4;
  const digits = digitsAt(text, dayAt, 2) < 0 ? 1 : 2;
  const day = digitsAt(text, dayAt, digits);
  const next = dayAt + digits + (text[dayAt + digits] === ',' ? 2 : 1);
  const year = yearAt(text, next);
  if (year >= 0) {
    const clockAt = text[next + 4] === ',' ? next + 6 : next + 5;
    return inZone(dayStart(year, month, day), looseClockAt(text, clockAt), text, context);
  }
  const clock = looseClockAt(text, next);
  if (!yearLast || clock === null) return withoutYear(month, day, clock, text, context);
  const zone = offsetAt(text, clock.end);
  const yearBegin = (zone?.end ?? clock.end) + 1;
  const found = yearAt(text, yearBegin);
  if (found < 0) return withoutYear(month, day, clock, text, context);
  const start = dayStart(found, month, day);
  if (start === null || zone === null) return null;
  const wall = start + clock.ms;
  return { timestamp: zone === undefined ? momentOf(wall, context.timezone) : wall - zone.ms, end: yearBegin + 4 };
};

/** "261121 105054", "261121 10:50:54" and "261121  9:50:54"; "20261121-10:50:54", "20261121T105054". */
const compactAt = (text: string, at: number, digits: number, context: ParseContext): TimeInText | null => {
  const year = digits === 8 ? digitsAt(text, at, 4) : shortYear(digitsAt(text, at, 2));
  const end = at + digits;
  const mark = text[end] ?? 'x';
  if (year < firstYear || year > lastYear || (mark !== ' ' && (digits === 6 || !'-T_:'.includes(mark)))) return null;
  const day = dayStart(year, digitsAt(text, end - 4, 2), digitsAt(text, end - 2, 2));
  if (day === null) return null;
  const clockBegin = text[end + 1] === ' ' ? end + 2 : end + 1;
  return inZone(day, compactClockAt(text, clockBegin) ?? looseClockAt(text, clockBegin), text, context);
};

/** "1121 10:50:54.123" and "20261121 10:50:54.123" as glog has it, right after the letter of a level. */
const afterLevelAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  const digits = digitsFrom(text, at);
  if (digits === 8) return compactAt(text, at, digits, context);
  if (digits !== 4 || text[at + 4] !== ' ') return null;
  return withoutYear(digitsAt(text, at, 2), digitsAt(text, at + 2, 2), looseClockAt(text, at + 5), text, context);
};

/** Seconds (ten digits, with or without a fraction) or milliseconds (thirteen) since 1970; from 2001 to 2033. */
const epochAt = (text: string, at: number, digits: number): TimeInText | null => {
  let end = at + digits;
  if (digits === 10 && text[end] === '.') {
    const begin = end + 1;
    while (end < begin + 9 && digitsAt(text, end + 1, 1) >= 0) end++;
    if (end >= begin) end++;
  }
  if (text[at] !== '1' || goesOn(text, end)) return null;
  const timestamp = epochTime(Number(text.slice(at, end)));
  return timestamp === null ? null : { timestamp, end };
};

/**
 * The timestamp at `at` in any of the layouts that headers of logs are known to have: ISO 8601 and its looser and
 * compact forms, dates in two-digit numbers, with the names of months and weekdays, and numbers since 1970. Without a
 * zone it is read in `context.timezone`, without a year as `momentWithoutYear` does. Null if there is none, or if it
 * does not exist.
 */
export const timestampAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) {
    const digits = digitsFrom(text, at);
    if (digits === 4) return yearFirstAt(text, at, context);
    if (digits === 2) return pairsAt(text, at, context) ?? dayFirstAt(text, at, digits, context);
    if (digits === 1) return dayFirstAt(text, at, digits, context);
    if (digits === 6 || digits === 8) return compactAt(text, at, digits, context);
    return digits === 10 || digits === 13 ? epochAt(text, at, digits) : null;
  }
  if (!(code >= 65 && code <= 90)) return null;
  if (text.charCodeAt(at + 1) <= 57) return afterLevelAt(text, at + 1, context);
  if (!weekdays.includes(text.slice(at, at + 3))) return monthFirstAt(text, at, context, false);
  const next = at + (text[at + 3] === ',' ? 5 : 4);
  if (text[next - 1] !== ' ') return null;
  const digits = digitsFrom(text, next);
  return digits === 0 ? monthFirstAt(text, next, context, true) : dayFirstAt(text, next, digits, context);
};
