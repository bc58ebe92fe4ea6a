import type { JsonObject, Level } from '../entry.ts';
import type { Format } from './format.ts';
import { levelOfWord } from './level.ts';
import { putNumber } from './number.ts';
import { phpTimeAt } from './time.ts';

/** "WARNING: " of fpm, and, when it logs for its developers, "pid 9865, fpm_event_loop(), line 440: " behind it. */
const fpmPrefix = /^(ALERT|ERROR|WARNING|NOTICE|DEBUG): (?:pid (\d{1,9}), ([\w()]{1,64})\(\), line (\d{1,9}): )?/;
const pool = /^ {0,2}\[pool ([^\]\s]{1,255})\] /;
/** What a worker wrote: its own words are in the quotes. */
const said = /^child (\d{1,9}) said into (stdout|stderr): "/;
/** The lines of a stack trace that a worker wrote, each of which fpm writes with a time of its own. */
const wrapped =
  /^\[[^\]]{20,64}\] WARNING: \[pool [^\]]{1,255}\] child \d{1,9} said into stderr: "(?=Stack trace:"|#\d| {2}thrown in )/;
/** A worker that fpm tells of, and what it was doing. */
const worker = /^(?:child|pid) (\d{1,9})(?!\d)(?:, script '[^']{0,4096}' \(request: "([^"]{0,8192})"\))?/;
/** "PHP Fatal error:  ", also after what fpm writes before the message of a worker. */
const phpLevel =
  /^(?:NOTICE: (?:sapi_cgi_log_message\(\), line \d{1,9}: {1,2})?)?(?:PHP message: )?PHP ([A-Z][a-z]{1,15}(?: [A-Za-z]{1,15}){0,2}): {2}/;

/** Longest of all that stands before the message. */
const maxPrefixLength = 512;
/** Longest that fpm says of a worker: a path and a request line, each as long as servers let in. */
const maxWorkerLength = 16_384;

/** Without the quotes around it; what stands behind them stays. */
const unquoted = (line: string): string => {
  const quote = line.lastIndexOf('"');
  return quote < 0 ? line : line.slice(0, quote) + line.slice(quote + 1);
};

/** What a worker wrote, from after the first opening quote. */
const saidIn = (text: string): string => {
  const [first = '', ...others] = text.split('\n');
  const below = others.map((line) => {
    const prefix = wrapped.exec(line.slice(0, maxPrefixLength))?.[0];
    return prefix === undefined ? line : unquoted(line.slice(prefix.length));
  });
  return [unquoted(first), ...below].join('\n');
};

/** As PHP grades them when it logs to syslog, but for what ends the script. */
const levelOfPhp = (name: string): Level => {
  if (/fatal/i.test(name)) return 'FATAL';
  if (/error$/i.test(name)) return 'ERROR';
  return /warning$/i.test(name) ? 'WARN' : 'INFO';
};

/**
 * The log of PHP-FPM, "[21-Nov-2026 10:50:54] WARNING: [pool www] child 12 said into stderr: "..."", its slow log, and
 * the error_log of PHP itself, "[21-Nov-2026 10:50:54 UTC] PHP Fatal error:  Uncaught ...", with the stack trace below.
 * A message of PHP tells its own level, and a stack trace that fpm wrote line by line becomes one again. See
 * https://www.php.net/manual/en/install.fpm.configuration.php#error-log and
 * https://www.php.net/manual/en/errorfunc.configuration.php#ini.error-log
 */
export const PHP_FPM: Format = {
  name: 'PHP_FPM',
  begins(line) {
    if (line[0] !== '[' || line[3] !== '-' || line[7] !== '-') return false;
    return /^\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:/.test(line.slice(0, 16)) && !wrapped.test(line.slice(0, maxPrefixLength));
  },
  parse(raw, context) {
    const time = raw[0] === '[' ? phpTimeAt(raw, 1, context) : null;
    if (time === null || !raw.startsWith('] ', time.end)) return null;
    let at = time.end + 2;
    const take = (pattern: RegExp): string[] => {
      const found = pattern.exec(raw.slice(at, at + maxPrefixLength));
      at += found?.[0].length ?? 0;
      return found === null ? [] : found.map((group) => group ?? '');
    };
    const fields: JsonObject = {};
    const [, word = '', pid = '', code = '', line = ''] = take(fpmPrefix);
    putNumber(fields, 'process', pid);
    if (code !== '' && code !== '(null)') {
      fields.function = code;
      putNumber(fields, 'line', line);
    }
    const [, subsystem = ''] = take(pool);
    if (subsystem !== '') fields.subsystem = subsystem;
    const [, child = '', stream = ''] = take(said);
    putNumber(fields, 'process', child);
    if (stream !== '') fields.stream = stream;
    // Only in the words of fpm: what a script says of some child is its own affair.
    const isFpm = stream === '' && (word !== '' || subsystem !== '');
    const [, told = '', request = ''] = (isFpm ? worker.exec(raw.slice(at, at + maxWorkerLength)) : null) ?? [];
    putNumber(fields, 'process', told);
    if (request !== '') fields.request = request;
    const [, name = ''] = phpLevel.exec(raw.slice(at, at + maxPrefixLength)) ?? [];
    return {
      timestamp: time.timestamp,
      level: name === '' ? levelOfWord(word) : levelOfPhp(name),
      message: stream === '' ? raw.slice(at) : saidIn(raw.slice(at)),
      fields,
    };
  },
};
