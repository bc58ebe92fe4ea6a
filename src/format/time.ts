import { clockAt, dayStart, digitsAt, monthAt } from './calendar.ts';
import type { ParseContext } from './format.ts';
import { momentInZone, momentOf } from './zone.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** A timestamp found in a text. */
export interface TimeInText {
  /** Milliseconds since 1970, UTC. */
  timestamp: number;
  /** Where the text after it begins. */
  end: number;
}

interface Offset {
  ms: number;
  end: number;
}

const isSign = (char: string | undefined): boolean => char === '+' || char === '-';

/** True where a letter or digit goes on, so that what came before was only the beginning of a longer word. */
export const goesOn = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
};

/** ±hh:mm, ±hhmm or ±hh. */
const signedOffsetAt = (text: string, at: number): Offset | null => {
  const hours = digitsAt(text, at + 1, 2);
  const colon = text[at + 3] === ':' ? 1 : 0;
  const written = digitsAt(text, at + 3 + colon, 2);
  if (!isSign(text[at]) || hours < 0 || hours > 23 || written > 59) return null;
  const ms = (hours * 60 + Math.max(written, 0)) * minuteMs;
  return { ms: text[at] === '-' ? -ms : ms, end: written < 0 ? at + 3 : at + 5 + colon };
};

/** The offset right after a time, or after one space; undefined when the time carries none, null for a wrong one. */
export const offsetAt = (text: string, at: number): Offset | undefined | null => {
  const char = text[at];
  if (char === 'Z' || char === 'z') return { ms: 0, end: at + 1 };
  if (isSign(char) && digitsAt(text, at + 1, 1) >= 0) return signedOffsetAt(text, at);
  if (char !== ' ') return undefined;
  const name = text.slice(at + 1, at + 4);
  if ((name === 'UTC' || name === 'GMT') && !goesOn(text, at + 4)) return { ms: 0, end: at + 4 };
  // After a space a number may as well begin the message, so only the full form counts.
  const offset = signedOffsetAt(text, at + 1);
  return offset !== null && offset.end >= at + 6 && !goesOn(text, offset.end) ? offset : undefined;
};

/**
 * The ISO 8601 / RFC 3339 timestamp at `at`: date and time with T or a space between, the date also with slashes (Go,
 * nginx), seconds and fraction (after dot or comma) optional, zone Z, ±hh:mm, ±hhmm, ±hh, UTC or none. Without one it
 * is read in `context.timezone`; see `momentOf` for hours that clocks skip or repeat. Null if there is none, or if its
 * date, time or offset does not exist.
 */
export const isoTimeAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  const dash = text[at + 4];
  if ((dash !== '-' && dash !== '/') || text[at + 7] !== dash) return null;
  const between = text[at + 10];
  if (between !== 'T' && between !== ' ' && between !== 't') return null;
  const day = dayStart(digitsAt(text, at, 4), digitsAt(text, at + 5, 2), digitsAt(text, at + 8, 2));
  const clock = clockAt(text, at + 11);
  if (day === null || clock === null) return null;
  const wall = day + clock.ms;
  const offset = offsetAt(text, clock.end);
  if (offset === null) return null;
  const end = offset === undefined ? clock.end : offset.end;
  if (goesOn(text, end)) return null;
  return { timestamp: offset === undefined ? momentOf(wall, context.timezone) : wall - offset.ms, end };
};

/** Reads a text that is nothing but an ISO 8601 timestamp, as `isoTimeAt` does. */
export const isoTime = (text: string, context: ParseContext): number | null => {
  const found = isoTimeAt(text, 0, context);
  return found !== null && found.end === text.length ? found.timestamp : null;
};

/** The timestamp of the Common Log Format at `at`: "21/Nov/2026:10:50:54 +0000". */
export const clfTimeAt = (text: string, at: number): TimeInText | null => {
  if (text[at + 2] !== '/' || text[at + 6] !== '/' || text[at + 11] !== ':' || text[at + 20] !== ' ') return null;
  const day = dayStart(digitsAt(text, at + 7, 4), monthAt(text, at + 3), digitsAt(text, at, 2));
  const clock = clockAt(text, at + 12);
  const offset = signedOffsetAt(text, at + 21);
  if (day === null || clock === null || clock.end !== at + 20 || offset === null) return null;
  return { timestamp: day + clock.ms - offset.ms, end: offset.end };
};

/** Reads a text that is nothing but such a timestamp. */
export const clfTime = (text: string): number | null => {
  const found = clfTimeAt(text, 0);
  return found !== null && found.end === text.length ? found.timestamp : null;
};

/**
 * The moment of a date without a year, and of milliseconds since its midnight. Read in `context.timezone`, in the latest
 * year in which it is not more than a day after `context.writtenBefore`: clocks differ, and what was written long ago
 * cannot lie in the future. Null if there is no such day.
 */
