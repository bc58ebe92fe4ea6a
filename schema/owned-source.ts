import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../src/errors.ts';
import type { Source as SourceRow } from '../src/source/source.ts';
import type { Retention, SourceUpdate } from '../src/source/update.ts';
import { builder } from './builder.ts';
import { globalId, rowId } from './id.ts';
import { LogFormat, Source } from './source.ts';
import { Role } from './user.ts';

const SourceAccessInput = builder.inputType('SourceAccessInput', {
  description: 'Who may read a log besides its owner and administrators; all others may not any longer.',
  fields: (t) => ({
    roles: t.field({
      type: [Role],
      required: true,
      defaultValue: [],
      description: 'Everybody who has one of these roles.',
    }),
    users: t.idList({ required: true, defaultValue: [], description: 'Global ids of people; at most 1000.' }),
  }),
});

export const RetentionInput = builder.inputType('RetentionInput', {
  description: 'How long, and how much of a stream is kept. What is older, or too much, goes a segment at a time.',
  fields: (t) => ({
    maxAgeDays: t.int({ description: 'Days after which entries may go, 1 to 36500; left out: never.' }),
    maxBytes: t.field({
      type: 'BigInt',
      description: 'Bytes on disk beyond which the oldest go, at least 1 MiB; left out: no limit.',
    }),
  }),
});

/** What such an input says. */
export const retentionOf = ({ maxAgeDays, maxBytes }: typeof RetentionInput.$inferInput): Retention => ({
  maxAgeDays: maxAgeDays ?? null,
  maxBytes: maxBytes ?? null,
});

const UpdateSourceInput = builder.inputType('UpdateSourceInput', {
  description: 'What is to be changed of a source; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its global id.' }),
    name: t.string({ description: 'Its name: 1 to 100 characters, and no other source of its owner has it.' }),
    format: t.field({
      type: LogFormat,
      description: 'How it is written; UNKNOWN or null: as the content tells. That of a stream stays.',
    }),
    timezone: t.string({
      description: 'Zone of timestamps that name none, such as `Europe/Berlin`; null: that of the server.',
    }),
    sharedWith: t.field({ type: SourceAccessInput, description: 'Who else may read it; null: nobody.' }),
    retention: t.field({ type: RetentionInput, description: 'What of a stream is kept; null: everything.' }),
  }),
});

function updateOf(input: typeof UpdateSourceInput.$inferInput): SourceUpdate {
  const { name, format, timezone, sharedWith, retention } = input;
  return {
    ...(typeof name === 'string' && { name }),
    ...(format !== undefined && { format: format === 'UNKNOWN' ? null : format }),
    ...(timezone !== undefined && { timezone }),
    ...(sharedWith !== undefined && {
      sharedWith: { roles: sharedWith?.roles ?? [], userIds: (sharedWith?.users ?? []).map((id) => rowId('User', id)) },
    }),
    ...(retention !== undefined && { retention: retentionOf(retention ?? {}) }),
  };
}

const UpdateSourcePayload = builder.objectRef<{ source: SourceRow }>('UpdateSourcePayload').implement({
  description: 'The source after the change.',
  fields: (t) => ({ source: t.expose('source', { type: Source, description: 'The source as it is now.' }) }),
});

const DeleteSourcePayload = builder.objectRef<{ source: SourceRow }>('DeleteSourcePayload').implement({
  description: 'Which source was deleted.',
  fields: (t) => ({
    deletedId: t.id({
      description: 'Global id that it had.',
      resolve: ({ source }) => globalId('Source', source.id),
    }),
    source: t.expose('source', { type: Source, description: 'The source as it was; of its text nothing is left.' }),
  }),
});

builder.mutationFields((t) => ({
  updateSource: t.field({
    type: UpdateSourcePayload,
    errors: {
      types: [NotFoundError, InvalidInputError, ConflictError, ForbiddenError],
      union: { name: 'UpdateSourceResult', description: 'The source, or why it was not changed.' },
    },
    description:
      'Changes an upload or a stream. For its owner and administrators; with the scope SOURCES_WRITE. Whoever may not read it any longer loses what they have open on it at once.',
    args: { input: t.arg({ type: UpdateSourceInput, required: true, description: 'Which one, and what to change.' }) },
    resolve: async (_root, { input }, { engine, principal }) => ({
      source: await engine.owned.update(principal, rowId('Source', input.id), updateOf(input)),
    }),
  }),
  deleteSource: t.field({
    type: DeleteSourcePayload,
    errors: {
      types: [NotFoundError, ConflictError, ForbiddenError],
      union: { name: 'DeleteSourceResult', description: 'What was deleted, or why nothing was.' },
    },
    description:
      'Deletes an upload or a stream, with its bytes. For its owner and administrators; with the scope SOURCES_WRITE. It cannot be undone.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the source.' }) },
    resolve: async (_root, { id }, { engine, principal }) => ({
      source: await engine.owned.delete(principal, rowId('Source', id)),
    }),
  }),
}));
