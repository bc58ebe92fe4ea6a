/** Days in 400 years of the Gregorian calendar, after which it repeats itself. */
const cycleMs = 146_097 * 86_400_000;

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The number written with exactly `count` digits at `at`, or -1. */
export const digitsAt = (text: string, at: number, count: number): number => {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - 48;
    // Written this way round because it is NaN after the end of the text.
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
};

/** The month (1 to 12) whose English abbreviation stands at `at`, or 0. */
export const monthAt = (text: string, at: number): number => monthNames.indexOf(text.slice(at, at + 3)) + 1;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const daysIn = (year: number, month: number): number => {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
};

/** The beginning of a day as if in UTC, in ms since 1970; null for a day that does not exist. */
export const dayStart = (year: number, month: number, day: number): number | null => {
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  // One cycle later, because Date.UTC takes the years 0 to 99 for 1900 to 1999. Go writes year 1 for "no time".
  return Date.UTC(year + 400, month - 1, day) - cycleMs;
};

/** A time of day: milliseconds since midnight, and where the text after it begins. */
export interface Clock {
  ms: number;
  end: number;
}

/**
 * The time of day at `at`: hh:mm, hh:mm:ss, or with a fraction after a dot or comma, cut to whole milliseconds.
 * Null if there is none, or none that exists. A leap second (:60) is the second after it, as POSIX counts.
 */
export const clockAt = (text: string, at: number): Clock | null => {
  const hour = digitsAt(text, at, 2);
  const minute = digitsAt(text, at + 3, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[at + 2] !== ':') return null;
  const ms = (hour * 60 + minute) * 60_000;
  let end = at + 5;
  if (text[end] !== ':' || digitsAt(text, end + 1, 1) < 0) return { ms, end };
  const second = digitsAt(text, end + 1, 2);
  if (second < 0 || second > (minute === 59 ? 60 : 59)) return null;
  end += 3;
  let fraction = 0;
  if ((text[end] === '.' || text[end] === ',') && digitsAt(text, end + 1, 1) >= 0) {
    end += 1;
    for (let weight = 100; ; weight = Math.floor(weight / 10)) {
      const digit = digitsAt(text, end, 1);
      if (digit < 0) break;
      fraction += digit * weight;
      end += 1;
    }
  }
  return { ms: ms + second * 1000 + fraction, end };
};

/** Where the one or two digits at `at` end; `at` itself where there are none. */
const shortEnd = (text: string, at: number): number => {
  if (digitsAt(text, at, 1) < 0) return at;
  return digitsAt(text, at + 1, 1) < 0 ? at + 1 : at + 2;
};

/** The fraction of a second after a dot or comma, cut to whole milliseconds; or milliseconds after a colon. */
const fractionAt = (text: string, at: number): Clock => {
  const mark = text[at];
  let end = at + 1;
  while (digitsAt(text, end, 1) >= 0) end++;
  const written = text.slice(at + 1, Math.min(end, at + 4));
  if (written !== '' && (mark === '.' || mark === ',')) return { ms: Number(written.padEnd(3, '0')), end };
  return written !== '' && mark === ':' && end <= at + 4 ? { ms: Number(written), end } : { ms: 0, end: at };
};

/** " AM" or "PM" at `at`: hours to add to what the clock shows, and where the text after it begins. */
const halfDayAt = (text: string, at: number, hour: number): { hours: number; end: number } => {
  const begin = text[at] === ' ' || text[at] === '\u202F' ? at + 1 : at;
  const half = text.slice(begin, begin + 2).toUpperCase();
  if ((half !== 'AM' && half !== 'PM') || hour < 1 || hour > 12 || /\w/.test(text.charAt(begin + 2)))
    return { hours: 0, end: at };
  return { hours: (half === 'PM' ? 12 : 0) - (hour === 12 ? 12 : 0), end: begin + 2 };
};

/**
 * The time of day at `at`, with seconds, in the looser forms that headers of logs have: "9:05:03", "10.50.54",
 * "10:50:54:123", "10:50:54 PM". Null if there is none, or none that exists.
 */
export const looseClockAt = (text: string, at: number): Clock | null => {
  const hourEnd = shortEnd(text, at);
  const colon = text[hourEnd];
  const minuteEnd = shortEnd(text, hourEnd + 1);
  const secondEnd = shortEnd(text, minuteEnd + 1);
  if ((colon !== ':' && colon !== '.') || text[minuteEnd] !== colon) return null;
  if (hourEnd === at || minuteEnd === hourEnd + 1 || secondEnd === minuteEnd + 1) return null;
  const hour = digitsAt(text, at, hourEnd - at);
  const minute = digitsAt(text, hourEnd + 1, minuteEnd - hourEnd - 1);
  const second = digitsAt(text, minuteEnd + 1, secondEnd - minuteEnd - 1);
  if (hour > 23 || minute > 59 || second > (minute === 59 ? 60 : 59)) return null;
  const fraction = fractionAt(text, secondEnd);
  const half = halfDayAt(text, fraction.end, hour);
  return { ms: ((hour + half.hours) * 60 + minute) * 60_000 + second * 1000 + fraction.ms, end: half.end };
};

/** The time of day written as six digits, "105054", with or without a fraction. */
export const compactClockAt = (text: string, at: number): Clock | null => {
  const hour = digitsAt(text, at, 2);
  const minute = digitsAt(text, at + 2, 2);
  const second = digitsAt(text, at + 4, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null;
  if (digitsAt(text, at + 6, 1) >= 0) return null;
  const fraction = fractionAt(text, at + 6);
  return { ms: (hour * 60 + minute) * 60_000 + second * 1000 + fraction.ms, end: fraction.end };
};
