import { type GraphQLField, type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.ts';

// https://relay.dev/graphql/connections.htm and https://relay.dev/graphql/objectidentification.htm

const objectTypes = Object.values(schema.getTypeMap()).filter(isObjectType);
const connections = objectTypes.filter(({ name }) => name.endsWith('Connection'));

function fieldOf(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> {
  const field = type.getFields()[name];
  if (field === undefined) throw new Error(`${type.name} has no field "${name}".`);
  return field;
}

function edgeOf(connection: GraphQLObjectType): GraphQLObjectType {
  const edge = getNamedType(fieldOf(connection, 'edges').type);
  if (!isObjectType(edge)) throw new Error(`${edge.name} is not an object type.`);
  return edge;
}

test('there are connections', () => {
  expect(connections.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['SourceConnection', 'LogEntryConnection']),
  );
});

describe.each(connections.map((type) => [type.name, type] as const))('%s', (name, connection) => {
  const edge = edgeOf(connection);
  const node = fieldOf(edge, 'node').type;

  test('has edges with a node and a cursor, the nodes alone, and pageInfo; none of them is null', () => {
    const prefix = name.replace(/Connection$/, '');
    expect(String(fieldOf(connection, 'edges').type)).toBe(`[${prefix}Edge!]!`);
    expect(String(fieldOf(connection, 'nodes').type)).toBe(`[${node}]!`);
    expect(String(fieldOf(connection, 'pageInfo').type)).toBe('PageInfo!');
    expect(String(node)).toMatch(/!$/);
    expect(String(fieldOf(edge, 'cursor').type)).toMatch(/^(String|Cursor)!$/);
  });

  test('is asked for with first and after, or last and before, in cursors as it gives them', () => {
    const cursor = String(fieldOf(edge, 'cursor').type).replace('!', '');
    const fields = objectTypes.flatMap((type) => Object.values(type.getFields()));
    const paging = fields
      .filter(({ type }) => getNamedType(type) === connection)
      .map(({ args }) => Object.fromEntries(args.map((arg) => [arg.name, String(arg.type)])));
    expect(paging).not.toEqual([]);
    for (const args of paging) expect(args).toMatchObject({ first: 'Int', after: cursor, last: 'Int', before: cursor });
  });
});

test('pageInfo says whether there is more in either direction, and from where to go on', () => {
  const fields = Object.values(objectTypes.find(({ name }) => name === 'PageInfo')?.getFields() ?? {});
  expect(Object.fromEntries(fields.map(({ name, type }) => [name, String(type)]))).toEqual({
    hasNextPage: 'Boolean!',
    hasPreviousPage: 'Boolean!',
    startCursor: 'String',
    endCursor: 'String',
  });
});

test('what has an id is a Node, and can be fetched again by it', () => {
  // What is gone, and what is a part of a report and fetched with it.
  const others = ['SourceRemoved', 'LogPattern'];
  const withId = objectTypes.filter((type) => type.getFields().id !== undefined && !others.includes(type.name));
  for (const type of withId) {
    expect(
      type.getInterfaces().map(({ name }) => name),
      type.name,
    ).toContain('Node');
    expect(String(fieldOf(type, 'id').type)).toBe('ID!');
  }
  const query = schema.getQueryType();
  if (!query) throw new Error('There is no query type.');
  expect(String(fieldOf(query, 'node').type)).toBe('Node');
  expect(String(fieldOf(query, 'nodes').type)).toBe('[Node]!');
});
