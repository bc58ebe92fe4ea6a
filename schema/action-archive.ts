import type { ActionArchive as ArchiveRow } from '../src/action/archive.ts';
import { ForbiddenError, InvalidInputError, LimitReachedError, NotFoundError } from '../src/errors.ts';
import { builder } from './builder.ts';
import { DownloadLink } from './download.ts';
import { rowId } from './id.ts';

export const ActionArchive = builder.prismaNode('ActionArchive', {
  description:
    'Actions in a file, kept longer than the log: gzipped JSON lines, one action a line, as `POST /actions` takes them. One is made each day, and before anything is removed.',
  id: { field: 'id' },
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'When the earliest of them happened.' }),
    to: t.expose('to', { type: 'DateTime', description: 'When the latest of them happened.' }),
    count: t.expose('count', { type: 'BigInt', description: 'How many there are.' }),
    size: t.expose('size', { type: 'BigInt', description: 'Bytes of the file, compressed.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    download: t.field({
      type: DownloadLink,
      nullable: true,
      description: 'A signed, short-lived link to the file.',
      resolve: async ({ id }, _args, { engine, principal, baseUrl }) => {
        const { token, expiresAt } = await engine.access.createDownloadLink(principal, { archiveId: id });
        return { url: `${baseUrl}/download?token=${token}`, expiresAt };
      },
    }),
  }),
});

builder.queryField('actionArchives', (t) =>
  t.prismaConnection(
    {
      type: ActionArchive,
      cursor: 'id',
      description:
        'The archives of the action log, in the order of their creation. Without `first` and `last`: the newest 50. At most `limits.maxPageSize` at once.',
      resolve: (query, _root, _args, { engine, principal }) => engine.actions.upkeep.list(principal, query),
    },
    { name: 'ActionArchiveConnection', description: 'A page of archives, oldest first.' },
    { name: 'ActionArchiveEdge', description: 'An archive and its place in the list.' },
  ),
);

const ClearActionsInput = builder.inputType('ClearActionsInput', {
  description: 'What is to be removed from the action log.',
  fields: (t) => ({
    before: t.field({ type: 'DateTime', required: true, description: 'Whatever was recorded before this time.' }),
    archive: t.boolean({
      required: true,
      defaultValue: true,
      description: 'Whether what is in no archive yet is archived first. If not, it is gone for ever.',
    }),
  }),
});

const ClearActionsPayload = builder
  .objectRef<{ cleared: number; archive: ArchiveRow | null }>('ClearActionsPayload')
  .implement({
    description: 'What was removed from the action log.',
    fields: (t) => ({
      cleared: t.expose('cleared', { type: 'BigInt', description: 'How many actions were removed.' }),
      archive: t.expose('archive', {
        type: ActionArchive,
        nullable: true,
        description: 'Those of them that were in no archive before; null when there are none, or none was to be made.',
      }),
    }),
  });

const ArchiveActionsPayload = builder.objectRef<{ archive: ArchiveRow | null }>('ArchiveActionsPayload').implement({
  description: 'What was archived of the action log.',
  fields: (t) => ({
    archive: t.expose('archive', {
      type: ActionArchive,
      nullable: true,
      description: 'The new archive; null when everything was in one already.',
    }),
  }),
});

const DeleteActionArchivePayload = builder.objectRef<{ id: string }>('DeleteActionArchivePayload').implement({
  description: 'Which archive was deleted.',
  fields: (t) => ({ deletedId: t.exposeID('id', { description: 'The global id that it had.' }) }),
});

builder.mutationFields((t) => ({
  clearActions: t.field({
    type: ClearActionsPayload,
    errors: {
      types: [InvalidInputError, ForbiddenError, LimitReachedError],
      union: { name: 'ClearActionsResult', description: 'What was removed, or why nothing was.' },
    },
    description:
      'Removes actions from the log and from its statistics. Irreversible, but for what is archived; recorded in the audit log. For administrators. It answers when everything is removed, after some seconds for each million; whoever follows the log gets an ActionGap instead.',
    args: { input: t.arg({ type: ClearActionsInput, required: true, description: 'What is to be removed.' }) },
    resolve: (_root, { input }, { engine, principal }) => engine.actions.upkeep.clear(principal, input),
  }),
  archiveActions: t.field({
    type: ArchiveActionsPayload,
    errors: {
      types: [InvalidInputError, ForbiddenError, LimitReachedError],
      union: { name: 'ArchiveActionsResult', description: 'What was archived, or why nothing was.' },
    },
    description:
      'Archives what was recorded before a time and is in no archive yet; it stays in the log. For administrators, and recorded in the audit log.',
    args: {
      before: t.arg({ type: 'DateTime', required: true, description: 'Whatever was recorded before this time.' }),
    },
    resolve: async (_root, { before }, { engine, principal }) => ({
      archive: await engine.actions.upkeep.archive(principal, before),
    }),
  }),
  deleteActionArchive: t.field({
    type: DeleteActionArchivePayload,
    errors: {
      types: [NotFoundError, ForbiddenError],
      union: { name: 'DeleteActionArchiveResult', description: 'What was deleted, or why nothing was.' },
    },
    description: 'Deletes an archive and its file. Irreversible; for administrators, and recorded in the audit log.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the archive.' }) },
    resolve: async (_root, { id }, { engine, principal }) => {
      await engine.actions.upkeep.delete(principal, rowId('ActionArchive', id));
      return { id };
    },
  }),
}));
