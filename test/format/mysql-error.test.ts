import { expect, test } from 'vitest';
import { MYSQL_ERROR } from '../../src/format/mysql-error.ts';

const context = { timezone: 'Europe/Berlin', writtenBefore: 0 };
const parse = (raw: string) => MYSQL_ERROR.parse(raw, context);
const utc = '2026-11-21T09:50:54.000Z';

test.each([
  [
    'MySQL 8',
    '2026-11-21T09:50:54.123456Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.',
    '2026-11-21T09:50:54.123Z',
    'WARN',
    'CA certificate ca.pem is self signed.',
    { thread: 0, code: 'MY-010068', subsystem: 'Server' },
  ],
  [
    'MySQL 8 with the time of the system',
    "2026-11-21T10:50:54.123456+01:00 7 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.4.2'  socket: '/run/mysqld.sock'  port: 3306  MySQL Community Server - GPL.",
    '2026-11-21T09:50:54.123Z',
    'INFO',
    "/usr/sbin/mysqld: ready for connections. Version: '8.4.2'  socket: '/run/mysqld.sock'  port: 3306  MySQL Community Server - GPL.",
    { thread: 7, code: 'MY-010931', subsystem: 'Server' },
  ],
  [
    'a dump of InnoDB in MySQL 8',
    '2026-11-21T09:50:54Z 20 [Note] [MY-012469] [InnoDB]  *** (1) TRANSACTION:\nTRANSACTION 3109, ACTIVE 25 sec\nupdate t set a = 1\n',
    utc,
    'INFO',
    '*** (1) TRANSACTION:\nTRANSACTION 3109, ACTIVE 25 sec\nupdate t set a = 1',
    { thread: 20, code: 'MY-012469', subsystem: 'InnoDB' },
  ],
  [
    'MySQL 5.7',
    '2026-11-21T09:50:54.000001Z 0 [Note] InnoDB: PUNCH HOLE support available',
    utc,
    'INFO',
    'PUNCH HOLE support available',
    { thread: 0, subsystem: 'InnoDB' },
  ],
  [
    'the container of MySQL',
    '2026-11-21 10:50:54+01:00 [Warn] [Entrypoint]: MYSQL_PASSWORD specified, but missing MYSQL_USER',
    utc,
    'WARN',
    'MYSQL_PASSWORD specified, but missing MYSQL_USER',
    { subsystem: 'Entrypoint' },
  ],
  [
    'MariaDB',
    "2026-11-21 10:50:54 6 [Warning] Access denied for user 'bob'@'localhost' (using password: YES)",
    utc,
    'WARN',
    "Access denied for user 'bob'@'localhost' (using password: YES)",
    { thread: 6 },
  ],
  [
    'MariaDB in the morning',
    '2026-11-21  9:50:54 0 [Note] InnoDB: Compressed tables use zlib 1.2.13',
    '2026-11-21T08:50:54.000Z',
    'INFO',
    'Compressed tables use zlib 1.2.13',
    { thread: 0, subsystem: 'InnoDB' },
  ],
  [
    'a dump of InnoDB in MariaDB, which begins on a line of its own',
    '2026-11-21 10:50:54 5 [Note] InnoDB: \n*** (1) TRANSACTION:\n\nTRANSACTION 25, ACTIVE 1 sec\n',
    utc,
    'INFO',
    '*** (1) TRANSACTION:\n\nTRANSACTION 25, ACTIVE 1 sec',
    { thread: 5, subsystem: 'InnoDB' },
  ],
  [
    'MariaDB 10.1 and a cluster, with the thread of the system',
    '2026-11-21 10:50:54 140263242856320 [ERROR] WSREP: failed to open',
    utc,
    'ERROR',
    'failed to open',
    { thread: 140_263_242_856_320, subsystem: 'WSREP' },
  ],
  [
    'MySQL 5.5',
    '261121 10:50:54 [Note] Event Scheduler: Loaded 0 events',
    utc,
    'INFO',
    'Event Scheduler: Loaded 0 events',
    {},
  ],
  [
    'MySQL 5.5 and InnoDB',
    '261121 10:50:54  InnoDB: Waiting for the background threads to start',
    utc,
    'UNKNOWN',
    'Waiting for the background threads to start',
    { subsystem: 'InnoDB' },
  ],
  [
    'MySQL 5.6 and InnoDB',
    '2026-11-21 10:50:54 7f9d1b4c5700 InnoDB: Warning: x',
    utc,
    'UNKNOWN',
    'Warning: x',
    { thread: '7f9d1b4c5700', subsystem: 'InnoDB' },
  ],
  [
    'the monitor of InnoDB',
    '2026-11-21 10:50:54 0x7f9d1b4c5700 INNODB MONITOR OUTPUT\n=====\nPer second averages',
    utc,
    'UNKNOWN',
    'INNODB MONITOR OUTPUT\n=====\nPer second averages',
    { thread: '0x7f9d1b4c5700' },
  ],
  [
    'the program that starts it',
    '261121 10:50:54 mysqld_safe Starting mariadbd daemon with databases from /var/lib/mysql',
    utc,
    'UNKNOWN',
    'mysqld_safe Starting mariadbd daemon with databases from /var/lib/mysql',
    {},
  ],
  [
    'a crash of MySQL 8',
    '2026-11-21T09:50:54Z UTC - mysqld got signal 11 ;\nMost likely, you have hit a bug',
    utc,
    'FATAL',
    'mysqld got signal 11 ;\nMost likely, you have hit a bug',
    {},
  ],
  [
    'a crash of MySQL 5.7, without a day',
    '09:50:54 UTC - mysqld got signal 6 ;\nThis could be because you hit a bug.',
    null,
    'FATAL',
    'mysqld got signal 6 ;\nThis could be because you hit a bug.',
    {},
  ],
  [
    'a crash in the short form of UTC',
    '261121  9:50:54 UTC - mysqld got signal 6 ;',
    utc,
    'FATAL',
    'mysqld got signal 6 ;',
    {},
  ],
  [
    'a crash of MariaDB',
    '261121 10:50:54 [ERROR] /usr/sbin/mariadbd got signal 11 ;\nSorry, we probably made a mistake',
    utc,
    'FATAL',
    '/usr/sbin/mariadbd got signal 11 ;\nSorry, we probably made a mistake',
    {},
  ],
])('reads %s', (_, raw, time, level, message, fields) => {
  const timestamp = typeof time === 'string' ? Date.parse(time) : null;
  expect(parse(String(raw))).toEqual({ timestamp, level, message, fields });
  const [first = '', ...others] = String(raw).split('\n');
  expect(MYSQL_ERROR.begins?.(first)).toBe(true);
  expect(others.map((line) => MYSQL_ERROR.begins?.(line))).not.toContain(true);
});

test.each([
  '',
  '2026-11-21',
  '2026-11-21 10:50:54',
  '2026-11-21 10:50:54 x',
  '2026-11-21 10:50:54 0x7f9d1b4c5700',
  '2026-02-30 10:50:54 0 [Note] x',
  '2026-11-21  :50:54 0 [Note] x',
  '2026-11-21 10:50:54 [ERROR] x',
  '2026-11-21T10:50:54.123Z [info]: x',
  '2026-11-21 10:50:54 4711 [INFO] x',
  '2026-11-21 10:50:54 status installed foo:amd64 1.2',
  "Version: '10.11.19-MariaDB'  socket: '/run/mysqld.sock'  port: 3306  Debian 12",
  ' 0: len 4; hex 80000001; asc     ;;',
  '10:50:54 UTC',
  '10:50:54 UTC - hello',
])('%j is not of the format, and begins no record', (line) => {
  expect(parse(line)).toBeNull();
  expect(MYSQL_ERROR.begins?.(line)).toBe(false);
});
