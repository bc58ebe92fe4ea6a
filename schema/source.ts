import type { FormatName } from '../src/format/registry.ts';
import type { SourceAccess as Access } from '../src/source/sharing.ts';
import type { SourceSegment as Segment } from '../src/source/sources.ts';
import { builder } from './builder.ts';
import { rowId } from './id.ts';
import { Role, User } from './user.ts';

const SourceKind = builder.enumType('SourceKind', {
  description: 'Where a log comes from.',
  values: {
    FILE: { description: 'A file that the configuration allows, with its rotated predecessors.' },
    UPLOAD: { description: 'A file that somebody uploaded.' },
    STREAM: { description: 'A log that applications write to.' },
  },
});

const SourceState = builder.enumType('SourceState', {
  description: 'Whether a log can be read.',
  values: {
    ACTIVE: { description: 'It can be read.' },
    WAITING: { description: 'Its file does not exist yet; it appears by itself once it does.' },
    UNREADABLE: { description: 'Its file cannot or must not be read; `stateReason` says why.' },
    UPLOADING: { description: 'Its bytes are not yet here.' },
    FAILED: { description: 'Its upload failed.' },
  },
});

export const LogFormat = builder.enumType('LogFormat', {
  description:
    'How a log is written; it decides the type of its entries. A single record that is not of its log’s format is a TextLogEntry.',
  values: {
    NGINX_ACCESS: {
      description: 'Access log of nginx, combined or common, also with times at the end: AccessLogEntry.',
    },
    NGINX_ERROR: { description: 'Error log of nginx: ErrorLogEntry.' },
    APACHE_ACCESS: {
      description:
        'Access log of Apache: common, combined or vhost_combined, also with more at the end: AccessLogEntry.',
    },
    APACHE_ERROR: { description: 'Error log of Apache, as since 2.4 or before: ErrorLogEntry.' },
    PHP_FPM: { description: 'Log of PHP-FPM, or the error_log of PHP with its stack traces: ErrorLogEntry.' },
    MYSQL_ERROR: { description: 'Error log of MySQL or MariaDB, with the dumps of InnoDB: ErrorLogEntry.' },
    MYSQL_SLOW: { description: 'Slow query log of MySQL, Percona Server or MariaDB: SlowQueryLogEntry.' },
    SYSLOG: { description: 'Files of syslog, in the form of RFC 3164, RFC 5424 or rsyslog: SyslogLogEntry.' },
    JSON_LINES: { description: 'One JSON object a line, with the names that loggers commonly use: SystemLogEntry.' },
    LOGFMT: { description: 'Pairs of names and values on a line, `level=info msg="…"`: SystemLogEntry.' },
    PYTHON: { description: 'What Python’s logging module writes in its usual layouts: SystemLogEntry.' },
    JAVA: { description: 'What Log4j, Logback and java.util.logging write in their usual layouts: SystemLogEntry.' },
    SYSTEM_LOG: { description: 'JSON lines with timestamp, level, logger and message: SystemLogEntry.' },
    AUDIT_LOG: { description: 'JSON lines with timestamp, level, message and action: AuditLogEntry.' },
    TEXT: { description: 'Lines of text, in which a time and a level are looked for: TextLogEntry.' },
    UNKNOWN: { description: 'Not configured, and the content does not tell: TextLogEntry.' },
  } satisfies Record<FormatName, object>,
});

const SourceSegment = builder.objectRef<Segment>('SourceSegment').implement({
  description: 'One file of a log.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the file, without its directory.' }),
    size: t.expose('size', { type: 'BigInt', description: 'Its size on disk, in bytes.' }),
    compressed: t.boolean({
      description: 'Whether its bytes are compressed (gzip, zstd).',
      resolve: ({ packing }) => packing !== null,
    }),
    modifiedAt: t.expose('modifiedAt', { type: 'DateTime', description: 'When it was last written.' }),
    problem: t.string({
      nullable: true,
      description:
        'Why not all of its entries can be read, in words; null when all can, as far as is known: a compressed segment is not unpacked before its entries are asked for.',
      resolve: (segment) => segment.problem(),
    }),
  }),
});

