import type { Format, ParseContext } from './format.ts';
import type { HeaderLayout } from './header-layout.ts';
import { learnLayout } from './header-sample.ts';
import { recordsOf } from './record.ts';
import { type FormatName, formatOf } from './registry.ts';

/** What the content of a log tells of how it is written: plain data, and the same for the same lines. */
export interface Detected {
  format: FormatName;
  /** Of the headers of a TEXT log, when they are alike. */
  layout: HeaderLayout | null;
}

/** Lines that are looked at; more do not make the answer better. */
const maxLines = 100;

/** Most specific first: what a format understands, those after it may understand as well. */
const candidates: readonly FormatName[] = [
  'AUDIT_LOG',
  'SYSTEM_LOG',
  'JSON_LINES',
  'NGINX_ACCESS',
  'APACHE_ACCESS',
  'NGINX_ERROR',
  'APACHE_ERROR',
  'PHP_FPM',
  'MYSQL_ERROR',
  'MYSQL_SLOW',
  'LOGFMT',
  'PYTHON',
  'JAVA',
  'SYSLOG',
];

/** Which time it was does not matter here, only that there is one. */
const context: ParseContext = { timezone: 'UTC', writtenBefore: 0 };

/** What goes on an entry of any application: what is indented, and what Java, Python and PHP print around such lines. */
const looksContinued = (line: string): boolean =>
  /^(?:\s|Caused by: |Traceback \(most recent call last\)|\.\.\. \d+ more|[\w$.]*(?:Exception|Error)\b|Stack trace:|#\d)/.test(
    line,
  );

/** What a database writes when it opens its log begins a record as well, though there is nothing to understand. */
const hasBanner = (format: Format): boolean => format.name === 'MYSQL_ERROR' || format.name === 'MYSQL_SLOW';

/** Its records have whatever somebody asked a database, over several lines. */
const isOfAnything = (format: Format): boolean => format.name === 'MYSQL_SLOW';

/** Whether a format understands a line only together with the one after it, as java.util.logging's layout has two. */
const needsNext = (format: Format, line: string, next: string): boolean =>
  format.parse(line, context) === null && format.parse(`${line}\n${next}`, context) !== null;

/** Whether a format understands four records of five, and does not take for their continuation whatever there is. */
const understands = (format: Format, lines: readonly string[]): boolean => {
  const { begins } = format;
  const all = recordsOf(lines, format);
  // The sample may begin within a record.
  const isCut = begins !== undefined && all.length > 1 && !begins(lines[0] ?? '') && looksContinued(lines[0] ?? '');
  const records = isCut ? all.slice(1) : all;
  const isStrange = (line: string, index: number) =>
    !begins?.(line, lines[index - 1]) && !looksContinued(line) && !needsNext(format, lines[index - 1] ?? '', line);
  const strange = begins && !isOfAnything(format) ? lines.filter(isStrange).length : 0;
  if (records.length <= strange) return false;
  const isUnderstood = (record: string) => format.parse(record, context) !== null;
  const isBanner = (record: string) => hasBanner(format) && begins?.(record.split('\n', 1)[0] ?? '', '') === true;
  const belongs = (record: string) => isUnderstood(record) || isBanner(record);
  return records.some(isUnderstood) && records.filter(belongs).length >= 0.8 * records.length;
};

/**
 * Tells a log's format from sample lines (the first 100 count, without empty ones): the most specific format that
 * understands four records of five, else TEXT when most lines have a timestamp in the same place. UNKNOWN rather than a
 * guess.
 *
 * @param configured the format where somebody said it; then only the layout of TEXT is left to tell
 */
export const detect = (lines: readonly string[], configured: FormatName | null = null): Detected => {
  if (configured !== null && configured !== 'TEXT') return { format: configured, layout: null };
  const sample = lines.slice(0, maxLines).filter((line) => line.trim() !== '');
  if (configured === 'TEXT') return { format: configured, layout: learnLayout(sample) };
  const format = candidates.find((name) => understands(formatOf(name), sample));
  if (format !== undefined) return { format, layout: null };
  const layout = learnLayout(sample);
  return { format: layout === null ? 'UNKNOWN' : 'TEXT', layout };
};
