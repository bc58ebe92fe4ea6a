import type { Format, ParseContext } from './format.ts';
import { type FormatName, formatOf } from './registry.ts';
import { TEXT } from './text.ts';

/** Lines that are looked at; more do not make the answer better. */
const maxLines = 100;

/** Most specific first: what a format understands, those after it may understand as well. */
const candidates: readonly FormatName[] = ['AUDIT_LOG', 'SYSTEM_LOG', 'JSON_LINES', 'NGINX_ACCESS', 'SYSLOG'];

/** Which time it was does not matter here, only that there is one. */
const context: ParseContext = { timezone: 'UTC', writtenBefore: 0 };

/**
 * Tells a log's format from sample lines (the first 100 count, without empty ones): the most specific format that
 * understands four lines of five, else TEXT when most lines begin with a timestamp. UNKNOWN rather than a guess.
 */
export const detectFormat = (lines: readonly string[]): FormatName => {
  const sample = lines.slice(0, maxLines).filter((line) => line.trim() !== '');
  if (sample.length === 0) return 'UNKNOWN';
  const share = (fits: (line: string) => boolean): number => sample.filter(fits).length / sample.length;
  const understands = (format: Format) => share((line) => format.parse(line, context) !== null) >= 0.8;
  const found = candidates.find((name) => understands(formatOf(name)));
  if (found !== undefined) return found;
  return share((line) => TEXT.parse(line, context).timestamp !== null) > 0.5 ? 'TEXT' : 'UNKNOWN';
};