const SourceAccess = builder.objectRef<Access>('SourceAccess').implement({
  description: 'Who may read a log, besides its owner and administrators.',
  fields: (t) => ({
    roles: t.expose('roles', { type: [Role], description: 'Everybody who has one of these roles.' }),
    users: t.field({
      type: [User],
      description: 'These people; of whom the configuration names, those who have come. At most 1000.',
      resolve: ({ users }) => users,
    }),
  }),
});

export const Source = builder.prismaNode('Source', {
  description:
    'A log: a file that the configuration allows together with its rotated predecessors, an uploaded file, or a stream that applications write to. Seen by its owner, by administrators, and by those it is shared with.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique among the sources of its owner.' }),
    kind: t.expose('kind', { type: SourceKind, description: 'Where it comes from.' }),
    state: t.field({
      type: SourceState,
      description: 'Whether it can be read now.',
      resolve: async (source, _args, { engine, principal }) => (await engine.sources.state(principal, source)).state,
    }),
    stateReason: t.string({
      nullable: true,
      description: 'Why it is not ACTIVE, in words; null when it is.',
      resolve: async (source, _args, { engine, principal }) => {
        const state = await engine.sources.state(principal, source);
        return state.state === 'ACTIVE' ? null : state.reason;
      },
    }),
    format: t.field({
      type: LogFormat,
      description: 'As configured, else told from the content; UNKNOWN rather than a guess.',
      resolve: (source, _args, { engine, principal }) => engine.sources.format(principal, source),
    }),
    size: t.field({
      type: 'BigInt',
      description: 'Bytes on disk over all segments.',
      resolve: async (source, _args, { engine, principal }) => (await engine.sources.extent(principal, source)).size,
    }),
    modifiedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last written; null when nothing was yet.',
      resolve: async (source, _args, { engine, principal }) =>
        (await engine.sources.extent(principal, source)).modifiedAt,
    }),
    sharedWith: t.field({
      type: SourceAccess,
      nullable: true,
      description: 'Who besides its owner and administrators may read it. Null to those who may not change that.',
      resolve: (source, _args, { engine, principal }) => engine.owned.readers(principal, source),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the server first knew of it.' }),
    owner: t.relation('owner', {
      type: User,
      nullable: true,
      description: 'Whose it is; null for what the configuration provides.',
    }),
    segments: t.field({
      type: [SourceSegment],
      description: 'Its files, oldest first: rotated ones, then the one being written.',
      resolve: (source, _args, { engine, principal }) => engine.sources.segments(principal, source),
    }),
    timezone: t.string({
      description: 'Zone in which timestamps that name none are read; an IANA name such as `Europe/Berlin`.',
      resolve: (source, _args, { engine, principal }) => engine.sources.timezone(principal, source),
    }),
  }),
});

const SourceBy = builder.inputType('SourceBy', {
  description: 'Which source: by id or by name.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Its global id.' }),
    name: t.string({ description: 'Its whole name. Of several with one name, yours comes first.' }),
  }),
});

builder.queryFields((t) => ({
  sources: t.prismaConnection(
    {
      type: Source,
      cursor: 'id',
      description:
        'The sources you may see, in the order of their creation. Without `first` and `last`: the newest 50. At most `limits.maxPageSize` at once.',
      args: {
        kind: t.arg({ type: SourceKind, description: 'Only of this kind.' }),
        nameContains: t.arg.string({ description: 'Only those with this in their name, in any case of letters.' }),
      },
      totalCount: (_root, args, { engine, principal }) => engine.sources.count(principal, args),
      resolve: (query, _root, args, { engine, principal }) => engine.sources.list(principal, args, query),
    },
    {
      name: 'SourceConnection',
      description: 'A page of sources. `totalCount` is the number over all pages.',
    },
    { name: 'SourceEdge', description: 'A source and its place in the list.' },
  ),
  source: t.prismaField({
    type: Source,
    nullable: true,
    description: 'One source. Null when there is none, or it is not yours to see.',
    args: { by: t.arg({ type: SourceBy, required: true, description: 'Its id or its name.' }) },
    resolve: (query, _root, { by }, { engine, principal }) =>
      engine.sources.find(
        principal,
        typeof by.name === 'string' ? { name: by.name } : { id: rowId('Source', by.id ?? '') },
        query,
      ),
  }),
}));
