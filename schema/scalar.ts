import { GraphQLError, type ValueNode, valueFromASTUntyped } from 'graphql';
import type { JsonValue } from '../src/entry.ts';
import { builder } from './builder.ts';

const timestamp = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Times before the year 0 or after 9999 cannot be written in RFC 3339, and no log has them. */
const [earliest, latest] = [Date.parse('0000-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')];

builder.scalarType('DateTime', {
  description:
    'A moment as RFC 3339, always UTC with milliseconds in answers: `2026-11-21T10:50:54.123Z`. Inputs may have any offset; what is finer than a millisecond is cut.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  serialize: (value) => {
    const ms = value instanceof Date ? value.getTime() : value;
    return new Date(Math.min(Math.max(Math.trunc(ms), earliest), latest)).toISOString();
  },
  parseValue: (value) => {
    const date = typeof value === 'string' && timestamp.test(value) ? new Date(value) : new Date(Number.NaN);
    if (Number.isNaN(date.getTime())) throw malformed('DateTime', 'such as "2026-11-21T10:50:54.123Z"');
    return date;
  },
});

builder.scalarType('BigInt', {
  description:
    'A whole number of any size (bytes, offsets, counts), as a decimal string in answers, however small. Inputs may be numbers too.',
  serialize: (value) => value.toString(),
  parseValue: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    if (typeof value === 'string' && /^-?\d{1,40}$/.test(value)) return BigInt(value);
    throw malformed('BigInt', 'such as "42"');
  },
  parseLiteral: (node) => {
    if ((node.kind === 'IntValue' || node.kind === 'StringValue') && /^-?\d{1,40}$/.test(node.value)) {
      return BigInt(node.value);
    }
    throw malformed('BigInt', 'such as "42"');
  },
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => json(value),
  parseLiteral: (node: ValueNode, variables) => json(valueFromASTUntyped(node, variables)),
});

builder.scalarType('Cursor', {
  description:
    'A position in one or several logs: opaque, URL-safe, and exact. It stays good over rotations and restarts of the server, and for as long as the bytes it stands for exist.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string') throw malformed('Cursor', 'as you received it, a string');
    return value;
  },
});

function malformed(type: string, example: string): GraphQLError {
  return new GraphQLError(`Expected a ${type} ${example}.`, { extensions: { code: 'BAD_USER_INPUT' } });
}

function json(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(json);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, json(item)]));
  }
  throw malformed('JSON', 'value');
}
