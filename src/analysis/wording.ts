/** Characters of a log's text that a sentence has room for. */
const mostQuoted = 80;

/** What a log says, in quotes: on one line, shortened, and without characters that a terminal would obey. */
export function quoted(text: string): string {
  // Twice what is shown is enough, whatever is taken out.
  const line = text
    .slice(0, 4 * mostQuoted)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ')
    .trim();
  const characters = [...line];
  return `"${characters.length > mostQuoted ? `${characters.slice(0, mostQuoted - 1).join('')}…` : line}"`;
}

/** "1,234". */
export const counted = (count: number): string => Math.round(count).toLocaleString('en-US');

/** "1 time", "1,234 times". */
export const countOf = (count: number, one: string, more = `${one}s`): string =>
  `${counted(count)} ${Math.round(count) === 1 ? one : more}`;

/** At most two digits after those that matter: "12", "1.5", "0.02". */
export const figure = (value: number): string =>
  value >= 10 ? counted(value) : Number(value.toPrecision(2)).toLocaleString('en-US', { maximumFractionDigits: 6 });

/** "12 %" of a share from 0 to 1. */
export const percent = (share: number): string => `${figure(share * 100)} %`;

const units: readonly [ms: number, one: string, more: string][] = [
  [86_400_000, 'day', 'days'],
  [3_600_000, 'h', 'h'],
  [60_000, 'min', 'min'],
  [1000, 's', 's'],
];

/** A length of time (ms) in the largest unit of which it is more than one and a half: "5 min", "36 h", "250 ms". */
export function lasting(ms: number): string {
  const [length, one, more] = units.find(([unit]) => ms >= 1.5 * unit || ms === unit) ?? [1, 'ms', 'ms'];
  return countOf(ms / length, one, more);
}

/** A moment (ms since 1970, UTC): "14:05 UTC", with the date where it is not clear, with seconds where there are any. */
export function moment(ms: number, date: 'with date' | 'without date'): string {
  const text = new Date(ms).toISOString();
  const at = text.indexOf('T');
  const clock = text.slice(at + 1, ms % 60_000 === 0 ? at + 6 : at + 9);
  return date === 'with date' ? `${text.slice(0, at)} ${clock} UTC` : `${clock} UTC`;
}
