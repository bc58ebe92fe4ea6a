import type { Analysis as AnalysisRow } from '../src/analysis/runs.ts';
import { ConflictError, ForbiddenError, InvalidInputError, LimitReachedError, NotFoundError } from '../src/errors.ts';
import type { Source as SourceRow } from '../src/source/source.ts';
import { Analysis } from './analysis.ts';
import { builder } from './builder.ts';
import { asData, errorTypeName } from './event.ts';
import { filterInput, LogFilter } from './filter.ts';
import { rowId } from './id.ts';
import { Source } from './source.ts';

builder.prismaObjectFields(Source, (t) => ({
  activeAnalysis: t.prismaField({
    type: Analysis,
    nullable: true,
    description: 'The analysis that is queued or running; there is at most one. Null when there is none.',
    resolve: (query, source, _args, { engine, principal }) => engine.analyses.active(principal, source, query),
  }),
  analyses: t.relatedConnection(
    'analyses',
    {
      cursor: 'id',
      type: Analysis,
      description:
        'Its analyses, in the order in which they were asked for. Without `first` and `last`: the newest 50. At most `limits.maxPageSize` at once.',
      query: { orderBy: { id: 'asc' } },
    },
    { name: 'SourceAnalysesConnection', description: 'A page of analyses, oldest first.' },
    { name: 'SourceAnalysesEdge', description: 'An analysis and its place in the list.' },
  ),
}));

builder.queryField('analysis', (t) =>
  t.prismaField({
    type: Analysis,
    nullable: true,
    description: 'One analysis. Null when there is none, or its source is not yours to see.',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    resolve: (query, _root, { id }, { engine, principal }) =>
      engine.analyses.find(principal, rowId('Analysis', id), query),
  }),
);

const StartAnalysisInput = builder.inputType('StartAnalysisInput', {
  description: 'What to analyse.',
  fields: (t) => ({
    source: t.id({ required: true, description: 'Global id of the log.' }),
    filter: t.field({ type: LogFilter, description: 'Only entries that fulfil this; left out: all.' }),
  }),
});

const StartAnalysisPayload = builder
  .objectRef<{ analysis: AnalysisRow; created: boolean }>('StartAnalysisPayload')
  .implement({
    description: 'The analysis of a log that is queued or running.',
    fields: (t) => ({
      analysis: t.expose('analysis', { type: Analysis, description: 'The analysis, as it is now.' }),
      created: t.exposeBoolean('created', {
        description:
          'Whether it was made by this call; false when one was queued or running already, whatever its filter.',
      }),
    }),
  });

const CancelAnalysisPayload = builder.objectRef<{ analysis: AnalysisRow }>('CancelAnalysisPayload').implement({
  description: 'The analysis that was canceled.',
  fields: (t) => ({ analysis: t.expose('analysis', { type: Analysis, description: 'The analysis, as it is now.' }) }),
});

const DeleteAnalysisPayload = builder
  .objectRef<{ deletedId: string; source: SourceRow }>('DeleteAnalysisPayload')
  .implement({
    description: 'Which analysis was deleted.',
    fields: (t) => ({
      deletedId: t.exposeID('deletedId', { description: 'Global id that it had.' }),
      source: t.expose('source', { type: Source, description: 'The log that it was of.' }),
    }),
  });

builder.mutationFields((t) => ({
  startAnalysis: t.field({
    type: StartAnalysisPayload,
    errors: {
      types: [NotFoundError, InvalidInputError, ConflictError, LimitReachedError],
      union: { name: 'StartAnalysisResult', description: 'The analysis, or why there is none.' },
    },
    description:
      'Has a log analysed: what it consists of, what fails, and what is unusual. It answers at once; follow the work with `analysisProgressed`. For whoever may see the source; with the scope ANALYSES_WRITE. There is at most one at a time for each source, so it can be called again.',
    args: { input: t.arg({ type: StartAnalysisInput, required: true, description: 'Which log, and what of it.' }) },
    resolve: (_root, { input: { source, filter } }, { engine, principal }) =>
      engine.analyses.start(principal, rowId('Source', source), filter ? filterInput(filter) : null),
  }),
  cancelAnalysis: t.field({
    type: CancelAnalysisPayload,
    errors: {
      types: [NotFoundError, ConflictError, ForbiddenError],
      union: { name: 'CancelAnalysisResult', description: 'The analysis, or why it was not canceled.' },
    },
    description:
      'Cancels an analysis that is queued or running. For whoever started it, the owner of its source, and administrators; with the scope ANALYSES_WRITE. The work stops within a second.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the analysis.' }) },
    resolve: async (_root, { id }, { engine, principal }) => ({
      analysis: await engine.analyses.cancel(principal, rowId('Analysis', id)),
    }),
  }),
  deleteAnalysis: t.field({
    type: DeleteAnalysisPayload,
    errors: {
      types: [NotFoundError, ConflictError, ForbiddenError],
      union: { name: 'DeleteAnalysisResult', description: 'Which analysis was deleted, or why it was not.' },
    },
    description:
      'Deletes an analysis that is over, with its report. For whoever started it, the owner of its source, and administrators; with the scope ANALYSES_WRITE. It cannot be undone.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the analysis.' }) },
    resolve: async (_root, { id }, { engine, principal }) => ({
      deletedId: id,
      source: await engine.analyses.delete(principal, rowId('Analysis', id)),
    }),
  }),
}));

const AnalysisEvent = builder.unionType('AnalysisEvent', {
  description: 'An analysis as it is now; or that it is not there any more.',
  types: [Analysis, NotFoundError, LimitReachedError],
  resolveType: (event) => errorTypeName(event) ?? 'Analysis',
});

builder.subscriptionField('analysisProgressed', (t) =>
  t.field({
    type: AnalysisEvent,
    description:
      'An analysis as it is now, then whenever it has changed, at most every 250 ms; it completes when the analysis is over. NotFoundError, as the last event, when there is none, or it is deleted or no longer yours to see.',
    args: { id: t.arg.id({ required: true, description: 'Global id of the analysis.' }) },
    subscribe: (_root, { id }, { engine, principal }) => engine.analyses.follow(principal, rowId('Analysis', id)),
    resolve: (event) => asData(event),
  }),
);
