import { isReserved } from '../src/append/record.ts';
import type { JsonObject } from '../src/entry.ts';
import { ConflictError, ForbiddenError, InvalidInputError, LimitReachedError, NotFoundError } from '../src/errors.ts';
import type { Entry } from '../src/format/entry.ts';
import type { Source as SourceRow } from '../src/source/source.ts';
import type { Written } from '../src/source/streams.ts';
import { builder } from './builder.ts';
import { LogLevel } from './entry.ts';
import { AuditLogEntry } from './entry-type.ts';
import { rowId } from './id.ts';
import { RetentionInput, retentionOf } from './owned-source.ts';
import { LogFormat, Source } from './source.ts';

const CreateStreamInput = builder.inputType('CreateStreamInput', {
  description: 'What stream to make.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'Its name: 1 to 100 characters, and no other source of yours has it.',
    }),
    format: t.field({
      type: LogFormat,
      required: true,
      defaultValue: 'SYSTEM_LOG',
      description: 'SYSTEM_LOG, what applications log for developers, or AUDIT_LOG, for whoever has to account for it.',
    }),
    retention: t.field({ type: RetentionInput, description: 'What of it is kept; left out: everything.' }),
  }),
});

const CreateStreamPayload = builder.objectRef<{ source: SourceRow }>('CreateStreamPayload').implement({
  description: 'The new stream.',
  fields: (t) => ({ source: t.expose('source', { type: Source, description: 'The source, which is empty.' }) }),
});

const ClearSourcePayload = builder.objectRef<{ source: SourceRow }>('ClearSourcePayload').implement({
  description: 'The stream that was emptied.',
  fields: (t) => ({ source: t.expose('source', { type: Source, description: 'The source as it is now.' }) }),
});

const idempotencyKey =
  'Any text of 1 to 200 characters, a new one for each call: when the answer was lost, the call can be made again with the same key within 24 hours, also after a restart of the server, and has its effect once.';

const WriteLogEntryInput = builder.inputType('WriteLogEntryInput', {
  description: 'A record, as an application logs it for its developers.',
  fields: (t) => ({
    timestamp: t.field({ type: 'DateTime', description: 'When it happened; left out: when it is written.' }),
    level: t.field({ type: LogLevel, required: true, defaultValue: 'INFO', description: 'How severe it is.' }),
    logger: t.string({ description: 'The part of the program that speaks; left out: `root`.' }),
    message: t.string({ required: true, description: 'What a person reads.' }),
    module: t.string({ description: 'In which file of the program.' }),
    function: t.string({ description: 'In which function.' }),
    line: t.int({ description: 'On which line.' }),
    fields: t.field({
      type: 'JSON',
      description: 'Anything else: an object, whose names stand beside the others, and may be none of them.',
    }),
  }),
});

const WriteLogsInput = builder.inputType('WriteLogsInput', {
  description: 'Records to be written together.',
  fields: (t) => ({
    source: t.id({ required: true, description: 'Global id of a stream of system records.' }),
    entries: t.field({
      type: [WriteLogEntryInput],
      required: true,
      description: 'One to `limits.maxBatchWrite`; they are written in this order, all or none.',
    }),
    idempotencyKey: t.string({ description: idempotencyKey }),
  }),
});

const RecordAuditEventInput = builder.inputType('RecordAuditEventInput', {
  description: 'What is to be put down in an audit trail.',
  fields: (t) => ({
    source: t.id({ required: true, description: 'Global id of a stream of audit records.' }),
    action: t.string({
      required: true,
      description:
        'What was done: `instance_spawn`, `instance_terminate`, `message_sent`, `message_received`, `state_change`, `error`, `timeout`, or another word of yours.',
    }),
    level: t.field({ type: LogLevel, required: true, defaultValue: 'INFO', description: 'How severe it is.' }),
    logger: t.string({ description: 'The part of the program that speaks; left out: `root`.' }),
    message: t.string({ description: 'What a person reads; left out: the action.' }),
    metadata: t.field({ type: 'JSON', description: 'Who, what and where, as names and values.' }),
    idempotencyKey: t.string({ description: idempotencyKey }),
  }),
});

const WriteLogsPayload = builder.objectRef<Written>('WriteLogsPayload').implement({
  description: 'What was written, now or under the same key before.',
  fields: (t) => ({
    written: t.int({ description: 'How many records.', resolve: ({ count }) => count }),
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The place after them: a tail goes on there.' }),
  }),
});

