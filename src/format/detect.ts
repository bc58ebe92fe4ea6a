import type { Format, ParseContext } from './format.ts';
import { type HeaderLayout, learnLayout } from './header-layout.ts';
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
const candidates: readonly FormatName[] = ['AUDIT_LOG', 'SYSTEM_LOG', 'JSON_LINES', 'NGINX_ACCESS', 'SYSLOG'];

/** Which time it was does not matter here, only that there is one. */
const context: ParseContext = { timezone: 'UTC', writtenBefore: 0 };

/** What goes on an entry of any application: what is indented, and what Java and Python print around such lines. */
const looksContinued = (line: string): boolean =>
  /^(?:\s|Caused by: |Traceback \(most recent call last\)|\.\.\. \d+ more|[\w$.]*(?:Exception|Error)\b)/.test(line);

/** The records that lines make up in a format; null when so many begin none that they are not of the format. */
const recordsIn = (lines: readonly string[], { begins }: Format): string[] | null => {
  if (begins === undefined) return [...lines];
  const records: string[] = [];
  let strange = 0;
  for (const line of lines) {
    const before = records.at(-1);
    if (begins(line)) records.push(line);
    else if (!looksContinued(line)) strange++;
    // The sample may begin within a record.
    if (before !== undefined && !begins(line)) records[records.length - 1] = `${before}\n${line}`;
  }
  return records.length > strange ? records : null;
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
  const format = candidates.find((name) => {
    const found = formatOf(name);
    const records = recordsIn(sample, found);
    if (records === null || records.length === 0) return false;
    return records.filter((record) => found.parse(record, context) !== null).length >= 0.8 * records.length;
  });
  if (format !== undefined) return { format, layout: null };
  const layout = learnLayout(sample);
  return { format: layout === null ? 'UNKNOWN' : 'TEXT', layout };
};
