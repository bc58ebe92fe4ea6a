import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { detect } from '../../src/format/detect.ts';
import { levelOfLetter, levelOfWord } from '../../src/format/level.ts';
import { formatOf, understood } from '../../src/format/registry.ts';
import type { Report, Row } from '../bench.ts';
import { rounded } from '../sample.ts';
import { table } from '../table.ts';

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

/** How much of one log is understood as it is labelled. */
interface Measured {
  system: string;
  format: string;
  lines: number;
  /** Shares of lines, 0 to 1. */
  time: number;
  level: number;
  message: number;
  /** The first lines of which something differs. */
  wrong: string[];
}

function measure(directory: string, system: string): Measured {
  const log = readdirSync(directory).find((name) => name.endsWith('.log')) ?? '';
  const lines = readFileSync(join(directory, log), 'utf8').split(/\r?\n/);
  const labels = labelsOf(join(directory, 'headers.csv'));
  const { format, layout } = detect(lines);
  const reading = { format: formatOf(format, layout), parse: { timezone: 'UTC', writtenBefore: Date.UTC(2026, 0) } };
  const measured: Measured = { system, format, lines: labels.length, time: 0, level: 0, message: 0, wrong: [] };
  for (const [index, label] of labels.entries()) {
    const found = understood(lines[index] ?? '', reading);
    const isRight = {
      time: isSameTime(found.timestamp, label),
      level: found.level === levelOf(label.level),
      message: isSameText(found.message, label.message),
    };
    for (const name of ['time', 'level', 'message'] as const) if (isRight[name]) measured[name] += 1 / labels.length;
    const missed = Object.entries(isRight).filter(([, right]) => !right);
    if (missed.length > 0 && measured.wrong.length < 5) {
      measured.wrong.push(`${missed.map(([name]) => name).join(', ')}: ${lines[index]}\n    ${JSON.stringify(found)}`);
    }
  }
  return measured;
}

const measureAll = (directory: string): Measured[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => measure(join(directory, name), name));

/**
 * The share of lines whose time, level and message are read as labelled. Each folder of the directory has a log
 * (`*.log`) and `headers.csv`: LineId, ts_ms (as if in UTC), has_year, level, message.
 */
export function headersOf(directory: string): Report {
  const all = measureAll(directory);
  const rows = all.map(
    ({ system, format, lines, time, level, message }): Row => ({
      ...{ system, format, lines, 'time right': rounded(time), 'level right': rounded(level) },
      'message right': rounded(message),
    }),
  );
  return { rows, goals: [], problems: [] };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , directory = '.', wanted] = process.argv;
  console.log(table(headersOf(directory).rows));
  const shown = measureAll(directory).filter(({ system }) => wanted === 'wrong' || wanted === system);
  for (const { system, wrong } of shown) console.log(`\n${system}\n  ${wrong.join('\n  ')}`);
}
