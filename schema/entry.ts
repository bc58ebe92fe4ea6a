import type { Level } from '../src/entry.ts';
import { fieldAt } from '../src/field.ts';
import type { Entry } from '../src/format/entry.ts';
import type { FormatName } from '../src/format/registry.ts';
import { builder } from './builder.ts';
import { Source } from './source.ts';

export const LogLevel = builder.enumType('LogLevel', {
  description: 'Severity. From a field where the format has one, else from the text; UNKNOWN rather than a guess.',
  values: {
    TRACE: { description: 'Every step of the program.' },
    DEBUG: { description: 'What helps a developer to find a fault.' },
    INFO: { description: 'What happened, and was expected; also notices.' },
    WARN: { description: 'What was not expected, and did no harm yet. Of requests: status 400 to 499.' },
    ERROR: { description: 'What failed. Of requests: status 500 and above.' },
    FATAL: { description: 'What ended the program or needs somebody at once: also critical, alert, emergency, panic.' },
    UNKNOWN: { description: 'The record names none.' },
  } satisfies Record<Level, object>,
});

/** Which type an entry of a format has; entry-type.ts defines them. */
const entryTypes: Record<FormatName, string> = {
  NGINX_ACCESS: 'AccessLogEntry',
  NGINX_ERROR: 'ErrorLogEntry',
  APACHE_ACCESS: 'AccessLogEntry',
  APACHE_ERROR: 'ErrorLogEntry',
  PHP_FPM: 'ErrorLogEntry',
  MYSQL_ERROR: 'ErrorLogEntry',
  MYSQL_SLOW: 'SlowQueryLogEntry',
  SYSLOG: 'SyslogLogEntry',
  JSON_LINES: 'SystemLogEntry',
  LOGFMT: 'SystemLogEntry',
  PYTHON: 'SystemLogEntry',
  JAVA: 'SystemLogEntry',
  SYSTEM_LOG: 'SystemLogEntry',
  AUDIT_LOG: 'AuditLogEntry',
  TEXT: 'TextLogEntry',
  UNKNOWN: 'TextLogEntry',
};

const SurroundingEntries = builder.objectRef<{ before: Entry[]; after: Entry[] }>('SurroundingEntries');

export const LogEntry = builder.interfaceRef<Entry>('LogEntry').implement({
  description:
    'One record of a log. Its type follows the format of its log. It has no id on purpose: the cursor is its identity, and clients should not normalise entries into their cache.',
  resolveType: (entry) => entryTypes[entry.format],
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Where it stands in its log: a permalink (`Query.logEntry`), and a place to go on from.',
      resolve: (entry) => entry.cursor,
    }),
    source: t.field({ type: Source, description: 'The log it stands in.', resolve: (entry) => entry.context.source }),
    timestamp: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it happened, as the text says; null when the text carries no time.',
      resolve: (entry) => entry.parsed.timestamp,
    }),
    level: t.field({ type: LogLevel, description: 'How severe it is.', resolve: (entry) => entry.parsed.level }),
    message: t.string({
      description: 'What a person wants to read in a list: the record without what the other fields say.',
      resolve: (entry) => entry.parsed.message,
    }),
    raw: t.string({
      description: 'The record as written, without its line end. Bytes that are not UTF-8 are shown as U+FFFD.',
      resolve: (entry) => entry.record.raw,
    }),
    truncated: t.boolean({
      description: 'Whether the record is longer than `limits.maxRecordBytes`, and this is only its beginning.',
      resolve: (entry) => entry.record.truncated,
    }),
    fields: t.field({
      type: 'JSON',
      description: 'Everything the parser found, by name; an object.',
      resolve: (entry) => entry.parsed.fields,
    }),
    field: t.field({
      type: 'JSON',
      nullable: true,
      description: 'One of `fields`. Null when there is none.',
      args: {
        path: t.arg.string({ required: true, description: 'Its name; names of nested fields separated by dots.' }),
      },
      resolve: (entry, { path }) => fieldAt(entry.parsed.fields, path),
    }),
    surrounding: t.field({
      type: SurroundingEntries,
      description: 'The entries just before and after, whatever the filter.',
      args: {
        before: t.arg.int({ required: true, defaultValue: 5, description: 'How many before, 0 to 100.' }),
        after: t.arg.int({ required: true, defaultValue: 5, description: 'How many after, 0 to 100.' }),
      },
      resolve: (entry, count, { engine, principal }) => engine.logs.surrounding(principal, entry, count),
    }),
  }),
});

SurroundingEntries.implement({
  description: 'What stands around an entry in its log, oldest first.',
  fields: (t) => ({
    before: t.expose('before', { type: [LogEntry], description: 'Those before it.' }),
    after: t.expose('after', { type: [LogEntry], description: 'Those after it.' }),
  }),
});

builder.queryField('logEntry', (t) =>
  t.field({
    type: LogEntry,
    nullable: true,
    description: 'One entry, by its cursor: a permalink. Null when it is gone from its log, or not yours to see.',
    args: { cursor: t.arg({ type: 'Cursor', required: true, description: 'As `LogEntry.cursor` gave it.' }) },
    resolve: (_root, { cursor }, { engine, principal }) => engine.logs.entry(principal, cursor),
  }),
);
