import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
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
  first?: number | null;
  last?: number | null;
}

/** Arguments of a page, checked: exactly one of `first` and `last` is there. */
export function checkPage<Arguments extends PageArguments>(args: Arguments, maxPageSize: number): Arguments {
  const problems = (['first', 'last'] as const).flatMap((name) => problemOf(name, args[name], maxPageSize));
  if (typeof args.first === 'number' && typeof args.last === 'number') {
    const message = 'Pass either "first" (from the beginning) or "last" (from the end), not both.';
    problems.push({ path: ['last'], message, code: 'EXCLUSIVE' });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  if (typeof args.first === 'number' || typeof args.last === 'number') return args;
  return { ...args, last: Math.min(defaultPageSize, maxPageSize) };
}

function problemOf(name: string, size: number | null | undefined, maxPageSize: number): InputProblem[] {
  if (typeof size !== 'number' || (size >= 0 && size <= maxPageSize)) return [];
  const code = size < 0 ? 'NEGATIVE' : 'TOO_LARGE';
  return [
    { path: [name], message: `"${name}" must be from 0 to ${maxPageSize}, not ${size}; fetch more in pages.`, code },
  ];
}

/** Checks the page arguments of every connection, wherever it is defined: the newest page when none is asked for. */
class PagePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (!('first' in field.args && 'last' in field.args)) return resolver;
    const { maxPageSize } = this.builder.options.page;
    return (parent, args, context, info) => resolver(parent, checkPage(args, maxPageSize(context)), context, info);
  }
}

SchemaBuilder.registerPlugin(pluginName, PagePlugin);