export const momentWithoutYear = (month: number, day: number, ms: number, context: ParseContext): number | null => {
  const latest = context.writtenBefore + dayMs;
  // Local clocks are less than a day ahead of UTC.
  const newestYear = new Date(latest + dayMs).getUTCFullYear();
  // 29 February comes back after eight years at the latest.
  for (let year = newestYear; year >= newestYear - 9; year--) {
    const start = dayStart(year, month, day);
    if (start === null) continue;
    const timestamp = momentOf(start + ms, context.timezone);
    if (timestamp <= latest) return timestamp;
  }
  return null;
};

/**
 * The timestamp of RFC 3164 section 4.1.2 at `at`, "Nov 21 10:50:54" or "Nov  1 10:50:54", also with a fraction as
 * journalctl writes on demand, or "Nov 1 10:50:54", as daemons write that did not read it. The year: `momentWithoutYear`.
 */
export const syslogTimeAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  const month = monthAt(text, at);
  if (month === 0 || text[at + 3] !== ' ') return null;
  const dayAt = text[at + 4] === ' ' ? at + 5 : at + 4;
  const dayEnd = digitsAt(text, dayAt, 2) >= 0 ? dayAt + 2 : dayAt + 1;
  const clock = clockAt(text, dayEnd + 1);
  if (text[dayEnd] !== ' ' || clock === null || clock.end < dayEnd + 9 || goesOn(text, clock.end)) return null;
  const timestamp = momentWithoutYear(month, digitsAt(text, dayAt, dayEnd - dayAt), clock.ms, context);
  return timestamp === null ? null : { timestamp, end: clock.end };
};

/**
 * The timestamp of C's ctime() at `at`, "Wed Nov 25 10:50:54 2026" or "Wed Nov  4 10:50:54 2026", also with a fraction
 * before the year as Apache writes it. Read in `context.timezone`; the day of the week is not looked at.
 */
export const ctimeAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  if (text[at + 3] !== ' ' || text[at + 7] !== ' ' || text[at + 10] !== ' ') return null;
  const clock = clockAt(text, at + 11);
  if (clock === null || clock.end < at + 19 || text[clock.end] !== ' ' || goesOn(text, clock.end + 5)) return null;
  const day = text[at + 8] === ' ' ? digitsAt(text, at + 9, 1) : digitsAt(text, at + 8, 2);
  const start = dayStart(digitsAt(text, clock.end + 1, 4), monthAt(text, at + 4), day);
  return start === null ? null : { timestamp: momentOf(start + clock.ms, context.timezone), end: clock.end + 5 };
};

/** An IANA name after a space; the longest has 32 characters. */
const zoneName = /^ ([A-Za-z][\w+/-]{0,39})/;

/**
 * The timestamp of PHP at `at`, "21-Nov-2026 10:50:54", with a fraction or an IANA zone behind it if it has them:
 * "21-Nov-2026 10:50:54 Europe/Berlin". Without a zone it is read in `context.timezone`. Null also for an unknown zone.
 */
export const phpTimeAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  if (text[at + 2] !== '-' || text[at + 6] !== '-' || text[at + 11] !== ' ') return null;
  const start = dayStart(digitsAt(text, at + 7, 4), monthAt(text, at + 3), digitsAt(text, at, 2));
  const clock = clockAt(text, at + 12);
  if (start === null || clock === null || clock.end < at + 20) return null;
  const [matched = '', zone = context.timezone] = zoneName.exec(text.slice(clock.end, clock.end + 42)) ?? [];
  const end = clock.end + matched.length;
  const timestamp = goesOn(text, end) ? null : momentInZone(start + clock.ms, zone);
  return timestamp === null ? null : { timestamp, end };
};

/**
 * The short timestamp of MySQL and MariaDB at `at`, "261121 10:50:54" or "261121  9:50:54", also with a fraction. Read
 * in `context.timezone`, in this century.
 */
export const shortTimeAt = (text: string, at: number, context: ParseContext): TimeInText | null => {
  if (text[at + 6] !== ' ') return null;
  const year = digitsAt(text, at, 2);
  const start = year < 0 ? null : dayStart(2000 + year, digitsAt(text, at + 2, 2), digitsAt(text, at + 4, 2));
  // Long enough for nanoseconds.
  const clock = clockAt(text.slice(at + 7, at + 26).replace(/^ /, '0'), 0);
  if (start === null || clock === null || clock.end < 8 || goesOn(text, at + 7 + clock.end)) return null;
  return { timestamp: momentOf(start + clock.ms, context.timezone), end: at + 7 + clock.end };
};

/**
 * Reads seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size, as milliseconds. Each
 * unit covers 1973 to 5138; a number outside all of them is no time and gives null.
 */
export const epochTime = (value: number): number | null => {
  if (!(value >= 1e8 && value < 1e20)) return null;
  // A decimal fraction of seconds may come out a little below the millisecond it was written as.
  if (value < 1e11) return Math.floor(value * 1000 + 0.001);
  if (value < 1e14) return Math.floor(value);
  return Math.floor(value < 1e17 ? value / 1e3 : value / 1e6);
};
