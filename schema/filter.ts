import { checkFilter, type FilterCheck } from '../src/filter/check.ts';
import type { FieldInput, FilterInput } from '../src/filter/input.ts';
import { builder } from './builder.ts';
import { LogLevel } from './entry.ts';
import { InputProblemType } from './error.ts';

/** LogFilter as a request has it. */
export interface LogFilterShape extends Omit<FilterInput, 'from' | 'to' | 'and' | 'or' | 'not'> {
  from?: Date | null | undefined;
  to?: Date | null | undefined;
  and?: LogFilterShape[] | null | undefined;
  or?: LogFilterShape[] | null | undefined;
  not?: LogFilterShape | null | undefined;
}

/** As the engine takes it. */
export const filterInput = ({ from, to, and, or, not, ...rest }: LogFilterShape): FilterInput => ({
  ...rest,
  from: from?.getTime(),
  to: to?.getTime(),
  and: and?.map(filterInput),
  or: or?.map(filterInput),
  not: not ? filterInput(not) : null,
});

const FieldFilter = builder.inputRef<FieldInput, false>('FieldFilter').implement({
  description:
    'What one field of an entry has to fulfil: everything given must hold, null is no condition. Of a list, one item has to fulfil each of them; an object fulfils `exists` only. An entry without the field fulfils only `neq` and `exists: false`.',
  fields: (t) => ({
    path: t.string({
      required: true,
      description:
        'Its name among `LogEntry.fields`; names of nested fields separated by dots. `message` and `level` work as well. Which fields there are depends on the format and on the record, so none is refused.',
    }),
    eq: t.field({
      type: 'JSON',
      description:
        'It is this text, number, true or false. Texts are compared letter by letter; a number also equals a text that is this number, and true and false equal the words.',
    }),
    neq: t.field({ type: 'JSON', description: 'It is not this, or not there.' }),
    in: t.field({ type: ['JSON'], description: 'It is one of these. An empty list matches nothing.' }),
    contains: t.string({
      description: 'This stands in it, in any case of letters. A number counts as a whole: `12` is not in 1234.',
    }),
    gt: t.float({ description: 'It is greater; only a number, or text that is one, can be.' }),
    gte: t.float({ description: 'It is greater or the same; only a number, or text that is one, can be.' }),
    lt: t.float({ description: 'It is less; only a number, or text that is one, can be.' }),
    lte: t.float({ description: 'It is less or the same; only a number, or text that is one, can be.' }),
    exists: t.boolean({ description: 'Whether it is there, and not null.' }),
  }),
});

/** One filter for everything that reads logs; `filterInput` maps it. */
export const LogFilter = builder.inputRef<LogFilterShape, false>('LogFilter');

LogFilter.implement({
  description:
    'Which entries: everything given must hold. Absent or null is no condition, an empty list matches nothing, and an empty filter matches everything. At most 30 levels of filters and parentheses in each other, 200 conditions, and 10,000 characters in the form of a search (`limits.maxFilterConditions` and `maxFilterLength` of the configuration). A wrong filter is refused with all its problems; `Query.checkLogFilter` tells them without searching.',
  fields: (t) => ({
    query: t.string({
      description:
        'The same as text, for a search box: `timeout status>=500 path:/api -healthz level:error "exact phrase" /regex/`. Words must all be there; `OR`, `-` and parentheses combine; `:` finds a part of a field and `=` the whole. The file docs/search.md has all of it.',
    }),
    contains: t.string({
      description:
        'This stands in the record as written. In any case of letters unless `caseSensitive`; at most 1000 characters.',
    }),
    caseSensitive: t.boolean({
      description: 'Whether `contains` means upper and lower case as given; false if absent.',
    }),
    matches: t.string({
      description:
        'A regular expression finds something in the record as written. Syntax of RE2, in linear time: back-references and look-around are refused. `.` is any character but a newline, `^` and `$` are the ends of each line of the record, and `(?i)` at the beginning ignores case. At most 1000 characters, and 150 steps when compiled.',
    }),
    minLevel: t.field({
      type: LogLevel,
      description: 'This level or a more severe one; leaves UNKNOWN out, unless it is UNKNOWN itself.',
    }),
    levels: t.field({ type: [LogLevel], description: 'One of these levels. An empty list matches nothing.' }),
    from: t.field({
      type: 'DateTime',
      description:
        'From then on, inclusive. An entry without a time has that of the last entry before it that says one, if that begins at most 1 MiB before it.',
    }),
    to: t.field({
      type: 'DateTime',
      description:
        'Until then, exclusive. An entry without a time has that of the last entry before it that says one, if that begins at most 1 MiB before it.',
    }),
    loggers: t.stringList({ description: 'Its logger is one of these. An empty list matches nothing.' }),
    actions: t.stringList({ description: 'Its action is one of these. An empty list matches nothing.' }),
    fields: t.field({ type: [FieldFilter], description: 'All of these hold. An empty list matches nothing.' }),
    and: t.field({ type: [LogFilter], description: 'All of these hold. An empty list matches nothing.' }),
    or: t.field({ type: [LogFilter], description: 'At least one of these holds. An empty list matches nothing.' }),
    not: t.field({ type: LogFilter, description: 'This does not hold.' }),
  }),
});

const LogFilterCheck = builder.objectRef<FilterCheck>('LogFilterCheck').implement({
  description: 'What was understood of a filter, or what is wrong with it; never an error itself.',
  fields: (t) => ({
    problems: t.expose('problems', {
      type: [InputProblemType],
      description: 'Everything that is wrong with it, with the place in the text; empty when it can be used.',
    }),
    normalized: t.exposeString('normalized', {
      nullable: true,
      description: 'The whole filter as the text of one search; null when there are problems.',
    }),
    asJson: t.expose('asJson', {
      type: 'JSON',
      nullable: true,
      description:
        'The whole filter as a LogFilter without `query`, one part a condition; null when there are problems.',
    }),
  }),
});

builder.queryField('checkLogFilter', (t) =>
  t.field({
    type: LogFilterCheck,
    description:
      'Reads a filter without searching: while somebody types, and to turn a search into its parts and back. For everyone who may read logs.',
    args: { filter: t.arg({ type: LogFilter, required: true, description: 'The filter to look at.' }) },
    resolve: (_root, { filter }, { engine, principal }) =>
      checkFilter(principal, filterInput(filter), engine.config.limits),
  }),
);
