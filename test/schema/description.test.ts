import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../schema/index.ts';

interface Described {
  coordinate: string;
  description: string | null | undefined;
}

/** What GraphQL itself defines is described there. */
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

/** A type and everything in it, by schema coordinate (https://spec.graphql.org/draft/#sec-Schema-Coordinates). */
function* everythingOf(type: GraphQLNamedType): Generator<Described> {
  yield { coordinate: type.name, description: type.description };
  if (isEnumType(type)) {
    for (const { name, description } of type.getValues()) yield { coordinate: `${type.name}.${name}`, description };
  } else if (isInputObjectType(type)) {
    for (const { name, description } of Object.values(type.getFields())) {
      yield { coordinate: `${type.name}.${name}`, description };
    }
  } else if (isObjectType(type) || isInterfaceType(type)) {
    for (const { name, description, args } of Object.values(type.getFields())) {
      yield { coordinate: `${type.name}.${name}`, description };
      for (const arg of args) {
        yield { coordinate: `${type.name}.${name}(${arg.name}:)`, description: arg.description };
      }
    }
  }
}

const everything = types.flatMap((type) => [...everythingOf(type)]);

test('every type, field, argument and value is described in a sentence of at least three words', () => {
  // It is shown where people look for help: in GraphiQL, and in the editor of whoever writes a client.
  const isSentence = /^["`\p{Lu}]\S*( \S+){2,}\.$/u;
  const undescribed = everything.filter(({ description }) => !isSentence.test(description ?? ''));
  expect(undescribed).toEqual([]);
});
