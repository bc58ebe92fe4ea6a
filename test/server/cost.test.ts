import { buildSchema, getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.ts';
import { costOf } from '../../server/cost.ts';
import { startTestServer } from '../support/server.ts';
import { transports } from '../support/transport.ts';

const cost = (source: string, variableValues = {}) => costOf({ schema, document: parse(source), variableValues });

describe('the cost of an operation', () => {
  test.each([
    ['{ server { version } limits { maxPageSize } }', {}, 4],
    ['{ sources { totalCount nodes { name } } }', {}, 20 + 50 * 3],
    ['{ sources(first: 3) { nodes { name } } }', {}, 20 + 3 * 2],
    ['query ($n: Int) { sources(last: $n) { nodes { name } } }', { n: 1000 }, 20 + 1000 * 2],
    ['{ sources(last: 1) { nodes { segments { name } } } }', {}, 20 + (1 + 1 + 10)],
    ['{ sources(last: 2) { nodes { ...A } } } fragment A on Source { name ...B } fragment B on Source { id }', {}, 26],
    ['{ logEntry(cursor: "x") { surrounding(before: 3, after: 4) { before { raw } } } }', {}, 1 + 20 + 7 * 2],
    ['{ nodes(ids: ["a", "b"]) { id } }', {}, 20 + 2],
    ['subscription { logTail(sources: []) { ... on LogBatch { cursor entries { raw } } } }', {}, 20 + 200 * 3],
    ['subscription { logTail(sources: [], delivery: { maxBatch: 7 }) { __typename } }', {}, 20 + 7],
  ])('%s %o is %i', (source, variables, expected) => {
    expect(cost(source, variables)).toBe(expected);
  });

  test('multiplies over pages in pages', () => {
    const nested = '{ sources { nodes { entries { nodes { source { entries { nodes { raw } } } } } } } }';
    expect(cost(nested)).toBeGreaterThan(100_000);
  });

  test('is counted in no time where fragments double each other', () => {
    const fragments = Array.from({ length: 200 }, (_, i) => `fragment F${i} on Source { ...F${i + 1} ...F${i + 1} }`);
    expect(cost(`{ source(by: { name: "a" }) { ...F0 } } ${fragments.join('\n')} fragment F200 on Source { id }`)).toBe(
      2 ** 200 + 1,
    );
  });

  test('lets introspection through, as every tool asks for it', () => {
    expect(cost(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }))).toBeLessThan(100_000);
  });

  test('is not what tells that arguments are wrong', () => {
    const strict = buildSchema('type Query { pages(first: Int!, last: Int): [Query!]! }');
    expect(costOf({ schema: strict, document: parse('{ pages(first: "x") { __typename } }') })).toBe(20 + 50);
  });
});

test.each(Object.entries(transports))(
  'more than the limit is refused over %s, and the limit is accepted',
  async (_, ask) => {
    const server = await startTestServer({ files: { 'a.log': 'one\n' }, limits: { maxCost: 140 } });
    const page = (count: number) => `{ sources(first: ${count}) { nodes { name } } }`;
    expect((await ask(server, { query: page(60) })).errors).toBeUndefined();
    expect((await ask(server, { query: page(61) })).errors).toMatchObject([
      { message: expect.stringContaining('142 fields, and the limit is 140'), extensions: { code: 'LIMIT_REACHED' } },
    ]);
    await server.stop();
  },
);
