import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { type InputProblem, InvalidInputError } from '../src/errors.ts';

const pluginName = 'page';
export default pluginName;

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      page: PagePlugin<Types>;
    }
    export interface SchemaBuilderOptions<Types extends SchemaTypes> {
      page: { maxPageSize: (context: Types['Context']) => number };
    }
  }
}

/** Entries of a page for which no size is asked. */
const defaultPageSize = 50;

interface PageArguments {
  first?: number | null | undefined;
  last?: number | null | undefined;
  after?: string | null | undefined;
  before?: string | null | undefined;
}

/** Whose the cursors of a connection are: those of @pothos/plugin-prisma, or the engine's, which checks them itself. */
type CursorKind = 'row' | 'own';

/** For the `extensions` of a connection whose cursors are texts of the engine. */
export const ownCursors = { cursors: 'own' };

/** The same, where a page for which no size is asked is the first one: of lists of which the beginning matters. */
export const firstByDefault = { ...ownCursors, whenNone: 'first' } as const;

/** The size of a page, once it was checked that there is one. */
export const takeOf = ({ first, last }: PageArguments): { first: number } | { last: number } =>
  typeof first === 'number' ? { first } : { last: last ?? 0 };

/** Arguments of a page, checked: exactly one of `first` and `last` is there. */
function checkPage<Arguments extends PageArguments>(
  args: Arguments,
  { kind, whenNone }: { kind: CursorKind; whenNone: 'first' | 'last' },
  maxPageSize: number,
): Arguments {
  const problems = (['first', 'last'] as const).flatMap((name) => problemOf(name, args[name], maxPageSize));
  if (typeof args.first === 'number' && typeof args.last === 'number') {
    const message = 'Pass either "first" (from the beginning) or "last" (from the end), not both.';
    problems.push({ path: ['last'], message, code: 'EXCLUSIVE' });
  }
  if (kind === 'row') problems.push(...(['after', 'before'] as const).flatMap((name) => rowProblem(name, args[name])));
  if (problems.length > 0) throw new InvalidInputError(problems);
  if (typeof args.first === 'number' || typeof args.last === 'number') return args;
  return { ...args, [whenNone]: Math.min(defaultPageSize, maxPageSize) };
}

function problemOf(name: string, size: number | null | undefined, maxPageSize: number): InputProblem[] {
  if (typeof size !== 'number' || (size >= 0 && size <= maxPageSize)) return [];
  const code = size < 0 ? 'NEGATIVE' : 'TOO_LARGE';
  return [
    { path: [name], message: `"${name}" must be from 0 to ${maxPageSize}, not ${size}; fetch more in pages.`, code },
  ];
}

function cursorKind({ parentType, fieldName }: GraphQLResolveInfo): CursorKind {
  const field = parentType.getFields()[fieldName];
  const after = field?.args.find(({ name }) => name === 'after');
  return String(after?.type) === 'Cursor' || field?.extensions.cursors === ownCursors.cursors ? 'own' : 'row';
}

/** As @pothos/plugin-prisma writes them. It accepts more, which the database then refuses. */
function rowProblem(name: string, cursor: string | null | undefined): InputProblem[] {
  if (typeof cursor !== 'string' || /^GPC:S:[^\0]+$/.test(Buffer.from(cursor, 'base64').toString())) return [];
  const message = 'This is not a cursor of this list; pass a cursor as you received it.';
  return [{ path: [name], message, code: 'CURSOR_DAMAGED' }];
}

/** Checks the page arguments of every connection, wherever it is defined: when none is asked for the newest page, or the first. */
class PagePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  /** The Prisma plugin adds `totalCount` to connections, and cannot be told its description. */
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const description = field.description ?? 'How many there are over all pages.';
    return field.name === 'totalCount' ? { ...field, description } : field;
  }

  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (!('first' in field.args && 'last' in field.args)) return resolver;
    const { maxPageSize } = this.builder.options.page;
    const whenNone = field.extensions?.whenNone === firstByDefault.whenNone ? 'first' : 'last';
    return (parent, args, context, info) =>
      resolver(parent, checkPage(args, { kind: cursorKind(info), whenNone }, maxPageSize(context)), context, info);
  }
}

SchemaBuilder.registerPlugin(pluginName, PagePlugin);
