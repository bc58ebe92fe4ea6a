import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detect } from '../../src/format/detect.ts';
import { levelOfLetter, levelOfWord } from '../../src/format/level.ts';
import { formatOf, understood } from '../../src/format/registry.ts';
import type { Row } from '../bench.ts';
import { rounded } from '../sample.ts';

/** A line as headers.csv has it. */
interface Labelled {
  /** Milliseconds since 1970, UTC; null where the line has no time. */
  time: number | null;
  /** False: the year is anyone's guess. */
  hasYear: boolean;
  level: string;
  message: string;
}

/** Records of a CSV file; cells in quotes may hold anything, quotes twice. */
function cellsOf(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (const [, quoted, bare = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    record.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === ',') continue;
    if (record.length > 1) records.push(record);
    record = [];
  }
  return records;
}

function labelsOf(path: string): Labelled[] {
  return cellsOf(readFileSync(path, 'utf8'))
    .slice(1)
    .map(([, time = '', hasYear, level = '', message = '']) => ({
      ...{ time: time === '' ? null : Number(time), hasYear: hasYear !== '0', level, message },
    }));
}

/** A moment without its year, which is a leap year's. */
const withoutYear = (time: number): number => new Date(time).setUTCFullYear(2000);

const isSameTime = (found: number | null, { time, hasYear }: Labelled): boolean =>
  found === null || time === null || hasYear ? found === time : withoutYear(found) === withoutYear(time);

const levelOf = (word: string) => (word.length === 1 ? levelOfLetter(word) : levelOfWord(word));

/** Blanks at the ends of a message are nobody's. */
const isSameText = (found: string, wanted: string): boolean => found.trim() === wanted.trim();

/**
 * The share of a log's lines whose time, level and message are read as labelled. The folder has the log (`*.log`), and
 * `headers.csv`: LineId, ts_ms (as if in UTC), has_year, level, message. Nothing where there are no labels.
 */
export function headersOf(folder: string): Row {
  const files = readdirSync(folder);
  const log = files.find((name) => name.endsWith('.log'));
  if (log === undefined || !files.includes('headers.csv')) return {};
  const lines = readFileSync(join(folder, log), 'utf8').split(/\r?\n/);
  const labels = labelsOf(join(folder, 'headers.csv'));
  const { format, layout } = detect(lines);
  const reading = { format: formatOf(format, layout), parse: { timezone: 'UTC', writtenBefore: Date.UTC(2026, 0) } };
  const right = { time: 0, level: 0, message: 0 };
  for (const [index, label] of labels.entries()) {
    const found = understood(lines[index] ?? '', reading);
    if (isSameTime(found.timestamp, label)) right.time++;
    if (found.level === levelOf(label.level)) right.level++;
    if (isSameText(found.message, label.message)) right.message++;
  }
  const share = (count: number) => rounded(count / labels.length);
  return { 'time right': share(right.time), 'level right': share(right.level), 'message right': share(right.message) };
}
