import type { Entry } from '../src/format/entry.ts';
import { builder } from './builder.ts';
import { LogEntry } from './entry.ts';

type Fields = PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Entry>;

/** Fields that are read from what the parser found: null where it found none, or a value of another type. */
const text = (t: Fields, name: string, description: string) =>
  t.string({
    nullable: true,
    description,
    resolve: ({ parsed }) => (typeof parsed.fields[name] === 'string' ? parsed.fields[name] : null),
  });

/** Numbers beyond 32 bits are no GraphQL Int: where one belongs, they are somebody's mistake. */
const int = (t: Fields, name: string, description: string) =>
  t.int({
    nullable: true,
    description,
    resolve: ({ parsed }) => {
      const value = parsed.fields[name];
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : null;
    },
  });

/** Whole numbers of any size. */
const bigInt = (t: Fields, name: string, description: string) =>
  t.field({
    type: 'BigInt',
    nullable: true,
    description,
    resolve: ({ parsed: { fields } }) => (Number.isInteger(fields[name]) ? Number(fields[name]) : null),
  });

const float = (t: Fields, name: string, description: string) =>
  t.float({
    nullable: true,
    description,
    resolve: ({ parsed: { fields } }) => (typeof fields[name] === 'number' ? fields[name] : null),
  });

builder.objectRef<Entry>('TextLogEntry').implement({
  description: 'A line of plain text, or a record that is not of its log’s format.',
  interfaces: [LogEntry],
});

builder.objectRef<Entry>('AccessLogEntry').implement({
  description: 'A request, as a web server notes it.',
  interfaces: [LogEntry],
  fields: (t) => ({
    remoteAddress: text(
      t,
      'remoteAddress',
      'Address of who asked: of the client, or of the last proxy before the server.',
    ),
    user: text(t, 'user', 'As whom, by HTTP authentication.'),
    method: text(t, 'method', 'Such as `GET`; null when the request line was not one.'),
    path: text(t, 'path', 'What was asked for, with its query string.'),
    protocol: text(t, 'protocol', 'Such as `HTTP/1.1`.'),
    status: int(t, 'status', 'Status code of the answer.'),
    bytesSent: bigInt(
      t,
      'bytesSent',
      'Bytes of the answer’s body; with some formats of Apache also those of its headers.',
    ),
    referer: text(t, 'referer', 'Where the link stood, as the client says.'),
    userAgent: text(t, 'userAgent', 'Which program asked, as it says.'),
    durationMs: float(t, 'durationMs', 'Time to answer, in milliseconds, where the log says it.'),
  }),
});

builder.objectRef<Entry>('ErrorLogEntry').implement({
  description: 'What a web server, PHP or a database says of itself: an error, or that it started.',
  interfaces: [LogEntry],
  fields: (t) => ({
    process: int(t, 'process', 'Number of the process that it is about: of PHP-FPM a worker’s. MySQL writes none.'),
    subsystem: text(
      t,
      'subsystem',
      'Which part: a module of Apache (`core`), a pool of PHP-FPM, a component of MySQL (`InnoDB`).',
    ),
    client: text(t, 'client', 'Address of who asked, without its port; null when nobody did.'),
    server: text(t, 'server', 'Name of the virtual server that was asked, where the log says it.'),
    request: text(t, 'request', 'Request line, such as `GET / HTTP/1.1`, where the log says it.'),
  }),
});

builder.objectRef<Entry>('SlowQueryLogEntry').implement({
  description: 'A query that took a database long. Its message is the query.',
  interfaces: [LogEntry],
  fields: (t) => ({
    user: text(t, 'user', 'As whom the client signed in; null for what the database did by itself.'),
    database: text(t, 'database', 'Default database of the query. MySQL says it only when it is another than before.'),
    sql: t.string({
      description: 'The query as it came, or a comment that names an administrative command.',
      resolve: ({ parsed }) => String(parsed.fields.sql),
    }),
    queryTimeMs: t.float({
      description: 'Time that the query took, in milliseconds.',
      resolve: ({ parsed }) => Number(parsed.fields.queryTimeMs),
    }),
    lockTimeMs: float(t, 'lockTimeMs', 'Time of it that was spent waiting for locks, in milliseconds.'),
    rowsSent: bigInt(t, 'rowsSent', 'Rows that the client was sent.'),
    rowsExamined: bigInt(t, 'rowsExamined', 'Rows that the database looked at.'),
  }),
});

builder.objectRef<Entry>('SyslogLogEntry').implement({
  description: 'A message to syslog (RFC 3164, RFC 5424), as files keep it.',
  interfaces: [LogEntry],
  fields: (t) => ({
    facility: text(t, 'facility', 'Such as `daemon`, where the line carries it.'),
    host: text(t, 'host', 'Name of the machine that it was written on.'),
    process: text(t, 'process', 'Name of the program that wrote it.'),
    pid: int(t, 'pid', 'Process number of the program.'),
  }),
});

builder.objectRef<Entry>('SystemLogEntry').implement({
  description: 'What an application logs for its developers.',
  interfaces: [LogEntry],
  fields: (t) => ({
    logger: text(t, 'logger', 'Which part of the application.'),
    module: text(t, 'module', 'Module of the code.'),
    function: text(t, 'function', 'Function of the code.'),
    line: int(t, 'line', 'Line of the code, from 1.'),
  }),
});

export const AuditLogEntry = builder.objectRef<Entry>('AuditLogEntry').implement({
  description: 'What an application logs for whoever has to account for it.',
  interfaces: [LogEntry],
  fields: (t) => ({
    logger: text(t, 'logger', 'Which part of the application.'),
    action: t.string({
      description: 'What was done, such as `sign_in`.',
      resolve: ({ parsed }) => String(parsed.fields.action),
    }),
    metadata: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What belongs to the action, as the application wrote it.',
      resolve: ({ parsed }) => parsed.fields.metadata ?? null,
    }),
  }),
});
