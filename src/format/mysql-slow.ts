import type { JsonObject } from '../entry.ts';
import type { Format, ParseContext } from './format.ts';
import { putNumber } from './number.ts';
import { isoTimeAt, shortTimeAt } from './time.ts';

const timeHead = '# Time: ';
const userHead = '# User@Host: ';

/** "root[root] @ localhost [127.0.0.1]": the account that was found, and in brackets the name that was given. */
const account = /^([^[]{0,255})\[([^\]]{0,255})\] @ (\S{0,255}) \[([^\]]{0,64})\]/;

/** Our names for what MySQL and MariaDB call so. Times are in seconds. */
const names: Record<string, string> = {
  Id: 'thread',
  Thread_id: 'thread',
  Schema: 'database',
  Db: 'database',
  Rows_sent: 'rowsSent',
  Rows_examined: 'rowsExamined',
  Rows_affected: 'rowsAffected',
  Bytes_sent: 'bytesSent',
};
const durationNames: Record<string, string> = { Query_time: 'queryTimeMs', Lock_time: 'lockTimeMs' };

/** Seconds with a fraction of microseconds, as ms. */
const msOf = (seconds: string): number | null =>
  /^\d{1,9}(?:\.\d{1,9})?$/.test(seconds) ? Math.round(Number(seconds) * 1e6) / 1e3 : null;

/** Puts the pairs of "# Query_time: 1.000160  Lock_time: 0.000000  Schema:   QC_hit: No". Some have no value. */
const putPairs = (fields: JsonObject, text: string): void => {
  const words = text.split(' ').filter((word) => word !== '');
  for (const [index, word] of words.entries()) {
    const value = words[index + 1] ?? '';
    if (!/^[A-Z]\w{0,63}:$/.test(word) || value === '' || value.endsWith(':')) continue;
    const key = word.slice(0, -1);
    const durationName = durationNames[key];
    const ms = durationName === undefined ? null : msOf(value);
    const name = names[key] ?? key;
    if (durationName !== undefined && ms !== null) fields[durationName] = ms;
    else if (name !== 'database' && /^\d+(?:\.\d+)?$/.test(value)) putNumber(fields, name, value);
    else fields[name] = value;
  }
};

const putUser = (fields: JsonObject, text: string): void => {
  const found = account.exec(text);
  if (found === null) return;
  const [matched, name = '', given = '', host = '', address = ''] = found;
  const user = given === '' ? name.trim() : given;
  if (user !== '') fields.user = user;
  if (host !== '') fields.host = host;
  if (address !== '') fields.address = address;
  putPairs(fields, text.slice(matched.length));
};

/**
 * The time of a record: that of MySQL 5.7 and later, which names its zone and has microseconds; else the one that
 * `SET timestamp` says in UTC; else the short one.
 */
const timeOf = (written: string, set: string, context: ParseContext): number | null => {
  const time = isoTimeAt(written, 0, context);
  if (time !== null) return time.timestamp;
  const seconds = /\btimestamp=(\d{1,11}(?:\.\d{1,6})?)/.exec(set)?.[1];
  if (seconds !== undefined) return Math.floor(Number(seconds) * 1000);
  return shortTimeAt(written, 0, context)?.timestamp ?? null;
};

/** The line that begins at `at`, without its newline. */
const lineAt = (text: string, at: number): string => {
  const end = text.indexOf('\n', at);
  return text.slice(at, end < 0 ? undefined : end);
};

/**
 * The slow query log of MySQL, Percona Server and MariaDB. A record has several lines: "# Time:", "# User@Host:",
 * "# Query_time:" and others, "use db;", "SET timestamp=...;", and the query. See
 * https://dev.mysql.com/doc/refman/8.4/en/slow-query-log.html and
 * https://mariadb.com/docs/server/server-management/server-monitoring-logs/slow-query-log
 *
 * What mysqld writes when it opens the log is a record of its own, and shown as text. Queries are written as they came,
 * so one that holds a line such as "# Time: ..." is cut there.
 */
export const MYSQL_SLOW: Format = {
  name: 'MYSQL_SLOW',
  /**
   * MySQL writes "# Time:" with each query since 5.7. MariaDB, and MySQL before, leave it out while the second is that
   * of the query before; then "# User@Host:" begins, and looks as it does after a "# Time:". So it takes the line before
   * to tell. Without that, the latter begins when it has no "Id:" behind it, as in MariaDB: no two queries become one
   * there, but each "# Time:" stands alone.
   */
  begins(line, previous) {
    if (line.startsWith('# ')) {
      if (line.startsWith(timeHead)) return true;
      if (!line.startsWith(userHead)) return false;
      return previous === undefined ? !/ Id: {1,10}\d/.test(line) : !previous.startsWith(timeHead);
    }
    return line.endsWith(' started with:') && line.includes(', Version: ');
  },
  parse(raw, context) {
    if (!raw.startsWith(timeHead) && !raw.startsWith(userHead)) return null;
    const fields: JsonObject = {};
    let written = '';
    let at = 0;
    // What is no query of a client, such as "# administrator command: Quit;", stands in its place.
    for (let line = raw; at < raw.length; at += line.length + 1) {
      line = lineAt(raw, at);
      if (!line.startsWith('#') || line.startsWith('# administrator command: ')) break;
      if (line.startsWith(timeHead)) written = line.slice(timeHead.length);
      else if (line.startsWith(userHead)) putUser(fields, line.slice(userHead.length));
      else if (!line.startsWith('# explain: ')) putPairs(fields, line.slice(1));
    }
    if (typeof fields.queryTimeMs !== 'number') return null;
    const use = /^use (?:`((?:[^`\n]|``){1,256})`|([^;\n]{1,256}));\n/.exec(raw.slice(at, at + 600));
    if (use !== null) {
      fields.database = use[1]?.replaceAll('``', '`') ?? use[2] ?? '';
      at += use[0].length;
    }
    const set = /^SET [a-z_=\d.,]{1,100};(?:\n|$)/.exec(raw.slice(at, at + 120))?.[0] ?? '';
    const sql = raw.slice(at + set.length).replace(/;$/, '');
    fields.sql = sql;
    return { timestamp: timeOf(written, set, context), level: 'UNKNOWN', message: sql, fields };
  },
};
