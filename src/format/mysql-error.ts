import type { JsonObject, Level } from '../entry.ts';
import { clockAt } from './calendar.ts';
import type { Format, ParseContext } from './format.ts';
import { levelOfWord } from './level.ts';
import { putNumber } from './number.ts';
import { isoTimeAt, shortTimeAt } from './time.ts';

/** After the time: the thread, and the level in brackets, in its own words, or what is written without one. */
const prefix =
  /^ {1,2}(?:(\d{1,20}|(?:0x)?[0-9a-f]{8,16}) {1,2})?(?:\[(Note|Warn|Warning|Error|ERROR|System)\] ?|UTC - (?=\w{1,20} got )|(?=InnoDB: |INNODB MONITOR OUTPUT|(?:mysqld|mariadbd)[_-]safe ))/;
/** "[MY-010068] [Server] " of MySQL 8, and "[Entrypoint]: " of its container. */
const origin = /^(?:\[(MY-\d{6})\] )?(?:\[([A-Za-z][\w-]{0,31})\]:? )?/;
/** What MariaDB, and MySQL before 8, put in front of the message of a part that is not the server. */
const part = /^(InnoDB|Aria|RocksDB|WSREP): ?/;
/** Written by the handler of signals: "mysqld got signal 11 ;" */
const crash = /^(?:\S{0,255}\/)?(?:mysqld|mariadbd) got (?:signal|exception) /;

/** Longest of all that stands between the time and the message. */
const maxPrefixLength = 400;

interface Time {
  /** Null for "10:50:54 UTC", which says no day. */
  timestamp: number | null;
  end: number;
}

const timeOf = (raw: string, context: ParseContext): Time | null => {
  // MariaDB puts a blank before an hour of one digit.
  if (raw[4] === '-') return isoTimeAt(raw[11] === ' ' ? `${raw.slice(0, 11)}0${raw.slice(12, 40)}` : raw, 0, context);
  if (raw[6] === ' ')
    return shortTimeAt(raw, 0, raw.startsWith(' UTC - ', 15) ? { ...context, timezone: 'UTC' } : context);
  // MySQL 5.7 and before, when it crashes.
  const clock = raw[2] === ':' && raw.startsWith(' UTC - ', 8) ? clockAt(raw, 0) : null;
  return clock === null ? null : { timestamp: null, end: clock.end };
};

interface Head {
  timestamp: number | null;
  thread: string;
  /** The level's word; empty where none is written. */
  word: string;
  end: number;
}

/** What stands before a message; null on a line that begins none. */
const headOf = (line: string, context: ParseContext): Head | null => {
  const time = timeOf(line, context);
  const found = time === null ? null : prefix.exec(line.slice(time.end, time.end + maxPrefixLength));
  if (time === null || found === null) return null;
  const [matched, thread = '', word = ''] = found;
  const end = time.end + matched.length;
  // With such a time there is a thread, but in its container; without one it is anybody's "TIME [ERROR] text".
  if (line[4] === '-' && thread === '' && word !== '' && !line.startsWith('[Entrypoint]', end)) return null;
  return { timestamp: time.timestamp, thread, word, end };
};

const levelOf = (word: string, message: string): Level => {
  if (crash.test(message.slice(0, maxPrefixLength))) return 'FATAL';
  return word === 'Note' || word === 'System' ? 'INFO' : levelOfWord(word);
};

/** Which moment it was does not matter for where a record begins. */
const anywhere: ParseContext = { timezone: 'UTC', writtenBefore: 0 };

/**
 * The error log of MySQL and MariaDB: "2026-11-21T10:50:54.123456Z 0 [Warning] [MY-010068] [Server] ..." of MySQL 8,
 * the same without code and part before, "2026-11-21 10:50:54 0 [Note] InnoDB: ..." of MariaDB, and older ones that
 * begin with "261121 10:50:54". Dumps of InnoDB and the traces of crashes are below such a line.
 * See https://dev.mysql.com/doc/refman/8.4/en/error-log-format.html
 */
export const MYSQL_ERROR: Format = {
  name: 'MYSQL_ERROR',
  begins: (line) => headOf(line, anywhere) !== null,
  parse(raw, context) {
    const head = headOf(raw, context);
    if (head === null) return null;
    const rest = raw.slice(head.end, head.end + maxPrefixLength);
    const [matched = '', code = '', subsystem = ''] = origin.exec(rest) ?? [];
    const [label = '', name = subsystem] = part.exec(rest.slice(matched.length)) ?? [];
    const fields: JsonObject = {};
    if (/^\d+$/.test(head.thread)) putNumber(fields, 'thread', head.thread);
    else if (head.thread !== '') fields.thread = head.thread;
    if (code !== '') fields.code = code;
    if (name !== '') fields.subsystem = name;
    // Dumps begin on a line of their own, and end with an empty one.
    const message = raw.slice(head.end + matched.length + label.length).trim();
    return { timestamp: head.timestamp, level: levelOf(head.word, message), message, fields };
  },
};
