import { LimitReachedError } from '../src/errors.ts';
import type { SourceChange } from '../src/source/change.ts';
import { builder } from './builder.ts';
import { errorTypeName } from './event.ts';
import { globalId } from './id.ts';
import { Source } from './source.ts';

const SourceAdded = builder.objectRef<SourceChange<'added'>>('SourceAdded').implement({
  description: 'There is a new log.',
  fields: (t) => ({ source: t.expose('source', { type: Source, description: 'The new log, as it is now.' }) }),
});

export const SourceStateChanged = builder.objectRef<SourceChange<'state'>>('SourceStateChanged').implement({
  description: 'A log can be read now, or no longer, or its owner changed something of it.',
  fields: (t) => ({ source: t.expose('source', { type: Source, description: 'The log, as it is now.' }) }),
});

const SourceRemoved = builder.objectRef<SourceChange<'removed'>>('SourceRemoved').implement({
  description: 'A log is gone.',
  fields: (t) => ({
    id: t.id({ description: 'Global id that the log had.', resolve: ({ source }) => globalId('Source', source.id) }),
  }),
});

const names = { added: 'SourceAdded', state: 'SourceStateChanged', removed: 'SourceRemoved' } as const;

const SourcesEvent = builder.unionType('SourcesEvent', {
  description: 'What happens to the logs that one may see.',
  types: [SourceAdded, SourceStateChanged, SourceRemoved, LimitReachedError],
  resolveType: (event) => ('kind' in event ? names[event.kind] : errorTypeName(event)),
});

builder.subscriptionField('sourcesChanged', (t) =>
  t.field({
    type: SourcesEvent,
    description: 'The logs you may see, as they come, change state and go, from now on; noticed within about a second.',
    subscribe: (_root, _args, { engine, principal }) => engine.sources.changes(principal),
    resolve: (change) => change,
  }),
);
