import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import { DomainError } from '../src/errors.ts';

const pluginName = 'denial';
export default pluginName;

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      denial: DenialPlugin<Types>;
    }
    export interface SchemaBuilderOptions<Types extends SchemaTypes> {
      denial: { record: (context: Types['Context'], field: string, error: Error) => void };
    }
  }
}

const denials = new Set(['UNAUTHENTICATED', 'FORBIDDEN']);

/**
 * Has it recorded when somebody asks for what they may not have, wherever the field is defined. Only of operations'
 * own fields: they decide who may, and entries have many fields.
 */
class DenialPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { parentType, name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    // Of a page of which only the number is asked for, the Prisma plugin asks nothing else.
    const decides = parentType === 'Query' || parentType === 'Mutation' || name === 'totalCount';
    return decides ? this.#recorded(resolver, `${parentType}.${name}`) : resolver;
  }

  override wrapSubscribe(
    subscriber: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    { name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> | undefined {
    return subscriber && this.#recorded(subscriber, `Subscription.${name}`);
  }

  #recorded(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: string,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const { record } = this.builder.options.denial;
    return async (parent, args, context, info) => {
      try {
        return await resolver(parent, args, context, info);
      } catch (error) {
        if (error instanceof DomainError && denials.has(error.code)) record(context, field, error);
        throw error;
      }
    };
  }
}

SchemaBuilder.registerPlugin(pluginName, DenialPlugin);
