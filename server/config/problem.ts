import type { z } from 'zod';
import { redact } from '../redact.ts';
import { keysOf, schemaAt, type ValueSchema } from './key.ts';
import type { Layer } from './layer.ts';
import { suggestion } from './near.ts';
import { nameOf, type Path, valueAt } from './tree.ts';

export type Issue = z.core.$ZodIssue;

/** What a value should be, said for people. */
function expectation(schema: ValueSchema, isFraction: boolean): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  switch (schema.type) {
    case 'integer':
      return `a ${isFraction ? 'whole ' : ''}number from ${schema.minimum} to ${schema.maximum}`;
    case 'array':
      return 'a list';
    case 'object':
      return schema.required === undefined ? 'a mapping' : `a mapping with ${schema.required.join(', ')}`;
    default:
      return schema.minLength === undefined ? 'text' : 'text that is not empty';
  }
}

/**
 * What is there instead. Not shown: what may hold a secret, and text where a list or mapping belongs, which may be a
 * secret gone astray.
 */
function seen(value: unknown, schema: ValueSchema): string {
  if (schema.secrecy !== undefined) return '';
  if (value === undefined || value === null) return ', saw nothing';
  if (Array.isArray(value)) return ', saw a list';
  if (typeof value === 'object') return ', saw a mapping';
  if (typeof value !== 'string') return `, saw ${value}`;
  if (schema.type === 'object' || schema.type === 'array') return ', saw text';
  const text = redact(value);
  return `, saw ${JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)}`;
}

function unknownKey(path: Path, key: string, layer: Layer, root: ValueSchema): string {
  const keyPath = [...path, key];
  const siblings = Object.keys(schemaAt(root, path)?.properties ?? {});
  const elsewhere = keysOf(root).find(({ path: other }) => other.at(-1) === key);
  const meant = elsewhere === undefined ? suggestion(key, siblings) : `; did you mean "${elsewhere.name}"?`;
  return `${layer.placeOf(keyPath, 'key')}: ${nameOf(keyPath)}: unknown key${meant}`;
}

/** One line for each thing that is wrong: where, which key, what is expected, and what is there instead. */
export function problemsOf(issue: Issue, layer: Layer, root: ValueSchema): string[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, layer, root));

  const schema = schemaAt(root, path) ?? {};
  const value = valueAt(layer.values, path);
  const isGeneric = ['invalid_type', 'invalid_value', 'too_small', 'too_big'].includes(issue.code);
  const expected = isGeneric ? expectation(schema, typeof value === 'number' && value % 1 !== 0) : issue.message;
  const options = (schema.enum ?? []).map(String);
  const meant = typeof value === 'string' ? suggestion(value, options) : '';
  const name = path.length === 0 ? '' : `${nameOf(path)}: `;
  return [`${layer.placeOf(path, 'value')}: ${name}expected ${expected}${seen(value, schema)}${meant}`];
}
