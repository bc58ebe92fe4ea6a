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
