import { describe, expect, test } from 'vitest';
import { MYSQL_SLOW } from '../../src/format/mysql-slow.ts';
import { recordsOf } from '../../src/format/record.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: 0 };
const parse = (raw: string) => MYSQL_SLOW.parse(raw, context);
const seconds = Date.parse('2026-11-21T09:50:54Z') / 1000;

const mysql = `# Time: 2026-11-21T09:50:55.400424Z
# User@Host: shop[shop] @ localhost []  Id:    12
# Query_time: 1.000237  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 4294967297
SET timestamp=${seconds};
select *
from t;`;

const mariadb = `# Time: 261121 10:50:54
# User@Host: shop[shop] @ web-1 [203.0.113.7]
# Thread_id: 8  Schema: shop  QC_hit: No
# Query_time: 0.000166  Lock_time: 0.000069  Rows_sent: 0  Rows_examined: 3
# Rows_affected: 2  Bytes_sent: 65
#
# explain: id	select_type	table
# explain: 1	SIMPLE	t
#
SET timestamp=${seconds};
update t set a = 1;`;

/** Without its "# Time:". */
const sameSecond = mariadb.slice(mariadb.indexOf('\n') + 1);

const header = `/usr/sbin/mysqld, Version: 8.4.2 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock
Time                 Id Command    Argument`;

test('reads MySQL', () => {
  expect(parse(mysql)).toEqual({
    timestamp: Date.parse('2026-11-21T09:50:55.400Z'),
    level: 'UNKNOWN',
    message: 'select *\nfrom t',
    fields: {
      user: 'shop',
      host: 'localhost',
      thread: 12,
      queryTimeMs: 1000.237,
      lockTimeMs: 0.004,
      rowsSent: 1,
      rowsExamined: 4_294_967_297,
      sql: 'select *\nfrom t',
    },
  });
});

test.each([
  ['with a time', mariadb],
  ['in the second of the query before', sameSecond],
])('reads MariaDB %s', (_, raw) => {
  expect(parse(raw)).toEqual({
    timestamp: seconds * 1000,
    level: 'UNKNOWN',
    message: 'update t set a = 1',
    fields: {
      user: 'shop',
      host: 'web-1',
      address: '203.0.113.7',
      thread: 8,
      database: 'shop',
      QC_hit: 'No',
      queryTimeMs: 0.166,
      lockTimeMs: 0.069,
      rowsSent: 0,
      rowsExamined: 3,
      rowsAffected: 2,
      bytesSent: 65,
      sql: 'update t set a = 1',
    },
  });
});

const times = '# Query_time: 0.5  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0';
const user = '# User@Host: shop[shop] @ localhost []  Id: 1';

test.each([
  ['a database', `${user}\n${times}\nuse shop;\nSET timestamp=1;\nx;`, { database: 'shop', sql: 'x' }],
  [
    'a database in backticks',
    `${user}\n${times}\nuse \`a\`\`b c\`;\nSET timestamp=1;\nx;`,
    { database: 'a`b c', sql: 'x' },
  ],
  [
    'an identity that was inserted',
    `${user}\n${times}\nSET last_insert_id=9,insert_id=10,timestamp=1;\nx;`,
    { sql: 'x' },
  ],
  ['a query that sets the time', `${user}\n${times}\nSET timestamp=1;\nSET timestamp=2;`, { sql: 'SET timestamp=2' }],
  [
    'an administrative command',
    `${user}\n${times}\nSET timestamp=1;\n# administrator command: Init DB;`,
    { sql: '# administrator command: Init DB' },
  ],
  ['no query', `${user}\n${times}\nSET timestamp=1;`, { sql: '' }],
  [
    'extra figures of MySQL',
    `${user}\n${times} Thread_id: 12 Errno: 0 Start: 2026-11-21T09:50:54.474744Z\nSET timestamp=1;\nx;`,
    { thread: 12, Errno: 0, Start: '2026-11-21T09:50:54.474744Z' },
  ],
  [
    'figures of Percona Server',
    `${user}\n# Schema: shop  Last_errno: 0  Killed: 0\n${times}\n#   InnoDB_IO_r_wait: 0.000000\n# Full_scan: Yes\nSET timestamp=1;\nx;`,
    { database: 'shop', InnoDB_IO_r_wait: 0, Full_scan: 'Yes' },
  ],
  [
    'a replica',
    `# User@Host: skip-grants user[] @  []  Id:    28\n${times}\nSET timestamp=1;\nx;`,
    { user: 'skip-grants user', thread: 28 },
  ],
  [
    'a client that gave no name',
    `# User@Host: [anonymous] @ localhost [127.0.0.1]\n${times}\nSET timestamp=1;\nx;`,
    { user: 'anonymous', host: 'localhost', address: '127.0.0.1' },
  ],
])('reads %s', (_, raw, fields) => {
  expect(parse(raw)?.fields).toMatchObject({ queryTimeMs: 500, ...fields });
});

test.each([
  ['of MySQL', '# Time: 2026-11-21T09:50:55.400424Z\n', 'SET timestamp=1;\n', '2026-11-21T09:50:55.400Z'],
  [
    'that is set, which is exact',
    '# Time: 261121  9:50:54\n',
    `SET timestamp=${seconds};\n`,
    '2026-11-21T09:50:54.000Z',
  ],
  ['of MariaDB', '# Time: 261121  9:50:54\n', '', '2026-11-21T08:50:54.000Z'],
  ['there is none of', '', '', null],
])('takes the time %s', (_, time, set, expected) => {
  const timestamp = parse(`${time}${user}\n${times}\n${set}x;`)?.timestamp;
  expect(timestamp).toBe(expected === null ? null : Date.parse(expected));
});

test.each(['', header, '# Time: 261121 10:50:54', user, `# Time: 261121 10:50:54\n${user}\nx;`, times, 'select 1;'])(
  '%j is no query',
  (raw) => {
    expect(parse(raw)).toBeNull();
  },
);

describe('lines are joined', () => {
  test.each([
    ['MySQL', [header, mysql, mysql]],
    ['MySQL before 5.7', [header, mariadb.replace(']\n', ']  Id:  1\n'), sameSecond.replace(']\n', ']  Id:  1\n')]],
    ['MariaDB', [header, mariadb, sameSecond, sameSecond, mariadb, header, mariadb]],
  ])('to the records of %s', (_, records) => {
    expect(recordsOf(records.join('\n').split('\n'), MYSQL_SLOW)).toEqual(records);
  });

  test('as well as can be by each line alone', () => {
    const starts = (record: string) => record.split('\n').filter((line) => MYSQL_SLOW.begins?.(line));
    expect(starts(mysql)).toEqual(['# Time: 2026-11-21T09:50:55.400424Z']);
    expect(starts(sameSecond)).toEqual(['# User@Host: shop[shop] @ web-1 [203.0.113.7]']);
    expect(starts(header)).toHaveLength(1);
  });
});
