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
    bytesSent: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Bytes of the answer’s body.',
      resolve: ({ parsed: { fields } }) => (Number.isInteger(fields.bytesSent) ? Number(fields.bytesSent) : null),
    }),
    referer: text(t, 'referer', 'Where the link stood, as the client says.'),
    userAgent: text(t, 'userAgent', 'Which program asked, as it says.'),
    durationMs: t.float({
      nullable: true,
      description: 'Time to answer, in milliseconds, where the log says it.',
      resolve: ({ parsed: { fields } }) => (typeof fields.durationMs === 'number' ? fields.durationMs : null),
    }),
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

builder.objectRef<Entry>('AuditLogEntry').implement({
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