const RecordAuditEventPayload = builder.objectRef<{ entry: Entry }>('RecordAuditEventPayload').implement({
  description: 'What was put down, now or under the same key before.',
  fields: (t) => ({ entry: t.expose('entry', { type: AuditLogEntry, description: 'The entry as it stands there.' }) }),
});

/** A record with what is beside its known names among them. */
function recordOf({ fields, timestamp, ...entry }: typeof WriteLogEntryInput.$inferInput, index: number): JsonObject {
  const others = fields ?? {};
  const path = ['entries', `${index}`, 'fields'];
  if (typeof others !== 'object' || Array.isArray(others)) {
    throw new InvalidInputError([{ path, message: '"fields" is an object.', code: 'NOT_AN_OBJECT' }]);
  }
  const name = Object.keys(others).find(isReserved);
  if (name !== undefined) {
    const message = `"${name}" is a name of its own; give it beside "fields".`;
    throw new InvalidInputError([{ path: [...path, name], message, code: 'RESERVED_NAME' }]);
  }
  return { ...withoutUndefined({ timestamp: timestamp?.toISOString(), ...entry }), ...others };
}

const withoutUndefined = (record: { [key: string]: JsonObject[string] | undefined }): JsonObject =>
  Object.fromEntries(Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

builder.mutationFields((t) => ({
  createStream: t.field({
    type: CreateStreamPayload,
    errors: {
      types: [InvalidInputError, ConflictError, LimitReachedError],
      union: { name: 'CreateStreamResult', description: 'The stream, or why there is none.' },
    },
    description:
      'Makes a log that applications write to. With the scope SOURCES_WRITE. It is yours, and nobody else sees it but administrators, until you share it.',
    args: {
      input: t.arg({ type: CreateStreamInput, required: true, description: 'Its name, and what of it is kept.' }),
    },
    resolve: async (_root, { input: { name, format, retention } }, { engine, principal }) => ({
      source: await engine.streams.create(principal, { name, format, retention: retentionOf(retention ?? {}) }),
    }),
  }),
  clearSource: t.field({
    type: ClearSourcePayload,
    errors: {
      types: [NotFoundError, ConflictError, ForbiddenError],
      union: { name: 'ClearSourceResult', description: 'The stream that was emptied, or why it was not.' },
    },
    description:
      'Empties a stream; it goes on with what is written from then on. For its owner and administrators; with the scope SOURCES_WRITE. It cannot be undone. Who reads it is told by a `LogGap` of the reason CLEARED.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the stream.' }) },
    resolve: async (_root, { id }, { engine, principal }) => ({
      source: await engine.owned.clear(principal, rowId('Source', id)),
    }),
  }),
  writeLogs: t.field({
    type: WriteLogsPayload,
    errors: {
      types: [NotFoundError, InvalidInputError, ConflictError, LimitReachedError],
      union: { name: 'WriteLogsResult', description: 'What was written, or why nothing was.' },
    },
    description:
      'Writes records to a stream. When it answers, they are on the disk. For its owner and administrators; with the scope LOGS_WRITE. For very many there is `POST /streams/NAME`, which takes JSON lines.',
    args: { input: t.arg({ type: WriteLogsInput, required: true, description: 'Where, and what to write.' }) },
    resolve: (_root, { input: { source, entries, idempotencyKey: key } }, { engine, principal }) =>
      engine.streams.write(principal, rowId('Source', source), 'SYSTEM_LOG', {
        records: entries.map(recordOf),
        key: key ?? null,
        path: ['entries'],
      }),
  }),
  recordAuditEvent: t.field({
    type: RecordAuditEventPayload,
    errors: {
      types: [NotFoundError, InvalidInputError, ConflictError, LimitReachedError],
      union: { name: 'RecordAuditEventResult', description: 'What was put down, or why nothing was.' },
    },
    description:
      'Puts an event down in an audit trail. When it answers, it is on the disk. For its owner and administrators; with the scope LOGS_WRITE.',
    args: { input: t.arg({ type: RecordAuditEventInput, required: true, description: 'Where, and what happened.' }) },
    resolve: async (_root, { input: { source, idempotencyKey: key, ...event } }, { engine, principal }) => {
      const id = rowId('Source', source);
      const request = { records: [withoutUndefined(event)], key: key ?? null, path: ['input'] };
      const { position } = await engine.streams.write(principal, id, 'AUDIT_LOG', request);
      return { entry: await engine.streams.entryBefore(principal, id, position) };
    },
  }),
}));
